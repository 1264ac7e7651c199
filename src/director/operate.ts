import type { Cluster } from '../cluster/cluster.js';
import type { Placed } from '../cluster/find.js';
import { serviceKey } from '../cluster/naming.js';
import type { Service } from '../cluster/service.js';
import { list } from '../diagnostic/quote.js';
import { deadlines, next, settle, type Timed } from '../state/deadlines.js';
import { StateFailure } from '../state/failure.js';
import type { Generation } from '../state/generation.js';
import type { Event } from '../state/events.js';
import type { Operator, Stamp } from '../state/operator.js';
import { recording } from '../state/replay.js';
import { explain, type ServerView } from '../table/explain.js';
import type { Overlay, Place } from '../table/overlay.js';
import type { Plan } from '../table/plan.js';
import type { Live } from '../table/table.js';
import { planFor } from './apply.js';
import { type Ask, asked, entryOf, isSo, placeOf } from './ask.js';
import { isBrought } from './bring.js';
import { type Door, keep, move, say } from './door.js';
import { changeEvents, driftOf } from './drift.js';
import { KernelFailure } from './failure.js';
import { emptied, foreseen, type Foreseen, momentOf, overlayWith } from './judge.js';
import { readLive } from './kernel.js';
import { refuseOverLoss } from './loss.js';
import { leaveTemplates, moveTemplates, type Templates, templatesOf } from './persistent.js';
import { type Running, targetFor } from './running.js';
import { settleDue } from './settle.js';
import { setTimer, type Waker } from './timer.js';

/** What an operator asks, and of which servers of the cluster that runs. */
export interface Request {
  readonly ask: Ask;
  /** Throws where there are none. */
  readonly find: (cluster: Cluster) => readonly Placed[];
  /** Also where a service would have no server left. */
  readonly force: boolean;
}

/** What is said of a server, what becomes of it, and whether that is new. */
export interface Affected extends Placed {
  readonly changed: boolean;
  readonly before: ServerView;
  readonly after: ServerView;
}

export interface Operation {
  readonly ask: Ask;
  readonly servers: readonly Affected[];
  /** What operators have said once it is done. */
  readonly operator: Operator;
  readonly plan: Plan;
  /** The services that lose their last server by it, `force` being given. */
  readonly emptied: readonly Service[];
  /** Those that planned drains will empty, as far as can be known today. */
  readonly foreseen: readonly Foreseen[];
  /** What becomes of clients that persistence keeps with a server; absent where it drains none. */
  readonly templates?: Templates;
  /** The table of a moment before. */
  readonly live: Live;
}

/** What runs. @throws StateFailure where nothing does */
export function operable(current: Generation | undefined): Generation {
  if (!current) {
    const help = 'make a description run with `lvsctl apply` first';
    throw new StateFailure('absent', 'nothing has been applied on this director yet', help);
  }
  return current;
}

/**
 * What would be done.
 *
 * @throws StateFailure, KernelFailure where it is refused, and what `find` throws
 */
export function operationFor(request: Request, running: Running, live: Live, stamp: Stamp): Operation {
  const { cluster } = operable(running.current);
  const { ask, find, force } = request;
  const { operator: today } = settle(running, stamp);
  const placed = find(cluster);
  const fresh = placed.filter(one => !isSo(ask, entryOf(today, one)));
  const operator = fresh.length === 0 ? today : asked(today, ask, fresh, stamp);
  const { now } = stamp;
  const then = ask.verb === 'drain' && ask.when ? momentOf(ask.when, now) : now;
  const lost = emptied(cluster, overlayWith(running, today, then), overlayWith(running, operator, then));
  if (lost.length > 0 && !force) throw unsafe(ask, lost);
  const overlay = overlayWith(running, operator, now);
  const concerned = new Set(placed.map(({ service }) => service.name));
  const templates = ask.verb === 'drain' ? templatesOf(fresh, live) : undefined;
  return {
    ask,
    servers: affected(cluster, placed, fresh, running.overlay, overlay),
    operator,
    plan: planFor({ cluster, prune: false }, { ...running, overlay }, live),
    emptied: lost,
    foreseen: foreseen(cluster, running, operator, now).filter(one => concerned.has(one.service.name)),
    ...(templates ? { templates } : {}),
    live,
  };
}

function unsafe({ verb }: Ask, lost: readonly Service[]): KernelFailure {
  const names = lost.map(one => one.name);
  const shown = names.length > 5 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  return new KernelFailure(
    'unsafe',
    `${list(shown, 'and')} would have no server left that takes connections; nothing is changed`,
    verb === 'drain' ? 'with --force it is done all the same' : 'if that is meant: lvsctl drain --force',
  );
}

function affected(
  cluster: Cluster,
  placed: readonly Placed[],
  fresh: readonly Placed[],
  was: Overlay,
  will: Overlay,
): Affected[] {
  const [before, after] = [viewsOf(cluster, was), viewsOf(cluster, will)];
  return placed.map(one => ({
    ...one,
    changed: fresh.includes(one),
    before: before(one),
    after: after(one),
  }));
}

function viewsOf(cluster: Cluster, overlay: Overlay): (placed: Placed) => ServerView {
  const views = new Map(explain(cluster, overlay).map(one => [one.key, one.servers]));
  return ({ service, server }) =>
    views.get(serviceKey(service.virtual))!.find(view => view.server === server)!;
}

/**
 * Does what an operator asks: his word and the table change together. Killed in between, the next run that comes
 * through the door ends it; what the kernel refuses has been taken back when this throws.
 *
 * @param show is given what will be done before it is
 * @returns what was done
 * @throws StateFailure, KernelFailure, and what `find` throws
 */
export async function operate(
  door: Door,
  request: Request,
  waker: Waker,
  show: (operation: Operation) => void,
): Promise<Operation> {
  await refuseOverLoss(door.ports.files, door.stamp.now);
  const running = await settleDue(door);
  const live = await readLive(door.ports);
  const operation = operationFor(request, running, live, door.stamp);
  show(operation);
  const { number } = operable(running.current);
  const isNew = operation.servers.some(one => one.changed);
  const cause = causeOf(request.ask, door.verb);
  const goal = (operator: Operator) =>
    targetFor(running.current!.cluster, {
      ...running,
      overlay: overlayWith(running, operator, door.stamp.now),
    });
  if (!isNew) {
    await keep(door, number, goal(running.operator), live.table, { event: 'mended', cause });
    return operation;
  }
  // Before anything changes: what cannot end by itself must not begin.
  await setTimerFor(door, waker, running, operation.operator);
  const templates = operation.templates && (await moveTemplates(door, operation.templates));
  const { operator } = operation;
  const events = recording(eventsOf(operation, driftOf(running, live.table), cause), running, {
    ...running,
    operator,
  });
  const target = goal(operator);
  if (await isBrought(door, live.table, target)) await say(door, number, { operator, events });
  else {
    const origin = goal(running.operator);
    const what = { kind: 'reconcile', from: number, to: number, operator } as const;
    await move(door, { ...what, target, origin, events: () => events }, live.table).catch(
      async (error: unknown) => {
        if (operation.templates === 'set' && templates === 'move') await leaveTemplates(door, live);
        throw error;
      },
    );
  }
  return templates ? { ...operation, templates } : operation;
}

function causeOf({ wish }: Ask, verb: string): string {
  return `${wish.author}: ${wish.reason ?? `lvsctl ${verb}`}`.slice(0, 1000);
}

/** One timer stands for all that is to come; it is set anew where something new is. */
async function setTimerFor(door: Door, waker: Waker, running: Timed, operator: Operator): Promise<void> {
  const { now } = door.stamp;
  const known = new Set(deadlines(running, now).map(one => JSON.stringify(one)));
  const all = deadlines({ ...running, operator }, now);
  if (all.every(one => known.has(JSON.stringify(one)))) return;
  await setTimer(waker, door.ports, next(all, now)!);
}

const WORDS = { drain: 'drained', undrain: 'undrained', weight: 'weight-set' } as const;

/** One for each server of which something is said, and for each other entry that changes with it, or had drifted. */
function eventsOf({ ask, servers, plan }: Operation, drifted: ReadonlySet<string>, cause: string): Event[] {
  const event = ask.verb === 'drain' && ask.when ? 'drain-planned' : WORDS[ask.verb];
  const changed = servers.filter(one => one.changed);
  const said = changed.map((one): Event & Place => ({
    event,
    cause,
    ...placeOf(one),
    before: weightText(one.before),
    after: weightText(one.after),
  }));
  const known = new Set(said.map(one => `${one.service} ${one.server}`));
  const others = plan.steps.filter(({ service, server }) => !known.has(`${service} ${server}`));
  return [...said, ...changeEvents(others, drifted, cause)];
}

function weightText({ entry, cause }: ServerView): string {
  return `${entry ? `weight ${entry.weight}` : 'not in the table'}, ${cause}`;
}
