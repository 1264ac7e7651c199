import type { Cluster } from '../cluster/cluster.js';
import { serverKey } from '../cluster/naming.js';
import { shellQuote } from '../render/engine.js';
import { LVSCTL } from './acting.js';
import type { Host } from './lab.js';

export type AlertKind = 'startup' | 'failure' | 'up';

/** How mon called lvs.alert: the words, without the program's name. */
export interface Alert {
  readonly kind: string;
  readonly words: readonly string[];
}

const RECORDS = '/tmp/alerts';

/**
 * Writes down how a director's mon calls its alert.
 *
 * @param folder where mon has it
 * @param then what lvsctl is; absent: nothing
 */
export async function recordAlerts(director: Host, folder: string, then?: string): Promise<void> {
  const [first = ''] = folder.split(':');
  const [path, own] = [`${first}/lvs.alert`, `${first}/lvs.alert.own`].map(shellQuote) as [string, string];
  // A line in one go, since alerts come together. What is given is for the one that is run.
  const recorder = `#!/bin/sh
line=$MON_ALERTTYPE
for word; do line="$line|$word"; done
printf '%s\\n' "$line" >>${RECORDS}
exec ${own} "$@"
`;
  await director.sh(
    `grep -qF ${RECORDS} ${path} || mv ${path} ${own}; cat >${path} && chmod 755 ${path}`,
    recorder,
  );
  const lvsctl = `#!/bin/sh\n${then === undefined ? '' : `exec ${then} "$@"\n`}`;
  await director.sh(`cat >${LVSCTL} && chmod 755 ${LVSCTL}`, lvsctl);
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
