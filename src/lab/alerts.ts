import type { Cluster } from '../cluster/cluster.js';
import { serverKey } from '../cluster/naming.js';
import type { Host } from './lab.js';

export type AlertKind = 'startup' | 'failure' | 'up';

/** How lvs.alert called lvsctl: the words, without the program's name. */
export interface Alert {
  readonly kind: string;
  readonly words: readonly string[];
  /** The first line of what it was given. */
  readonly input: string;
}

const RECORDS = '/tmp/alerts';

/** Writes down how it was called, a line in one go, since alerts come together. */
const RECORDER = `#!/bin/sh
line=$MON_ALERTTYPE
for word; do line="$line|$word"; done
printf '%s\\n' "$line|$(head -n 1)" >>${RECORDS}
`;

/** Puts a stand-in for lvsctl on a director, which only writes down what lvs.alert wants of it. */
export async function recordAlerts(director: Host): Promise<void> {
  await director.sh('cat >/usr/local/bin/lvsctl && chmod 755 /usr/local/bin/lvsctl', RECORDER);
}

/** All alerts of a kind so far. */
export async function alertsOf(director: Host, kind: AlertKind): Promise<Alert[]> {
  const { stdout } = await director.run(`grep '^${kind}|' ${RECORDS}`);
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [found = '', ...rest] = line.split('|');
      return { kind: found, words: rest.slice(0, -1), input: rest.at(-1) ?? '' };
    });
}

/** Forgets them. */
export async function forgetAlerts(director: Host): Promise<void> {
  await director.sh(`: >${RECORDS}`);
}

/** The trailing arguments of alerts, which say which entry of the table is meant: `SERVICE SERVER`, sorted, each once. */
export async function alertedSubjects(director: Host, kind: AlertKind): Promise<string[]> {
  return [...new Set((await alertsOf(director, kind)).map(subjectOf))].toSorted();
}

export function subjectOf({ words }: Alert): string {
  return words.slice(-2).join(' ');
}

/** What can be the subject of an alert: every server of every service that is checked. */
export function checkedSubjects(cluster: Cluster): string[] {
  return cluster.services
    .filter(service => service.check.type !== 'none')
    .flatMap(service => service.servers.map(server => `${service.name} ${serverKey(server)}`));
}
