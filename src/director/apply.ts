import type { Cluster } from '../cluster/cluster.js';
import { deadlines, next } from '../state/deadlines.js';
import type { Generation, Trial } from '../state/generation.js';
import { confirmed, holding, nextNumber, pruneGenerations } from '../state/generations.js';
import { StateFailure } from '../state/failure.js';
import { forgetFirstFiles } from '../state/first-files.js';
import { type Lingering, writeLingering } from '../state/lingering.js';
import type { MachineChange } from '../table/machine.js';
import type { FilesChange, RenewedFile } from '../table/renewed.js';
import type { Ports } from '../system/ports.js';
import { shown } from '../state/moment.js';
import { type Event, numbers } from '../state/events.js';
import { timeoutsLine, tableLines } from '../table/format.js';
import { type Plan, planTable, type Step } from '../table/plan.js';
import type { Live } from '../table/table.js';
import { KernelFailure } from './failure.js';
import { settledFor } from './check-anew.js';
import { changeEvents, driftOf } from './drift.js';
import { keepFirstFiles } from './first-files.js';
import { forgetGone } from './forget-gone.js';
import { type Door, keep, move, say } from './door.js';
import { readLive } from './kernel.js';
import { tracksChange } from './keepalived/tracks.js';
import { handedOver, handOver, refuseUnsafeHandover, refuseWaiting } from './keepalived/handover.js';
import { inTwo, type Leaving, lingering, remembered } from './leaving.js';
import { type Running, targetFor } from './running.js';
import { settleDue } from './settle.js';
import { foundThere, machineChange, staysText } from './host/change.js';
import type { Target } from './target.js';
import type { Renewal } from './renewal.js';
import { filesChangeFor, isSameCluster } from './wished-files.js';
import { tidy } from './tidy.js';
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
  /** Milliseconds that servers which go stay at weight 0 at most; `removeLeaving` removes them before. */
  readonly linger?: number;
  /**
   * The generation that this was made from: where another one runs by now, and is not what is wished, the
   * wish would mean something else.
   */
  readonly runs?: number;
  /** What has run already runs again: that its files cannot be rendered any more keeps it from nothing. */
  readonly returns?: true;
}

export interface Outcome {
  readonly plan: Plan;
  /** What changes besides the table. */
  readonly machine?: MachineChange;
  /** This host's rendered files that change with it. */
  readonly files: FilesChange;
  readonly tracks: readonly RenewedFile[];
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
  /** Whether it stays so by itself: nothing has a time at which it ends or changes. */
  readonly lasts: boolean;
}

/** All that would be done. */
export interface Planned {
  readonly plan: Plan;
  readonly machine: MachineChange | undefined;
  readonly renewal: Renewal;
  /** Track files of keepalived's that would be written. */
  readonly tracks: readonly RenewedFile[];
}

/** The track files that would be written, where keepalived is the checker. @throws StateFailure */
export async function tracksFor(
  wish: Pick<Wish, 'cluster' | 'prune'>,
  running: Running,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly RenewedFile[]> {
  return await tracksChange(files, goalOf(wish, running));
}

/** What besides the table would change on this machine. @throws KernelFailure */
export async function machineChangeFor(
  { cluster, returns }: Pick<Wish, 'cluster' | 'returns'>,
  { current, lingering: left }: Pick<Running, 'current' | 'lingering'>,
  visitor: Pick<Door, 'ports' | 'assign' | 'warn'>,
): Promise<MachineChange | undefined> {
  const otherwise = returns && ((why: KernelFailure) => visitor.warn(staysText(why)));
  return await machineChange(visitor, current?.cluster, cluster, { left: left?.addresses, otherwise });
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
 * @param show is given it all before it is carried out; what it throws keeps anything from changing
 * @throws StateFailure, KernelFailure: then what ran before runs
 */
export async function apply(
  door: Door,
  wish: Wish,
  waker: Waker,
  show: (planned: Planned) => void | Promise<void>,
): Promise<Outcome> {
  const settled = await settleDue(door);
  const { current } = settled;
  const isSame = current !== undefined && isAsBefore(current, wish);
  if (!isSame && wish.runs !== undefined && wish.runs !== current?.number)
    throw new StateFailure('changed', 'another generation runs by now; nothing is changed', 'try it again');
  const renewal = await filesChangeFor(wish, settled, door);
  await refuseUnsafeHandover(door.ports.files, settled, wish, renewal.change);
  const checked = await settledFor(door, wish.cluster, settled, renewal);
  const running = handedOver(checked, wish.cluster, door.stamp.now);
  const live = await readLive(door.ports);
  const plan = planFor(wish, running, live);
  if (wish.linger !== undefined) refuseWaiting(plan, renewal.change);
  const machine = await machineChangeFor(wish, running, door);
  const tracks = await tracksFor(wish, running, door.ports);
  await show({ plan, machine, renewal, tracks });
  // What holds already needs no trial.
  const span = isSame && current.trial.state === 'confirmed' ? undefined : wish.confirm;
  const trial = span === undefined ? undefined : waitingTrial(door, span, current);
  const goal = goalOf(wish, running);
  const { now, later } = wish.linger === undefined ? { now: machine, later: [] } : inTwo(machine);
  const { target, leaving } = wish.linger === undefined ? { target: goal } : lingering(goal, plan, later);
  const number = isSame ? current.number : await nextNumber(door.ports.files);
  const left = leaving && remembered(leaving, number, wish.linger!, door);
  await wakeFor(door, waker, running, span, left);
  const leaves = left ? [left] : [];
  const { lingering: old } = running;
  const stays = old && old.generation !== left?.generation ? [old] : [];
  // Before the table: what lingers must not be taken for drift, and goes also where nobody waits for it any more. What
  // lingered of the generation that runs is kept until another one does, or a killed run would leave it for good.
  await writeLingering(door.ports.files, [...stays, ...leaves]);
  if (!isSame && trial?.back === null)
    await keepFirstFiles(door.ports.files, renewal.change, current === undefined);
  const made = isSame
    ? undefined
    : // As it was before the dead were handed over: what changes with that is no drift, and the way back leads there.
      await handOver(door, checked, running, wish.cluster, async () =>
        anew(door, wish, number, target, checked, live, trial, now, renewal),
      );
  if (isSame) await again(door, wish, current, target, live, trial, now);
  const runs = made ?? current!;
  await tidy(door, async () => {
    if (stays.length > 0) await writeLingering(door.ports.files, leaves);
    if (trial === undefined) {
      await forgetGone(door, { ...wish, number: runs.number });
      await forgetFirstFiles(door.ports.files);
    }
    // Until one holds, the way back leads through all of them, to what was there before the first.
    const back = holding(runs);
    if (back !== null) await pruneGenerations(door.ports.files, [runs.number, back]);
  });
  return {
    plan,
    number: runs.number,
    made: made !== undefined,
    confirmed: isSame && current.trial.state === 'waiting' && trial === undefined,
    ...(trial ? { until: shown(trial.due, door.stamp.now) } : {}),
    ...(machine ? { machine } : {}),
    files: renewal.change,
    tracks,
    ...(leaving ? { leaving } : {}),
    lasts:
      !leaving && deadlines({ ...running, current: runs, lingering: undefined }, door.stamp.now).length === 0,
  };
}

/** One timer for the first of all that is to come. @throws KernelFailure where a trial could not end by itself */
async function wakeFor(
  { stamp, ports, warn }: Door,
  waker: Waker,
  running: Running,
  trial: number | undefined,
  left: Lingering | undefined,
): Promise<void> {
  if (trial === undefined && !left) return;
  const first = next(deadlines({ ...running, lingering: left }, stamp.now), stamp.now) ?? Infinity;
  try {
    await setTimer(waker, ports, Math.min(first, trial ?? Infinity));
  } catch (error) {
    // Before anything changes: what cannot be taken back by itself must not begin.
    if (trial !== undefined || !(error instanceof KernelFailure)) throw error;
    warn(`${error.message}: what goes stays at weight 0 where this is killed while it waits`);
  }
}

function isAsBefore({ cluster, description }: Generation, wish: Wish): boolean {
  const { text } = wish.description;
  return text === description.text && isSameCluster(wish.cluster, cluster);
}

type Waiting = Extract<Trial, { readonly state: 'waiting' }>;

function waitingTrial({ stamp }: Door, ms: number, current: Generation | undefined): Waiting {
  return { state: 'waiting', due: { since: stamp.now, ms }, back: holding(current) };
}

/** What runs is applied once more: drift is mended, and a trial is confirmed, or gets more time. */
async function again(
  door: Door,
  wish: Wish,
  current: Generation,
  target: Target,
  { table }: Live,
  trial: Waiting | undefined,
  machine: MachineChange | undefined,
): Promise<void> {
  const why = { event: 'mended', cause: `lvsctl ${door.verb}` } as const;
  await keep(door, current.number, target, table, why, machine);
  if (current.trial.state !== 'waiting') return;
  const held = trial ? { ...current, trial } : confirmed(current, door.stamp.now);
  const event = trial ? ('prolonged' as const) : ('confirmed' as const);
  const events = [{ event, cause: causeOf(wish), after: `generation ${current.number}` }];
  await say(door, current.number, { trial: held.trial, events });
}

function causeOf({ author, reason, by }: Wish): string {
  return `${author}: ${by}${reason === undefined ? '' : `, ${reason}`}`;
}

async function anew(
  door: Door,
  wish: Wish,
  number: number,
  target: Target,
  running: Running,
  { table }: Live,
  trial: Waiting | undefined,
  machine: MachineChange | undefined,
  renewal: Renewal,
): Promise<Generation> {
  const { stamp } = door;
  const from = running.current?.number ?? null;
  const generation: Generation = {
    number,
    made: stamp.now,
    author: wish.author,
    by: wish.by,
    ...(wish.reason === undefined ? {} : { reason: wish.reason }),
    description: wish.description,
    cluster: wish.cluster,
    before: [...tableLines(table), timeoutsLine(table)],
    // That templates cannot be used has been told.
    found: await foundThere(door, running.current?.cluster, wish.cluster, wish.returns && (() => {})),
    replaces: from,
    trial: trial ?? { state: 'confirmed', at: stamp.now },
    revision: (running.current?.revision ?? 0) + 1,
    host: stamp.host,
  };
  const cause = causeOf(wish);
  const drifted = driftOf(running, table);
  const events = (steps: readonly Step[]): Event[] => [
    { event: 'applied', cause, ...numbers(from, number) },
    ...changeEvents(steps, drifted, cause),
  ];
  const { current } = running;
  const origin = current && targetFor(current.cluster, running);
  const what = {
    kind: 'apply',
    from,
    to: number,
    generation,
    target,
    origin,
    machine,
    renewal,
    events,
  } as const;
  await move(door, what, table);
  return generation;
}
