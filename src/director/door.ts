import { sweep } from '../state/documents.js';
import { bounded, type Event, numbers } from '../state/events.js';
import type { Generation } from '../state/generation.js';
import { changesBetween, type Intent, readIntent, removeIntent } from '../state/intent.js';
import { appendJournal } from '../state/journal.js';
import { takeLock } from '../state/lock.js';
import type { MachineChange } from '../table/machine.js';
import { momentNow } from '../state/moment.js';
import { failureText, StateFailure } from '../state/failure.js';
import type { Stamp } from '../state/operator.js';
import { endLeftover, findLeftover, isWish, type TableWork, transact } from '../state/transaction.js';
import type { Lock, Ports } from '../system/ports.js';
import { applied } from '../table/applied.js';
import { timeoutsLine } from '../table/format.js';
import { isNoChange } from '../table/renewed.js';
import type { Plan, Step } from '../table/plan.js';
import type { Table } from '../table/table.js';
import { bring, isBrought, refuseHindered } from './bring.js';
import { around, type Assign, reversed } from './host/change.js';
import { KernelFailure } from './failure.js';
import { readTable } from './kernel.js';
import { stepEvents } from './step-events.js';
import { leftTargets } from './left.js';
import { leftTarget, planOf, renewedTarget, target, type Target } from './target.js';
import { aroundFiles, aroundLeftFiles, type FilesWork, type Renewer } from './around-files.js';
import type { Render, Renewal } from './renewal.js';
import type { Waker } from './timer.js';

/** What whoever acts on a director brings along. */
export interface Visitor {
  readonly ports: Ports;
  /** For the lock's note, the intent and the journal. */
  readonly verb: string;
  readonly pid: number;
  /** Milliseconds that it waits for the lock: `PATIENCE`. */
  readonly patience: number;
  /** Is told each command before it is done. */
  readonly echo: (line: string) => void;
  /** What this machine has to do in a cluster. */
  readonly assign: Assign;
  /** What of this machine's files a cluster asks for. */
  readonly render: Render;
  /** Is told what is wrong and no reason to end. */
  readonly warn: (text: string) => void;
  /** For what comes due later. */
  readonly waker: Waker;
}

/** The one door to the kernel's table, open: its holder has the lock, and nothing is left of others' work. */
export interface Door extends Visitor {
  readonly lock: Lock;
  readonly stamp: Stamp;
}

/**
 * Waits for the lock, ends what another run has left, and acts. The lock is released however that ends.
 *
 * @throws StateFailure, KernelFailure, and what the act throws
 */
export async function throughDoor<T>(visitor: Visitor, act: (door: Door) => Promise<T>): Promise<T> {
  return (await throughDoorIf(visitor, () => Promise.resolve(true), act))!;
}

/**
 * The same, where that is still needed once the lock is had.
 *
 * @returns undefined where it is not
 */
export async function throughDoorIf<T>(
  visitor: Visitor,
  isNeeded: () => Promise<boolean>,
  act: (door: Door) => Promise<T>,
): Promise<T | undefined> {
  const { ports, verb, pid, patience } = visitor;
  const since = ports.clock.now().toISOString();
  const lock = await takeLock(ports.files, verb, { pid, since }, patience);
  try {
    if (!(await isNeeded())) return undefined;
    await sweep(ports.files);
    const stamp = { host: keptName(ports.net.hostName()), now: await momentNow(ports.files, ports.clock) };
    const door = { ...visitor, lock, stamp };
    await recover(door);
    return await act(door);
  } finally {
    await lock.release();
  }
}

/** The kernel's name of a host that nobody has named is `(none)`, and it takes any other text, too. */
function keptName(host: string): string {
  return host.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 253) || '_';
}

async function recover(door: Door): Promise<void> {
  const { files } = door.ports;
  if (!(await readIntent(files))) return;
  const table = await readTable(door.ports);
  const leftover = await findLeftover(files, table, door.stamp.now);
  if (!leftover) return;
  const { intent, way } = leftover;
  door.warn(
    `\`lvsctl ${intent.by}\` of ${intent.begun.at} was ended in its middle: it is ${way === 'undo' ? 'taken back' : 'completed'}`,
  );
  // A boot has taken it all, and whoever starts the director brings what it needs.
  const machine = intent.begun.boot === door.stamp.now.boot ? intent.machine : undefined;
  const targets = leftTargets(door, intent);
  const ours = await aroundLeftFiles(renewer(door), intent);
  const work: TableWork = {
    forward: () =>
      all(door, ours.forward, machine, async () =>
        bring(door, leftTarget(await targets.after(), intent.files)),
      ),
    back: () =>
      all(door, ours.back, machine && reversed(machine), async () =>
        bring(door, leftTarget(await targets.before(), intent.files)),
      ),
    tell: events => note(door, events),
    end: ours.end,
  };
  const refused = await endLeftover(files, leftover, work).catch(refusalOf);
  if (refused) {
    const left = (await readIntent(files)) !== undefined;
    // Waiting for a kernel that takes it would keep everybody from everything, a mending apply too.
    if (left) {
      await ours.end();
      await removeIntent(files);
    }
    const end = left ? 'it stays so, and `lvsctl show` has what is there' : 'all of it is taken back';
    door.warn(`${refused.message}; ${end}`);
  }
  const how = refused ? `${way}, refused` : way;
  await note(door, [
    { event: 'recovered', cause: `${intent.by}: ${how}`, ...numbers(intent.from, intent.to) },
  ]);
}

function refusalOf(error: unknown): KernelFailure {
  if (error instanceof KernelFailure && error.problem === 'refused') return error;
  throw error;
}

/** The table, and what else changes with it. */
async function all(
  door: Door,
  withFiles: FilesWork['forward'],
  machine: MachineChange | undefined,
  table: () => Promise<void>,
): Promise<void> {
  await withFiles(() => (machine ? around(door, machine, table) : table()));
}

/** keepalived, where it has a part in the table, reads its file while that is brought about. */
function untold(renewal: Renewal | undefined, { checked }: Target): Renewal | undefined {
  if (!renewal || !checked) return renewal;
  const { change } = renewal;
  return { ...renewal, change: { ...change, reloads: change.reloads.filter(one => one !== 'keepalived') } };
}

function renewer(door: Door): Renewer {
  return { ...door, note: events => note(door, events) };
}

/** What is to become of the table, and of the generations with it. */
export interface Move extends Pick<Intent, 'kind' | 'from' | 'to' | 'operator'> {
  readonly target: Target;
  /** What it comes from, where keepalived has a part in that. */
  readonly origin?: Target | undefined;
  /** What the journal says once these steps are done. */
  readonly events: (steps: readonly Step[]) => readonly Event[];
  /** What else changes. */
  readonly machine?: MachineChange | undefined;
  readonly renewal?: Renewal | undefined;
  /** Of an apply: the one with the number `to`. */
  readonly generation?: Generation;
}

/**
 * Brings about the target, with all that keeps a killed run from leaving half of it. What fails of an apply, or of what
 * an operator says, has been taken back when this throws.
 *
 * @param live the table of a moment ago
 * @throws StateFailure, KernelFailure
 */
export async function move(
  door: Door,
  { target: wished, origin, generation, machine, renewal, ...begins }: Move,
  live: Table,
): Promise<void> {
  const goal = renewedTarget(wished, renewal?.change);
  await refuseHindered(door, goal);
  const plan = planOf(live, goal);
  const changes = changesBetween(live, tableAfter(live, plan));
  const timed = plan.steps.find(({ change }) => change.kind === 'set-timeouts');
  const timeouts = timed && { before: timeoutsLine(live), after: timed.line };
  const begun = { begun: door.stamp.now, by: door.verb };
  const intent: Intent = {
    ...begins,
    events: begins.events(plan.steps).map(bounded),
    changes,
    ...begun,
    ...(timeouts ? { timeouts } : {}),
    ...(machine ? { machine } : {}),
    ...(renewal && !isNoChange(renewal.change) ? { files: renewal.change } : {}),
  };
  const ours = await aroundFiles(renewer(door), untold(renewal, goal), begins);
  await ours.begin();
  const touched = new Set(changes.map(({ service }) => service));
  const back = origin?.checked ? renewedTarget(origin, renewal?.change) : target(live, touched);
  let isUntouched = false;
  await transact(door.ports.files, intent, generation, {
    forward: () =>
      all(door, ours.forward, machine, () => bring(door, goal, plan.steps)).catch((error: unknown) => {
        isUntouched = error instanceof KernelFailure && error.problem !== 'refused';
        return tell(error, intent);
      }),
    back: () => all(door, ours.back, machine && reversed(machine), () => bring(door, back)).catch(stuck),
    // Where ipvsadm is missing, or may not act, nothing has been done that had to be undone.
    tell: events => (isUntouched ? Promise.resolve() : note(door, events)),
    end: ours.end,
  });
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
  if (!machine && (await isBrought(door, table, target))) return;
  const events = (steps: readonly Step[]): Event[] => stepEvents(steps, why);
  await move(door, { kind: 'reconcile', from: number, to: number, target, machine, events }, table);
}

/**
 * Keeps what the table follows already, or does not concern it: the files and the journal change together all the same.
 *
 * @param number of the generation that runs; null: none
 * @throws StateFailure: then nothing is kept
 */
export async function say(
  door: Door,
  number: number | null,
  { events, ...what }: Pick<Intent, 'operator' | 'trial'> & { readonly events: readonly Event[] },
): Promise<void> {
  const nothing = (): Promise<void> => Promise.resolve();
  const begins = { begun: door.stamp.now, by: door.verb, changes: [] };
  await transact(
    door.ports.files,
    { kind: 'reconcile', from: number, to: number, ...begins, ...what, events: events.map(bounded) },
    undefined,
    { forward: nothing, back: nothing, tell: events => note(door, events), end: nothing },
  );
}

function tableAfter(live: Table, { steps }: Plan): Table {
  return applied(
    live,
    steps.map(({ change }) => change),
  );
}

function tell(error: unknown, intent: Intent): never {
  if (!isWish(intent) || !isRefusal(error)) throw error;
  throw new KernelFailure(error.problem, `${error.message}; all of it is taken back`, error.help);
}

function stuck(error: unknown): never {
  if (!isRefusal(error)) throw error;
  const help = 'the next run of lvsctl tries it again; lvsctl show has what is there';
  throw new KernelFailure(error.problem, `the change could not be taken back whole: ${error.message}`, help);
}

function isRefusal(error: unknown): error is KernelFailure {
  return error instanceof KernelFailure && (error.problem === 'refused' || error.problem === 'not-permitted');
}

const told = new WeakSet<Stamp>();

/**
 * Writes events down. A journal that cannot be written keeps nobody from acting, and is told once.
 *
 * What changes the table or what operators said goes with `move` and `say`, which see to it that no kill parts the two.
 * What is found due again until its file says otherwise (what has its time, what a checker found and what waits in the
 * inbox) is written down here, before that file: killed in between, the next run does the same and says so once more.
 *
 * @param events with `recording`, where they change an overlay
 */
export async function note({ ports, stamp, warn }: Door, events: readonly Event[]): Promise<void> {
  await appendJournal(ports.files, stamp, events).catch((error: unknown) => {
    if (!(error instanceof StateFailure) || error.problem !== 'file') throw error;
    if (!told.has(stamp)) warn(`the journal cannot be written: ${failureText(error)}`);
    told.add(stamp);
  });
}
