import type { Cluster } from '../cluster/cluster.js';
import { type Deadline, deadlines } from '../state/deadlines.js';
import type { Intent } from '../state/intent.js';
import { readIntent } from '../state/intent.js';
import { isDue, type Moment, momentNow, shown } from '../state/moment.js';
import type { Ports } from '../system/ports.js';
import type { Place } from '../table/overlay.js';
import { type Known, type Seen, tableStatus, type TableStatus } from '../table/status.js';
import { checkerHere, type CheckerState, checkerState } from './checker-state.js';
import { KernelFailure } from './failure.js';
import { readCounters, readLive } from './kernel.js';
import { directorRole, type Role } from './role.js';
import { readChecked } from './keepalived/held.js';
import { type Running, targetFor } from './running.js';

/** All that there is to know of a director, at one moment. */
export interface Survey {
  readonly now: Moment;
  readonly running: Running;
  /** A change that has begun. */
  readonly intent: Intent | undefined;
  readonly table: TableStatus;
  /** Absent where nothing runs, or it cannot be found out. */
  readonly role?: SeenRole;
  /** The checker of what runs, where it has to run on this host. */
  readonly checker?: CheckerState;
}

export interface SeenRole extends Role {
  /** Without failover each director is active. */
  readonly isAlone: boolean;
}

/**
 * Looks, without the lock: it waits for nobody and settles nothing. What has come due counts as settled.
 *
 * @param counters which of the kernel's counters are wanted; each costs a dump of the table
 * @throws StateFailure, KernelFailure
 */
export async function survey(
  ports: Ports,
  warn: (text: string) => void,
  counters: readonly ('stats' | 'rate')[],
): Promise<Survey> {
  const { files, clock } = ports;
  const now = await momentNow(files, clock);
  const running = await readChecked(ports, now, warn);
  const intent = await readIntent(files);
  const name = checkerHere(running.current?.cluster, ports.net);
  const [{ table, activity }, role, checker, stats, rates] = await Promise.all([
    readLive(ports),
    running.current && roleOf(running.current.cluster, ports, warn),
    name && checkerState(ports, name),
    counters.includes('stats') ? readCounters(ports, 'stats') : undefined,
    counters.includes('rate') ? readCounters(ports, 'rate') : undefined,
  ]);
  const seen: Seen = { ...table, activity, ...(stats ? { stats } : {}), ...(rates ? { rates } : {}) };
  return {
    now,
    running,
    intent,
    table: tableStatus(seen, known(running)),
    ...(role ? { role } : {}),
    ...(checker ? { checker } : {}),
  };
}

/** A table without the role is better than neither. */
async function roleOf(
  cluster: Cluster,
  ports: Ports,
  warn: (text: string) => void,
): Promise<SeenRole | undefined> {
  try {
    return { ...(await directorRole(cluster, ports)), isAlone: cluster.failover.by === 'none' };
  } catch (error) {
    if (!(error instanceof KernelFailure)) throw error;
    warn(`whether this director is active is unknown: ${error.message}`);
    return undefined;
  }
}

/** What runs; undefined where nothing does. @throws StateFailure */
export function known(running: Running): Known | undefined {
  const { current, overlay } = running;
  return current && { cluster: current.cluster, overlay, ...targetFor(current.cluster, running) };
}

/** Something that comes by itself. */
export interface ToCome extends Partial<Place> {
  readonly what: Deadline['what'];
  /** ISO 8601. */
  readonly due: string;
  /** Nothing has settled it yet. */
  readonly overdue: boolean;
  readonly generation?: number;
}

/** What is to come, the first first. */
export function coming({ now, running }: Pick<Survey, 'now' | 'running'>): ToCome[] {
  return deadlines(running, now)
    .map(one => ({
      what: one.what,
      due: shown(one.due, now),
      overdue: isDue(one.due, now),
      ...('at' in one ? one.at : {}),
      ...('generation' in one ? { generation: one.generation } : {}),
    }))
    .toSorted((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : 0));
}
