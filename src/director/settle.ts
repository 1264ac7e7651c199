import { deadlines, settle } from '../state/deadlines.js';
import { putAside } from '../state/documents.js';
import { failureText, StateFailure } from '../state/failure.js';
import { readGeneration } from '../state/generations.js';
import { type Event, numbers } from '../state/events.js';
import { writeHealth } from '../state/health.js';
import { removeIntent } from '../state/intent.js';
import { removeLingering } from '../state/lingering.js';
import { writeOperator } from '../state/operator.js';
import { recording } from '../state/replay.js';
import { type Door, move, note, planOf } from './door.js';
import { KernelFailure } from './failure.js';
import { readLive } from './kernel.js';
import type { Step } from '../table/plan.js';
import type { Table } from '../table/table.js';
import { machineChange } from './host/change.js';
import type { MachineChange } from '../table/machine.js';
import { beforeLvsctl, foundSince, type Ran, readRunning, type Running, targetFor } from './running.js';
import { stepEvents } from './step-events.js';
import type { Target } from './target.js';

/**
 * Settles what has come due: a trial that nobody has confirmed ends, drains begin and end, weights rise. The table
 * comes first, then the journal, then what is written down: killed in between, the next run finds the same still due, a
 * table that is right already, and says once more what it settles. What cannot be settled stays due, and keeps nobody from what else there is to do.
 *
 * @param unable is told of each that cannot be
 * @returns what then runs
 * @throws StateFailure where the state cannot be read
 */
export async function settleDue(
  door: Door,
  unable: (error: KernelFailure | StateFailure) => void = error =>
    door.warn(`what has come due is not settled: ${failureText(error)}`),
): Promise<Running> {
  const { files } = door.ports;
  const { now } = door.stamp;
  const read = (): Promise<Running> =>
    readRunning(
      files,
      now,
      text => door.warn(text),
      path => putAside(files, path),
    );
  const running = await read();
  const { due, back, operator, health } = settle(running, door.stamp);
  // The steps on the way up come due without a deadline that ends.
  const rises = deadlines(running, now).some(one => one.what === 'slow-start');
  if (due.length === 0 && !rises) return running;
  if (back !== undefined) {
    const ran = { ...running, current: running.current! };
    await attempt(door, unable, () => endTrial(door, ran, back));
  }
  const others = due.filter(one => one.what !== 'revert');
  if (others.length === 0 && !rises) return await read();
  await attempt(door, unable, async () => {
    await reconcile(door, await read(), 'its time');
    const events = others.map(one => ({
      event: one.what,
      cause: 'its time',
      ...('at' in one ? one.at : {}),
    }));
    await note(door, recording(events, running, { operator, health }));
    if (operator !== running.operator) await writeOperator(files, operator);
    if (health !== running.health) await writeHealth(files, health);
    if (running.lingering?.isOver) await removeLingering(files);
  });
  return await read();
}

async function attempt(
  { ports }: Door,
  unable: (error: KernelFailure | StateFailure) => void,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof KernelFailure || error instanceof StateFailure)) throw error;
    // What stays due needs no intent to be found again, and what is done next must not be turned round by one.
    await removeIntent(ports.files);
    unable(error);
  }
}

/** What held before a trial runs again. */
async function endTrial(door: Door, ran: Ran, back: number | null): Promise<void> {
  const { table } = await readLive(door.ports);
  const { files } = door.ports;
  const { current: trial, lingering } = ran;
  const held = back === null ? undefined : await readGeneration(files, back);
  const target = held ? targetFor(held.cluster, ran) : await beforeLvsctl(files, ran, table);
  const machine = await machineChange(door, trial.cluster, held?.cluster, {
    found: await foundSince(files, trial, back),
    left: lingering?.addresses,
  });
  const { number } = trial;
  const cause = 'nobody has confirmed it';
  const events = (steps: readonly Step[]): Event[] => [
    { event: 'reverted', cause, ...numbers(number, back) },
    ...stepEvents(steps, { event: 'changed', cause }),
  ];
  await move(door, { kind: 'return', from: number, to: back, target, machine, events }, table);
  door.warn(`generation ${number} was not confirmed in time: it is taken back`);
}

/** Brings the table to what runs now. */
async function reconcile(door: Door, running: Running, cause: string): Promise<void> {
  const { current } = running;
  if (!current) return;
  const { table } = await readLive(door.ports);
  const left = running.lingering?.isOver ? running.lingering.addresses : [];
  const machine = await machineChange(door, current.cluster, current.cluster, { left });
  const why = { event: 'changed', cause } as const;
  await keep(door, current.number, targetFor(current.cluster, running), table, why, machine);
}

/** Brings about a target of the generation that runs anyway, and writes each step down. */
export async function keep(
  door: Door,
  number: number,
  target: Target,
  table: Table,
  why: Pick<Event, 'event' | 'cause'>,
  machine?: MachineChange,
): Promise<void> {
  if (planOf(table, target).steps.length === 0 && !machine) return;
  const events = (steps: readonly Step[]): Event[] => stepEvents(steps, why);
  await move(door, { kind: 'reconcile', from: number, to: number, target, machine, events }, table);
}
