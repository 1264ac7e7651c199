import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.js';
import { serverKey, serviceKey } from '../cluster/naming.js';
import { deadlines, next } from '../state/deadlines.js';
import type { Generation, Trial } from '../state/generation.js';
import { confirmed, holding, nextNumber, pruneGenerations, writeGeneration } from '../state/generations.js';
import { StateFailure } from '../state/failure.js';
import type { MachineChange } from '../table/machine.js';
import { shown } from '../state/moment.js';
import { forget, writeOperator } from '../state/operator.js';
import { timeoutsLine, tableLines } from '../table/format.js';
import { desired } from '../table/desired.js';
import { place } from '../table/overlay.js';
import { type Plan, planTable } from '../table/plan.js';
import type { Live } from '../table/table.js';
import { KernelFailure } from './failure.js';
import { type Door, move, note, numbers } from './door.js';
import { readLive } from './kernel.js';
import { type Leaving, lingering, lingeringAddresses } from './leaving.js';
import { readRunning, type Running, targetFor } from './running.js';
import { keep, settleDue } from './settle.js';
import { foundThere, machineChange } from './host/change.js';
import type { Target } from './target.js';
import { setTimer, type Waker } from './timer.js';

/** A cluster that is to run. */
export interface Wish {
  readonly cluster: Cluster;
  readonly description: Generation['description'];
  readonly author: string;
  /** What asks for it: `apply`, `rollback to 3`. */
  readonly by: string;
  readonly reason?: string;
  /** Milliseconds in which it has to be confirmed. */
  readonly confirm?: number;
  /** Services that are nobody's business go, too. */
  readonly prune: boolean;
  /** Servers that go stay at weight 0, to be removed later with `removeLeaving`. */
  readonly linger?: boolean;
}

export interface Outcome {
  readonly plan: Plan;
  /** What changes besides the table. */
  readonly machine?: MachineChange;
  /** The generation that runs now. */
  readonly number: number;
  /** Whether that is a new one. */
  readonly made: boolean;
  /** Whether a trial has become what holds. */
  readonly confirmed: boolean;
  /** Until when it has to be confirmed, ISO 8601. */
  readonly until?: string;
  /** What goes and still lingers. */
  readonly leaving?: Leaving;
}

/** keepalived writes the table itself, and would undo what anybody else writes there. @throws KernelFailure */
export function refuseForeignOwner({ checker }: Cluster): void {
  if (checker !== 'keepalived') return;
  throw new KernelFailure(
    'not-ours',
    'with checker: keepalived the table belongs to keepalived: lvsctl changes nothing in it',
    'run `lvsctl configure` on each director, then `systemctl reload keepalived`',
  );
}

/** What besides the table would change on this machine. @throws KernelFailure */
export async function machineChangeFor(
  { cluster }: Pick<Wish, 'cluster'>,
  { current }: Pick<Running, 'current'>,
  visitor: Pick<Door, 'ports' | 'assign'>,
): Promise<MachineChange | undefined> {
  return await machineChange(visitor, current?.cluster, cluster);
}

/** What would be done, and to what. */
export function planFor(wish: Pick<Wish, 'cluster' | 'prune'>, running: Running, live: Live): Plan {
  const { wanted, owned } = goalOf(wish, running);
  return planTable(live.table, wanted, { owned, activity: live.activity });
}

function goalOf({ cluster, prune }: Pick<Wish, 'cluster' | 'prune'>, running: Running): Target {
  const target = targetFor(cluster, running);
  return prune ? { ...target, owned: () => true } : target;
}

/**
 * Makes a cluster run: the table, and a generation where it is another one than runs, or must be confirmed.
 *
 * @param show is given the plan before it is carried out
 * @throws StateFailure, KernelFailure: then what ran before runs
 */
export async function apply(
  door: Door,
  wish: Wish,
  waker: Waker,
  show: (plan: Plan, machine: MachineChange | undefined) => void,
): Promise<Outcome> {
  refuseForeignOwner(wish.cluster);
  const running = await settleDue(door);
  const live = await readLive(door.ports);
  const plan = planFor(wish, running, live);
  const { current } = running;
  const isSame = current !== undefined && isAsBefore(current, wish);
  const machine = isSame ? undefined : await machineChangeFor(wish, running, door);
  show(plan, machine);
  // What holds already needs no trial.
  const span = isSame && current.trial.state === 'confirmed' ? undefined : wish.confirm;
  const trial = span === undefined ? undefined : waitingTrial(door, span, current);
  // Before anything changes: what cannot be taken back by itself must not begin.
  if (span !== undefined) await setTimer(waker, door.ports, soonest(door, span, running));
  const goal = goalOf(wish, running);
  const { target, leaving } = wish.linger ? lingering(goal, plan) : { target: goal };
  const lasting = leaving && machine && lingeringAddresses(machine);
  const { now } = lasting ?? { now: machine };
  const made = isSame ? undefined : await anew(door, wish, target, running, live, trial, now);
  if (isSame) await again(door, current, target, live, trial);
  const runs = made ?? current!;
  await finish(door, wish.cluster, trial === undefined, [runs.number, holding(runs) ?? runs.number]);
  return {
    plan,
    number: runs.number,
    made: made !== undefined,
    confirmed: isSame && current.trial.state === 'waiting' && trial === undefined,
    ...(trial ? { until: shown(trial.due, door.stamp.now) } : {}),
    ...(machine ? { machine } : {}),
    ...(leaving ? { leaving: { ...leaving, ...(lasting?.later ? { machine: lasting.later } : {}) } } : {}),
  };
}

/** Milliseconds until the first of what is to come: the one timer stands for all of it. */
function soonest({ stamp }: Door, ms: number, running: Running): number {
  return Math.min(ms, next(deadlines(running, stamp.now), stamp.now) ?? ms);
}

function isAsBefore({ cluster, description }: Generation, wish: Wish): boolean {
  const { text } = wish.description;
  return text === description.text && isDeepStrictEqual(JSON.parse(JSON.stringify(wish.cluster)), cluster);
}

type Waiting = Extract<Trial, { readonly state: 'waiting' }>;

function waitingTrial({ stamp }: Door, ms: number, current: Generation | undefined): Waiting {
  return { state: 'waiting', due: { since: stamp.now, ms }, back: holding(current) };
}

/** What runs is applied once more: drift is mended, and a trial is confirmed, or gets more time. */
async function again(
  door: Door,
  current: Generation,
  target: Target,
  { table }: Live,
  trial: Waiting | undefined,
): Promise<void> {
  await keep(door, current.number, target, table, { event: 'mended', cause: `lvsctl ${door.verb}` });
  if (current.trial.state !== 'waiting') return;
  const held = trial ? { ...current, trial } : confirmed(current, door.stamp.now);
  await writeGeneration(door.ports.files, held);
}

async function anew(
  door: Door,
  wish: Wish,
  target: Target,
  running: Running,
  { table }: Live,
  trial: Waiting | undefined,
  machine: MachineChange | undefined,
): Promise<Generation> {
  const { stamp, ports } = door;
  const from = running.current?.number ?? null;
  const number = await nextNumber(ports.files);
  const generation: Generation = {
    number,
    made: stamp.now,
    author: wish.author,
    by: wish.by,
    ...(wish.reason === undefined ? {} : { reason: wish.reason }),
    description: wish.description,
    cluster: wish.cluster,
    before: [...tableLines(table), timeoutsLine(table)],
    found: await foundThere(door, running.current?.cluster, wish.cluster),
    replaces: from,
    trial: trial ?? { state: 'confirmed', at: stamp.now },
    revision: (running.current?.revision ?? 0) + 1,
    host: stamp.host,
  };
  await move(door, { kind: 'apply', from, to: number, generation, target, machine }, table);
  const cause = `${wish.author}: ${wish.reason ?? wish.by}`.slice(0, 1000);
  await note(door, [{ event: 'applied', cause, ...numbers(from, number) }]);
  return generation;
}

/** What a change leaves to tidy up. The change itself stands, whatever fails here. */
async function finish(
  door: Door,
  cluster: Cluster,
  holds: boolean,
  needed: readonly number[],
): Promise<void> {
  const { files } = door.ports;
  try {
    if (holds) await forgetGone(door, cluster);
    await pruneGenerations(files, needed);
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    door.warn(`what is no longer needed stays on the disk: ${error.message}`);
  }
}

/** What was said of servers that are gone for good must not wait for one of the same address. */
export async function forgetGone({ ports, stamp, warn }: Door, cluster: Cluster): Promise<void> {
  const { operator } = await readRunning(ports.files, stamp.now, warn);
  const places = new Set(
    desired(cluster).services.flatMap(({ key, servers }) =>
      servers.map(server => place({ service: serviceKey(key), server: serverKey(server) })),
    ),
  );
  const left = forget(operator, at => !places.has(place(at)));
  if (left.entries.length < operator.entries.length) await writeOperator(ports.files, left);
}
