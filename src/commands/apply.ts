import { resolve } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import { parseDuration } from '../cluster/duration.js';
import { quote } from '../diagnostic/quote.js';
import {
  apply,
  machineChangeFor,
  type Outcome,
  planFor,
  type Planned,
  tracksFor,
  type Wish,
} from '../director/apply.js';
import { checkerHere, warnOfChecker } from '../director/checker-state.js';
import { readChecked } from '../director/keepalived/held.js';
import { handedOver, refuseUnsafeHandover } from '../director/keepalived/handover.js';
import { readLive } from '../director/kernel.js';
import { isLossTold, warnOfLoss } from '../director/loss.js';
import { applyEdited, type Rewriting } from '../director/rewrite.js';
import {
  type Asked,
  isAskedAgain,
  Remembering,
  remember,
  type Unchanged,
  unchanged,
} from '../director/unchanged.js';
import { NOTHING_RENEWED } from '../director/renewal.js';
import { filesChangeFor } from '../director/wished-files.js';
import { momentNow } from '../state/moment.js';
import type { MachineChange } from '../table/machine.js';
import { jsonText } from '../view/json.js';
import { type Frame, planJson, planText } from '../view/plan.js';
import type { Context, Options, Run } from './context.js';
import { describedBy, readBytes, understood, usable } from './description.js';
import { EXIT, Failure } from './exit.js';
import { ownerOf } from './owner.js';
import { seeOff } from './see-off.js';
import { localTime } from '../view/times.js';
import { enter, visitor, waker } from './visit.js';

/** A reason as it is kept. */
const LONGEST_REASON = 1000;
/** Milliseconds of `--wait` without a time. */
const USUAL_WAIT = 300_000;

export const run: Run = async (context, _args, options) => {
  const orders = ordersOf(options);
  const given = await describedBy(context, options);
  const read = await readBytes(context, given);
  const path = (given === '-' ? read.name : resolve(context.workingDirectory, given)).slice(
    0,
    LONGEST_REASON,
  );
  const asked = 'bytes' in read ? { name: path, bytes: read.bytes, version: context.version } : undefined;
  if (asked && options['dryRun'] !== true) {
    const known = await knownUnchanged(context, asked);
    if (known && (known.foreign.length === 0 || !orders.prune)) {
      const outcome = unchangedOutcome(known);
      if (options['output'] !== 'json') context.out(planText(frame(outcome), false, context.outStyle));
      tell(context, options, read.name, outcome);
      await warnOfChecker(context.ports, known.checker, visitor(context, 'apply').warn);
      return EXIT.done;
    }
  }
  const description = await understood(context, read);
  const cluster = usable(context, options, description);
  const text = new TextDecoder().decode(description.bytes);
  const wish = wishFor(context, orders, 'apply', { cluster, path, text });
  const isSilent = description.diagnostics.every(one => one.severity === 'hint');
  return await carryOut(context, options, read.name, wish, { asked: isSilent ? asked : undefined });
};

/** What an apply that has nothing to do would say, where that is known already. */
async function knownUnchanged(context: Context, asked: Asked): Promise<Unchanged | undefined> {
  const { files } = context.ports;
  if (!(await isAskedAgain(files, asked))) return undefined;
  return await enter(context, visitor(context, 'apply'), door => unchanged(door.ports, asked));
}

function unchangedOutcome({ generation, foreign }: Unchanged): Outcome {
  const plan = { steps: [], foreign };
  const files = NOTHING_RENEWED.change;
  return { plan, files, tracks: [], number: generation, made: false, confirmed: false, lasts: true };
}

/** What the options say of an apply, whatever is applied. */
export type Orders = Pick<Wish, 'reason' | 'confirm' | 'prune' | 'linger'>;

/** @throws Failure (64) */
export function ordersOf(options: Options): Orders {
  const confirm = durationOf(options, 'confirm');
  const reason = reasonOf(options);
  const wait = options['wait'] === true ? USUAL_WAIT : durationOf(options, 'wait');
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(confirm === undefined ? {} : { confirm }),
    prune: options['prune'] === true,
    ...(wait === undefined ? {} : { linger: wait }),
  };
}

/** An apply of this description. @param by what asks for it */
export function wishFor(
  { user }: Context,
  orders: Orders,
  by: string,
  { cluster, path, text }: { readonly cluster: Cluster; readonly path: string; readonly text: string },
): Wish {
  const description = { name: path.slice(0, LONGEST_REASON), text };
  return { ...orders, cluster, description, author: user, by: by.slice(0, LONGEST_REASON) };
}

/**
 * Applies what is wished, or says what that would do, and shows what has come of it.
 *
 * @param file the description's, where it is written with the apply
 * @param asked what to remember it by, where it has all that decides on it
 */
export async function carryOut(
  context: Context,
  options: Options,
  name: string,
  wish: Wish,
  { file, asked }: { readonly file?: Rewriting; readonly asked?: Asked | undefined } = {},
): Promise<number> {
  const json = options['output'] === 'json';
  const { warn } = visitor(context, 'apply');
  const show = ({ renewal, ...planned }: Planned): void => {
    const files = renewal.change;
    if (!json) context.out(planText(frame({ ...planned, files }, wish.cluster), false, context.outStyle));
    for (const one of renewal.notes) warn(one);
  };
  if (options['dryRun'] === true) {
    const planned = await rehearse(context, wish);
    show(planned);
    const told = planJson(frame({ ...planned, files: planned.renewal.change }, wish.cluster));
    if (json) context.out(jsonText({ version: 1, file: name, applied: false, ...told }));
    return EXIT.done;
  }
  const checker = checkerHere(wish.cluster, context.ports.net);
  const runner = new Remembering(context.ports.runner);
  const whom = visitor({ ...context, ports: { ...context.ports, runner } }, wish.by.split(' ')[0]!);
  const outcome = await enter(context, whom, async door => {
    if (file) return await applyEdited(door, wish, file, waker(context), show);
    const applied = await apply(door, wish, waker(context), show);
    const { number: generation, plan } = applied;
    // What keepalived makes of it, and of its files, may change without a trace in what is remembered.
    const isProof = applied.lasts && wish.cluster.checker !== 'keepalived' && !isLossTold(door.ports);
    const left = { generation, foreign: plan.foreign, ...(checker ? { checker } : {}) };
    if (asked && isProof) await remember(door.ports.files, asked, left, runner.table());
    return applied;
  });
  tell(context, options, name, outcome, wish.cluster);
  await warnOfChecker(context.ports, checker, warn);
  if (outcome.leaving) await seeOff(context, whom, outcome, outcome.leaving, wish.linger ?? 0);
  return EXIT.done;
}

function tell(context: Context, options: Options, name: string, outcome: Outcome, cluster?: Cluster): void {
  if (options['output'] === 'json')
    context.out(jsonText({ version: 1, file: name, applied: true, ...outcomeJson(outcome, cluster) }));
  else context.out(outcomeText(outcome));
}

/** What would be done now. Takes no lock and settles nothing. */
async function rehearse(context: Context, wish: Wish): Promise<Planned> {
  const { ports } = context;
  const whom = visitor(context, 'apply');
  const now = await momentNow(ports.files, ports.clock);
  const found = await readChecked(ports, now, whom.warn);
  await warnOfLoss({ ports, now, warn: whom.warn }, found);
  const renewal = await filesChangeFor(wish, found, whom);
  await refuseUnsafeHandover(ports.files, found, wish, renewal.change);
  const running = handedOver(found, wish.cluster, now);
  const plan = planFor(wish, running, await readLive(ports));
  const machine = await machineChangeFor(wish, running, whom);
  await warnOfChecker(ports, checkerHere(found.current?.cluster, ports.net), whom.warn);
  return { plan, machine, renewal, tracks: await tracksFor(wish, running, ports) };
}

function frame(
  {
    plan,
    machine,
    files,
    tracks,
  }: Pick<Outcome, 'plan' | 'files' | 'tracks'> & { readonly machine?: MachineChange | undefined },
  cluster?: Cluster,
): Frame {
  return { plan, settings: [], owner: ownerOf(cluster), files, tracks, ...(machine ? { machine } : {}) };
}

function outcomeJson(outcome: Outcome, cluster: Cluster | undefined): object {
  const { number, made, until, confirmed } = outcome;
  return {
    generation: number,
    new: made,
    confirmed,
    ...(until === undefined ? {} : { until }),
    ...planJson(frame(outcome, cluster)),
  };
}

function outcomeText({ plan, machine, tracks, number, made, until, confirmed }: Outcome): string {
  const lines: string[] = [];
  if (made) lines.push(`generation ${number} runs`);
  else if (confirmed) lines.push(`generation ${number} is confirmed`);
  else if (plan.steps.length > 0 || machine || tracks.length > 0)
    lines.push(`generation ${number} runs, as before`);
  if (until !== undefined)
    lines.push(`it is taken back at ${localTime(until)} unless \`lvsctl confirm\` comes before`);
  return lines.map(line => `${line}\n`).join('');
}

/** A duration that an option names, in milliseconds, above 0. @throws Failure (64) */
export function durationOf(options: Options, name: string): number | undefined {
  const given = options[name];
  if (typeof given !== 'string') return undefined;
  const ms = parseDuration(given);
  if (ms !== undefined && ms > 0) return ms;
  throw new Failure(EXIT.usage, `--${name} takes a time such as 60s or 5m, not ${quote(given)}`);
}

/** `--reason`. @throws Failure where it is too long to be kept */
export function reasonOf(options: Options): string | undefined {
  const given = options['reason'];
  if (typeof given !== 'string') return undefined;
  if (given.length <= LONGEST_REASON) return given;
  throw new Failure(EXIT.usage, `--reason takes at most ${LONGEST_REASON} characters`);
}
