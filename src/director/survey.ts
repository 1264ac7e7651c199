import { deadlines } from '../state/deadlines.js';
import type { Intent } from '../state/intent.js';
import { readIntent } from '../state/intent.js';
import { type Moment, momentNow, shown } from '../state/moment.js';
import type { Ports } from '../system/ports.js';
import { type Known, type Seen, tableStatus, type TableStatus } from '../table/status.js';
import { readCounters, readLive } from './kernel.js';
import { readRunning, type Running } from './running.js';

/** All that there is to know of a director, at one moment. */
export interface Survey {
  readonly now: Moment;
  readonly running: Running;
  /** A change that has begun. */
  readonly intent: Intent | undefined;
  readonly table: TableStatus;
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
  const running = await readRunning(files, now, warn);
  const intent = await readIntent(files);
  const [{ table, activity }, stats, rates] = await Promise.all([
    readLive(ports),
    counters.includes('stats') ? readCounters(ports, 'stats') : undefined,
    counters.includes('rate') ? readCounters(ports, 'rate') : undefined,
  ]);
  const seen: Seen = { table, activity, ...(stats ? { stats } : {}), ...(rates ? { rates } : {}) };
  return { now, running, intent, table: tableStatus(seen, known(running)) };
}

/** What runs; undefined where nothing does. */
export function known({ current, overlay }: Running): Known | undefined {
  return current && { cluster: current.cluster, overlay };
}

/** What is to come by itself, the first first, each with its time in ISO 8601. */
export function coming({ now, running }: Pick<Survey, 'now' | 'running'>): {
  readonly what: string;
  readonly due: string;
  readonly generation?: number;
  readonly service?: string;
  readonly server?: string;
}[] {
  return deadlines(running, now)
    .map(one => ({
      what: one.what,
      due: shown(one.due, now),
      ...('at' in one ? one.at : { generation: one.generation }),
    }))
    .toSorted((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : 0));
}
