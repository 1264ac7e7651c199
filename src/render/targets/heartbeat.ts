import type { Cluster } from '../../cluster/cluster.js';
import { seconds } from '../../cluster/duration.js';
import { type DirectorInput, type Output, SECRET, SETTINGS } from '../output.js';
import { PLACES } from '../places.js';
import { align } from '../text.js';

/** A pair of directors watched over by heartbeat: the same files on both. */
export function heartbeatTarget(input: DirectorInput): Output[] {
  const { cluster, failoverKey, tree } = input;
  if (cluster.failover.by !== 'heartbeat') return [];
  const file = (path: string, name: string, view: object): Output => ({
    kind: 'file',
    path,
    mode: SETTINGS,
    template: `heartbeat/${name}.hbs`,
    view,
  });
  const hosts = {
    mode: SETTINGS,
    template: 'heartbeat/hosts.hbs',
    view: { hosts: hostLines(cluster) },
  };
  return [
    file(PLACES.haCf, 'ha.cf', settingsView(input)),
    file(PLACES.haResources, 'haresources', { primary: cluster.directors[0]?.name ?? null }),
    // A dry run has no key yet: it can only say that the file would be made.
    failoverKey === undefined
      ? { kind: 'key', path: PLACES.authKeys, content: undefined }
      : authKeys(cluster, failoverKey),
    { kind: 'key', path: cluster.failover.keyFile, content: failoverKey },
    { kind: 'link', path: PLACES.heartbeatLink, target: PLACES.directorScript },
    tree
      ? { kind: 'file', path: PLACES.hostsFragment, ...hosts }
      : { kind: 'block', path: PLACES.hosts, ...hosts },
  ];
}

function settingsView({ cluster, director }: DirectorInput): object {
  const { heartbeat, links, preempt } = cluster.failover;
  const device = (director ?? cluster.directors[0])?.interface;
  return {
    keepalive: time(heartbeat.keepalive),
    warntime: time(heartbeat.warntime),
    deadtime: time(heartbeat.deadtime),
    initdead: time(heartbeat.initdead),
    udpPort: heartbeat.udpPort,
    links: links.length > 0 ? links : device === undefined ? [] : [device],
    preempt,
    nodes: cluster.directors.map(one => one.name),
  };
}

/** Whole seconds are heartbeat's bare numbers; it has no decimals. */
function time(ms: number): string {
  return ms % 1000 === 0 ? seconds(ms) : `${ms}ms`;
}

function authKeys({ failover }: Cluster, key: string): Output {
  return {
    kind: 'file',
    path: PLACES.authKeys,
    mode: SECRET,
    template: 'heartbeat/authkeys.hbs',
    view: { key, keyFile: failover.keyFile },
    secret: true,
  };
}

function hostLines({ directors }: Cluster): string[] {
  const named = directors.flatMap(({ name, address, address6 }) =>
    [address, address6].filter(one => one !== undefined).map(one => [one, name]),
  );
  return align(named);
}
