import type { Cluster } from '../../cluster/cluster.js';
import type { Moment } from '../../state/moment.js';
import type { Ports } from '../../system/ports.js';
import { desired } from '../../table/desired.js';
import { isInhibited, explain } from '../../table/explain.js';
import { type Overlay, place } from '../../table/overlay.js';
import { serverIdentity } from '../../table/identity.js';
import type { Table } from '../../table/table.js';
import { serviceKey } from '../../cluster/naming.js';
import { withHolds } from './holds.js';
import { readTable } from '../kernel.js';
import { readRunning, type Running } from '../running.js';
import { askKeepalived, type Keepalived } from './ask.js';
import type { Judgements } from './judgement.js';

/** Servers, by `place`, that keepalived has out of service. */
export type Held = ReadonlySet<string>;

const NONE: Held = new Set();

/** What runs, and what keepalived has made of it. */
export interface Checked {
  readonly keepalived?: Keepalived;
}

/**
 * Adds what keepalived holds down, where it is the checker of what runs.
 *
 * Its own word is the only one that tells a server that it has taken out from one that somebody else did. Where it cannot
 * be had, since its process is stopped or killed, nobody would take a dead server out again: so what is not in the table,
 * or has weight 0 there, and is meant to be, counts as held down.
 *
 * @throws KernelFailure
 */
export async function withHeld<T extends Running>(
  ports: Pick<Ports, 'files' | 'runner'>,
  running: T,
): Promise<T & Checked> {
  const { current } = running;
  if (current?.cluster.checker !== 'keepalived') return running;
  const keepalived = await askKeepalived(ports);
  const held = await heldBy(keepalived, ports, current.cluster, running.overlay);
  return { ...running, keepalived, held, overlay: withHolds(running.overlay, held) };
}

/** What runs, as `readRunning` has it, with that. @throws StateFailure, KernelFailure */
export async function readChecked(
  ports: Pick<Ports, 'files' | 'runner'>,
  now: Moment,
  warn: (text: string) => void,
): Promise<Running & Checked> {
  return await withHeld(ports, await readRunning(ports.files, now, warn));
}

async function heldBy(
  keepalived: Keepalived,
  ports: Pick<Ports, 'files' | 'runner'>,
  cluster: Cluster,
  overlay: Overlay,
): Promise<Held> {
  if ('judgements' in keepalived && keepalived.judgements) return heldIn(keepalived.judgements);
  // Never configured, it has taken nothing out.
  if (keepalived.state === 'absent' && !(await ports.files.look(cluster.keepalived.config))) return NONE;
  return suspected(await readTable(ports), cluster, overlay);
}

/** By keepalived's own word. */
export function heldIn(judgements: Judgements): Held {
  return new Set(
    [...judgements.values()].flatMap(servers => [...servers].flatMap(([at, one]) => (one.alive ? [] : at))),
  );
}

/** By the table: of the services that it has, what it lacks and what is at weight 0, and should not be. */
export function suspected({ services }: Pick<Table, 'services'>, cluster: Cluster, overlay: Overlay): Held {
  const live = new Map(services.map(one => [serviceKey(one.key), one]));
  const held = new Set<string>();
  const tables = desired(cluster, overlay).services;
  for (const [index, { key, service, servers }] of explain(cluster, overlay).entries()) {
    const there = live.get(key);
    if (!there) continue;
    const identityOf = (server: Parameters<typeof serverIdentity>[1]): string =>
      serverIdentity(tables[index]!.key, server);
    const weights = new Map(there.servers.map(one => [identityOf(one), one.weight]));
    for (const { entry, key: server } of servers) {
      const weight = entry && weights.get(identityOf(entry));
      const isOut = weight === undefined || (weight === 0 && entry!.weight > 0 && isInhibited(service));
      if (isOut) held.add(place({ service: key, server }));
    }
  }
  return held;
}
