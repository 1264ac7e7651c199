import { serviceKey } from '../cluster/naming.js';
import type { Cluster } from '../cluster/cluster.js';
import { writeHeard } from '../state/alert.js';
import { deadlines, next } from '../state/deadlines.js';
import type { Event } from '../state/events.js';
import { writeHealth } from '../state/health.js';
import { settled } from '../state/inbox.js';
import { recording } from '../state/replay.js';
import type { Table } from '../table/table.js';
import { placeOf } from './ask.js';
import { type Door, keep, note } from './door.js';
import { KernelFailure } from './failure.js';
import { CHECKER, type Told } from './hear.js';
import { readTable } from './kernel.js';
import { type Hearer, type Running, targetFor } from './running.js';
import { accountsOf } from './tell.js';
import { setTimer } from './timer.js';

/**
 * Does what the waiting alerts ask for, all of them at once. The table comes first, then the journal, then the file of
 * what was found, and the alerts go last: killed in between, the next run finds the same alerts, which told twice mean
 * the same. Until then whoever reads the state counts them as heard.
 *
 * @throws StateFailure, KernelFailure: then they wait on
 */
export async function settleAlerts(door: Door, running: Hearer): Promise<void> {
  const { ports, stamp } = door;
  const { current, health, waiting } = running;
  const { before, heard, taken, told } = waiting;
  await wakeForRises(door, running);
  if (current && current.cluster.checker !== 'keepalived') {
    const table = await readTable(ports);
    const why = { event: 'changed', cause: CHECKER } as const;
    // A director that was stopped, or is not started yet, gets its table from `director start`.
    if (isLoaded(table, current.cluster))
      await keep(door, current.number, targetFor(current.cluster, running), table, why);
  }
  await note(door, recording(eventsOf(running, told), { ...running, health: before }, running));
  if (health !== before) await writeHealth(ports.files, health);
  await writeHeard(ports.files, heard, stamp.now);
  await settled(ports.files, taken);
}

/** Whether any service of what runs is in the table. */
function isLoaded({ services }: Table, cluster: Cluster): boolean {
  const there = new Set(services.map(({ key }) => serviceKey(key)));
  return cluster.services.some(({ virtual }) => there.has(serviceKey(virtual)));
}

function eventsOf({ current, overlay }: Running, told: readonly Told[]): Event[] {
  if (!current) return [];
  const sentences = new Map(
    accountsOf(current.cluster, overlay, told).flatMap(({ servers }) => [...servers]),
  );
  return told.flatMap(({ alert, effects }) =>
    effects.flatMap(({ placed, what }): Event[] => {
      if (what !== 'down' && what !== 'up') return [];
      const after = sentences.get(placed.server);
      const reason = alert.finding === 'startup' ? 'it has started' : alert.reason;
      const cause = reason === undefined ? CHECKER : `${CHECKER}: ${reason}`;
      return [{ event: what, cause, ...placeOf(placed), ...(after === undefined ? {} : { after }) }];
    }),
  );
}

/** The weight of a server that returns rises by itself. Without a timer it is back all the same, with its first share. */
async function wakeForRises(door: Door, running: Hearer): Promise<void> {
  const { now } = door.stamp;
  const known = new Set(running.waiting.before.rising);
  if (running.health.rising.every(one => known.has(one))) return;
  const wait = next(deadlines(running, now), now);
  if (wait === undefined) return;
  await setTimer(door.waker, door.ports, wait).catch((error: unknown) => {
    if (!(error instanceof KernelFailure)) throw error;
    door.warn(`${error.message}: weights rise with the next change only`);
  });
}
