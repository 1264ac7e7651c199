import { serviceKey } from '../cluster/naming.js';
import { serverLine, serviceLine, timeoutsLine } from './format.js';
import { serverIdentity } from './identity.js';
import type { Table, TableKey, TableServer, TableService, Timeouts } from './table.js';

/** One step from a table to another. */
export type Change =
  | { readonly kind: 'add-service'; readonly service: TableService }
  | { readonly kind: 'add-server'; readonly key: TableKey; readonly server: TableServer }
  | { readonly kind: 'edit-service'; readonly before: TableService; readonly after: TableService }
  | {
      readonly kind: 'edit-server';
      readonly key: TableKey;
      readonly before: TableServer;
      readonly after: TableServer;
    }
  | { readonly kind: 'set-timeouts'; readonly before: Timeouts; readonly after: Timeouts }
  | { readonly kind: 'remove-server'; readonly key: TableKey; readonly server: TableServer }
  | { readonly kind: 'remove-service'; readonly service: TableService };

export interface Difference {
  /** In the order in which they can be made: what is added, what is edited, what goes. */
  readonly changes: readonly Change[];
  /** Services that are there, not wanted, and nobody's business. */
  readonly foreign: readonly TableService[];
}

/**
 * What leads from the live table to the wanted one. Within a wanted service all servers are ours: what is not wanted
 * there goes. Of the services that are not wanted only those that are `owned` go; the others are foreign.
 *
 * @param owned by `serviceKey`: whether a service is ours to remove
 */
export function difference(
  live: Table,
  wanted: Table,
  owned: (key: string) => boolean = () => false,
): Difference {
  const there = new Map(live.services.map(service => [serviceKey(service.key), service]));
  const added: Change[] = [];
  const edited: Change[] = [];
  const removed: Change[] = [];
  for (const after of wanted.services) {
    const key = serviceKey(after.key);
    const before = there.get(key);
    there.delete(key);
    if (!before) added.push({ kind: 'add-service', service: after });
    else if (serviceLine('-E', before) !== serviceLine('-E', after))
      edited.push({ kind: 'edit-service', before, after });
    servers(before, after, { added, edited, removed });
  }
  const after = wantedTimeouts(live.timeouts, wanted.timeouts);
  if (timeoutsLine({ timeouts: after }) !== timeoutsLine(live))
    edited.push({ kind: 'set-timeouts', before: live.timeouts, after });
  const others = [...there].map(([key, service]) => ({ service, ours: owned(key) }));
  for (const { service, ours } of others) if (ours) removed.push({ kind: 'remove-service', service });
  return {
    changes: [...added, ...edited, ...removed],
    foreign: others.filter(one => !one.ours).map(one => one.service),
  };
}

interface Lists {
  readonly added: Change[];
  readonly edited: Change[];
  readonly removed: Change[];
}

function servers(before: TableService | undefined, after: TableService, lists: Lists): void {
  const { key } = after;
  const there = new Map<string, TableServer>();
  for (const server of before?.servers ?? []) {
    const identity = serverIdentity(key, server);
    // Under a mark one server may be there with several ports, all of which do the same: one is enough.
    if (there.has(identity)) lists.removed.push({ kind: 'remove-server', key, server });
    else there.set(identity, server);
  }
  for (const server of after.servers) {
    const identity = serverIdentity(key, server);
    const old = there.get(identity);
    there.delete(identity);
    if (!old) {
      lists.added.push({ kind: 'add-server', key, server });
      continue;
    }
    // The kernel finds the server by the port that it has.
    const edit = { ...server, port: old.port };
    if (serverLine('-e', key, old) !== serverLine('-e', key, edit))
      lists.edited.push({ kind: 'edit-server', key, before: old, after: edit });
  }
  for (const server of there.values()) lists.removed.push({ kind: 'remove-server', key, server });
}

function wantedTimeouts(live: Timeouts, wanted: Timeouts): Timeouts {
  return {
    tcp: wanted.tcp || live.tcp,
    tcpFin: wanted.tcpFin || live.tcpFin,
    udp: wanted.udp || live.udp,
  };
}
