import type { Cluster } from '../cluster/cluster.js';
import { serverKey } from '../cluster/naming.js';
import { LVSCTL } from './acting.js';
import type { Host } from './lab.js';

export type AlertKind = 'startup' | 'failure' | 'up';

/** How lvs.alert called lvsctl: the words, without the program's name. */
export interface Alert {
  readonly kind: string;
  readonly words: readonly string[];
}

const RECORDS = '/tmp/alerts';

/**
 * Writes down how a director's alerts call lvsctl.
 *
 * @param then what is run after that, instead of nothing
 */
export async function recordAlerts(director: Host, then?: string): Promise<void> {
  // A line in one go, since alerts come together. What is given is for the one that is run.
  const text = `#!/bin/sh
if [ "$1" = alert ]; then
  line=$MON_ALERTTYPE
  for word; do line="$line|$word"; done
  printf '%s\\n' "$line" >>${RECORDS}
fi
${then === undefined ? '' : `exec ${then} "$@"\n`}`;
  await director.sh(`cat >${LVSCTL} && chmod 755 ${LVSCTL}`, text);
}

/** All alerts of a kind so far. */
async function alertsOf(director: Host, kind: AlertKind): Promise<Alert[]> {
  const { stdout } = await director.run(`grep '^${kind}|' ${RECORDS}`);
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [found = '', ...words] = line.split('|');
      return { kind: found, words };
    });
}

/** The trailing arguments of alerts, which say which entry of the table is meant: `SERVICE SERVER`, sorted, each once. */
export async function alertedSubjects(director: Host, kind: AlertKind): Promise<string[]> {
  return [...new Set((await alertsOf(director, kind)).map(subjectOf))].toSorted();
}

function subjectOf({ words }: Alert): string {
  return words.slice(-2).join(' ');
}

/** What can be the subject of an alert: every server of every service that is checked. */
export function checkedSubjects(cluster: Cluster): string[] {
  return cluster.services
    .filter(service => service.check.type !== 'none')
    .flatMap(service => service.servers.map(server => `${service.name} ${serverKey(server)}`));
}
