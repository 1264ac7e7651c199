import { settle } from '../state/deadlines.js';
import type { Generation } from '../state/generation.js';
import { readGeneration } from '../state/generations.js';
import type { JournalEntry } from '../state/journal.js';
import { writeHealth } from '../state/health.js';
import { writeOperator } from '../state/operator.js';
import { type Door, move, note, numbers, planOf } from './door.js';
import { readLive } from './kernel.js';
import type { Table } from '../table/table.js';
import { machineChange } from './host/change.js';
import type { MachineChange } from '../table/machine.js';
import { beforeLvsctl, foundBefore, readRunning, type Running, targetFor } from './running.js';
import type { Target } from './target.js';

/**
 * Settles what has come due: a trial that nobody has confirmed ends, drains begin and end. The table follows.
 *
 * @returns what then runs
 * @throws StateFailure, KernelFailure
 */
export async function settleDue(door: Door): Promise<Running> {
  const { files } = door.ports;
  const read = (): Promise<Running> => readRunning(files, door.stamp.now, text => door.warn(text));
  const running = await read();
  const { due, back, operator, health } = settle(running, door.stamp);
  if (due.length === 0) return running;
  if (back !== undefined) await endTrial(door, running, running.current!, back);
  if (operator !== running.operator) await writeOperator(files, operator);
  if (health !== running.health) await writeHealth(files, health);
  const others = due.filter(one => one.what !== 'revert');
  await note(
    door,
    others.map(one => ({ event: one.what, cause: 'its time', ...('at' in one ? one.at : {}) })),
  );
  const settled = await read();
  if (others.length > 0) await reconcile(door, settled, 'its time');
  return settled;
}

/** What held before a trial runs again. */
async function endTrial(door: Door, running: Running, trial: Generation, back: number | null): Promise<void> {
  const { table } = await readLive(door.ports);
  const { files } = door.ports;
  const held = back === null ? undefined : await readGeneration(files, back);
  const target = held ? targetFor(held.cluster, running) : await beforeLvsctl(files, trial, table);
  const found = held?.cluster ?? (await foundBefore(files, trial));
  const machine = await machineChange(door, trial.cluster, found);
  await move(door, { kind: 'return', from: trial.number, to: back, target, machine }, table);
  door.warn(`generation ${trial.number} was not confirmed in time: it is taken back`);
  const cause = 'nobody has confirmed it';
  await note(door, [{ event: 'reverted', cause, ...numbers(trial.number, back) }]);
}

/** Brings the table to what runs now. */
async function reconcile(door: Door, running: Running, cause: string): Promise<void> {
  const { current } = running;
  if (!current) return;
  const { table } = await readLive(door.ports);
  await keep(door, current.number, targetFor(current.cluster, running), table, { event: 'changed', cause });
}

/** Brings about a target of the generation that runs anyway, and writes each step down. */
export async function keep(
  door: Door,
  number: number,
  target: Target,
  table: Table,
  why: Pick<JournalEntry, 'event' | 'cause'>,
  machine?: MachineChange,
): Promise<void> {
  const { steps } = planOf(table, target);
  if (steps.length === 0 && !machine) return;
  await move(door, { kind: 'reconcile', from: number, to: number, target, machine }, table);
  const entries = steps.map(({ line, service, server }) => ({
    ...why,
    ...(service === undefined ? {} : { service }),
    ...(server === undefined ? {} : { server }),
    after: line,
  }));
  await note(door, entries);
}
