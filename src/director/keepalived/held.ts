import type { Cluster } from '../../cluster/cluster.js';
import type { Event } from '../../state/events.js';
import type { Moment } from '../../state/moment.js';
import { StateFailure } from '../../state/failure.js';
import { readHeld, writeHeld } from '../../state/held.js';
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
  // Before anything is applied keepalived may run by what `configure` has made.
  if (current && current.cluster.checker !== 'keepalived') return running;
  const keepalived = await askKeepalived(ports);
  const held = await heldBy(keepalived, ports, current?.cluster, running.overlay);
  return { ...running, keepalived, held, overlay: withHolds(running.overlay, held) };
}

/**
 * Keeps what keepalived has said, for when it can be asked no more. A disk that is full keeps nobody from anything.
 *
 * @param tell is given the deaths and returns since it was kept last, before it is: killed in between, they are told twice
 */
export async function keepHeld(
  { files }: Pick<Ports, 'files'>,
  { keepalived, held, current }: Running & Checked,
  tell: (events: readonly Event[]) => Promise<void>,
): Promise<void> {
  if (keepalived?.state !== 'answers' || !held) return;
  try {
    const kept = await readHeld(files);
    if (kept?.size === held.size && [...held].every(at => kept.has(at))) return;
    // What was found before anything ran is no news. Since then, or since the boot, it may be that nobody could ask yet.
    if (current) await tell(turned(current.cluster, kept ?? NONE, held));
    await writeHeld(files, held);
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
  }
}

/** What has become of servers of the cluster. Nothing is kept of it: keepalived itself knows who is dead. */
function turned(cluster: Cluster, before: Held, now: Held): Event[] {
  return explain(cluster).flatMap(({ key: service, servers }) =>
    servers.flatMap(({ key: server }): Event[] => {
      const at = { service, server };
      const isHeld = now.has(place(at));
      if (isHeld === before.has(place(at))) return [];
      return [{ ...at, event: isHeld ? 'down' : 'up', cause: 'keepalived' }];
    }),
  );
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
  cluster: Cluster | undefined,
  overlay: Overlay,
): Promise<Held> {
  if ('judgements' in keepalived && keepalived.judgements) return heldIn(keepalived.judgements);
  // Never configured, it has taken nothing out.
  const isStrange =
    !cluster || (keepalived.state === 'absent' && !(await ports.files.look(cluster.keepalived.config)));
  if (isStrange) return NONE;
  return suspected(await readTable(ports), cluster, overlay, await readHeld(ports.files));
}

/** By keepalived's own word. */
export function heldIn(judgements: Judgements): Held {
  return new Set(
    [...judgements.values()].flatMap(servers => [...servers].flatMap(([at, one]) => (one.alive ? [] : at))),
  );
}

/**
 * By the table: of the services that it has, what it lacks and what is at weight 0, and should not be.
 *
 * @param known what was held down a while ago, and is where it is still out
 */
export function suspected(
  { services }: Pick<Table, 'services'>,
  cluster: Cluster,
  overlay: Overlay,
  known: Held = NONE,
): Held {
  const live = new Map(services.map(one => [serviceKey(one.key), one]));
  const held = new Set<string>();
  const tables = desired(cluster, overlay).services;
  for (const [index, { key, service, servers }] of explain(cluster, overlay).entries()) {
    const there = live.get(key);
    const identityOf = (server: Parameters<typeof serverIdentity>[1]): string =>
      serverIdentity(tables[index]!.key, server);
    const weights = new Map(there?.servers.map(one => [identityOf(one), one.weight]));
    for (const { entry, key: server } of servers) {
      const weight = entry && weights.get(identityOf(entry));
      const at = place({ service: key, server });
      // A table that is lost is filled, but for those.
      if (!there) {
        if (known.has(at)) held.add(at);
        continue;
      }
      const isMeant = entry === undefined || entry.weight === 0;
      const isQuiet = weight === 0 && isInhibited(service) && (!isMeant || known.has(at));
      if (weight === undefined || isQuiet) held.add(at);
    }
  }
  return held;
}
