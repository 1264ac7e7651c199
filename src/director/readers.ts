import type { Cluster } from '../cluster/cluster.js';
import { PLACES } from '../render/places.js';
import type { Daemon, RenewedFile } from '../table/renewed.js';

/** What each daemon reads again when it is told so. Programs that it starts anew each time are not among it. */
const READ: Readonly<Record<Daemon, (cluster: Cluster) => readonly string[]>> = {
  keepalived: ({ keepalived }) => [keepalived.config, PLACES.keepalivedFragment],
  mon: ({ mon }) => [mon.config],
  heartbeat: () => [],
};

/** The daemons whose files are among these, in the order in which they are told. */
export function readers(changed: readonly RenewedFile[], cluster: Cluster): Daemon[] {
  const has = among(changed);
  return (['keepalived', 'mon', 'heartbeat'] as const).filter(daemon => READ[daemon](cluster).some(has));
}

/** With the daemon without which it is no work. */
const HAND_WORK: readonly (readonly [paths: readonly string[], note: string, daemon?: Daemon])[] = [
  [
    // A restart of heartbeat moves resources, and both directors need the same files.
    [PLACES.haCf, PLACES.haResources, PLACES.authKeys],
    'heartbeat reads its files when it starts: once both directors have them, `/usr/libexec/heartbeat/heartbeat -r` on each restarts it and keeps its resources',
  ],
  [[PLACES.monDropIn], 'the unit of mon has changed: `systemctl restart mon` brings it about', 'mon'],
  [
    [PLACES.keepalivedDropIn],
    'the unit of keepalived has changed: `systemctl restart keepalived` brings it about',
    'keepalived',
  ],
  [
    [PLACES.realServerSettings],
    'this host is a real server, too: `lvsctl realserver-setup` brings its new settings about',
  ],
  [[PLACES.moduleOptions], 'options of kernel modules come with the next boot'],
];

/** What no signal brings about, a sentence each. */
export async function handWork(
  changed: readonly RenewedFile[],
  runs: (daemon: Daemon) => Promise<boolean>,
): Promise<string[]> {
  const has = among(changed);
  const notes: string[] = [];
  for (const [paths, note, daemon] of HAND_WORK)
    if (paths.some(has) && (!daemon || (await runs(daemon)))) notes.push(note);
  return notes;
}

function among(changed: readonly RenewedFile[]): (path: string) => boolean {
  const paths = new Set(changed.map(one => one.path));
  return path => paths.has(path);
}
