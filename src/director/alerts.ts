import { serverKey, serviceKey } from '../cluster/naming.js';
import type { Cluster } from '../cluster/cluster.js';
import { type Alert, writeHeard } from '../state/alert.js';
import { deadlines, next, type Timed } from '../state/deadlines.js';
import type { Event } from '../state/events.js';
import { writeHealth } from '../state/health.js';
import { settled } from '../state/inbox.js';
import type { Moment } from '../state/moment.js';
import { type Change, tellable, writeNotices } from '../state/notices.js';
import { recording } from '../state/replay.js';
import { staging } from '../state/staging.js';
import type { Table } from '../table/table.js';
import { placeOf } from './ask.js';
import { type Door, keep, note } from './door.js';
import { KernelFailure } from './failure.js';
import { CHECKER, type Effect, type Told } from './hear.js';
import { readTable } from './kernel.js';
import { isAnyoneTold, post } from './notify.js';
import { type Hearer, type Running, targetFor } from './running.js';
import { outcomesOf } from './tell.js';
import { setTimer } from './timer.js';

/**
 * Does what the waiting alerts ask for, all of them at once. The table comes first, then messages, then the journal,
 * then the file of what was found, and the alerts go last: killed in between, the next run finds the same alerts, which told twice mean
 * the same. Until then whoever reads the state counts them as heard.
 *
 * @throws StateFailure, KernelFailure: then they wait on
 */
export async function settleAlerts(door: Door, running: Hearer): Promise<void> {
  const { ports, stamp } = door;
  const { current, health, waiting } = running;
  const { before, heard, taken, told } = waiting;
  const { messages, notices } = tellable(running.notices, changesOf(running, told, stamp.now), stamp.now);
  await wakeForNew(door, { ...running, health: before }, { ...running, notices });
  if (current && current.cluster.checker !== 'keepalived') {
    const table = await readTable(ports);
    const why = { event: 'changed', cause: CHECKER } as const;
    // A director that was stopped, or is not started yet, gets its table from `director start`.
    if (isLoaded(table, current.cluster))
      await keep(door, current.number, targetFor(current.cluster, running), table, why);
  }
  // Where /run is full the journal would have the same once more with each try.
  const { files, commit } = staging(ports.files);
  if (notices.length + running.notices.length > 0) await writeNotices(files, notices);
  if (health !== before) await writeHealth(files, health);
  await writeHeard(files, heard, stamp.now);
  // Before the health, from which on an alert that is heard again is nothing new: rather told twice than never.
  if (current) await post(ports, stamp.host, current.cluster.notify, messages);
  await note(door, recording(eventsOf(running, told), { ...running, health: before }, running));
  await commit();
  await settled(ports.files, taken);
}

/** Whether any service of what runs is in the table. */
function isLoaded({ services }: Table, cluster: Cluster): boolean {
  const there = new Set(services.map(({ key }) => serviceKey(key)));
  return cluster.services.some(({ virtual }) => there.has(serviceKey(virtual)));
}

const EVENT_OF: Readonly<Partial<Record<Effect['what'], Event['event']>>> = {
  down: 'down',
  still: 'down',
  up: 'up',
  rechecked: 'rechecked',
};

function eventsOf({ current, overlay }: Running, told: readonly Told[]): Event[] {
  if (!current) return [];
  const outcomes = outcomesOf(current.cluster, overlay, told);
  return told.flatMap(({ alert, effects }) =>
    effects.flatMap((effect): Event[] => {
      const { placed, what } = effect;
      const event = EVENT_OF[what];
      if (!event) return [];
      const [after] = what === 'still' ? ['still dead'] : (outcomes.get(effect) ?? []);
      return [
        { event, cause: causeOf(alert), ...placeOf(placed), ...(after === undefined ? {} : { after }) },
      ];
    }),
  );
}

function causeOf({ finding, reason }: Alert): string {
  const why = finding === 'startup' ? 'it has started' : reason;
  return why === undefined ? CHECKER : `${CHECKER}: ${why}`;
}

/** What there is to tell, by the key of the service; nothing where nobody is to be told. */
function changesOf({ current, overlay }: Running, told: readonly Told[], now: Moment): Map<string, Change[]> {
  const changes = new Map<string, Change[]>();
  if (!current || !isAnyoneTold(current.cluster.notify)) return changes;
  const outcomes = outcomesOf(current.cluster, overlay, told);
  for (const { alert, effects } of told)
    for (const effect of effects) {
      const { placed, what } = effect;
      const outcome = outcomes.get(effect);
      if (!outcome || (what !== 'down' && what !== 'up')) continue;
      const { service, server } = placed;
      const text = outcome.map(one => `${service.name}: ${one}`);
      const names = { service: service.name, server: serverKey(server) };
      const key = serviceKey(service.virtual);
      const change = { time: now.at, ...names, event: what, cause: causeOf(alert), text };
      changes.set(key, [...(changes.get(key) ?? []), change]);
    }
  return changes;
}

/**
 * Weights that begin to rise, and what is held back, have their time. Without a timer the server is back all the same,
 * with its first share.
 */
async function wakeForNew(door: Door, before: Timed, after: Timed): Promise<void> {
  const { now } = door.stamp;
  const known = new Set(deadlines(before, now).map(one => JSON.stringify(one)));
  const all = deadlines(after, now);
  if (all.every(one => known.has(JSON.stringify(one)))) return;
  await setTimer(door.waker, door.ports, next(all, now)!).catch((error: unknown) => {
    if (!(error instanceof KernelFailure)) throw error;
    door.warn(`${error.message}: what comes due waits for the next run of lvsctl`);
  });
}
