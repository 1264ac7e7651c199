import { resolve } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import { parseDuration } from '../cluster/duration.js';
import { quote } from '../diagnostic/quote.js';
import {
  apply,
  machineChangeFor,
  type Outcome,
  planFor,
  refuseForeignOwner,
  type Wish,
} from '../director/apply.js';
import { readLive } from '../director/kernel.js';
import { applyEdited, type Rewriting } from '../director/rewrite.js';
import { readRunning } from '../director/running.js';
import { momentNow } from '../state/moment.js';
import type { MachineChange } from '../table/machine.js';
import type { Plan } from '../table/plan.js';
import { jsonText } from '../view/json.js';
import { type Frame, planJson, planText } from '../view/plan.js';
import type { Context, Options, Run } from './context.js';
import { clusterOf } from './description.js';
import { EXIT, Failure } from './exit.js';
import { seeOff } from './see-off.js';
import { enter, visitor, waker } from './visit.js';

/** A reason as it is kept. */
const LONGEST_REASON = 1000;
/** Milliseconds of `--wait` without a time. */
const USUAL_WAIT = 300_000;

export const run: Run = async (context, _args, options) => {
  const { cluster, name, text } = await clusterOf(context, options);
  const given = options['file'] ?? name;
  const path = given === '-' ? name : resolve(context.workingDirectory, String(given));
  const { wish, wait } = wishOf(context, options, 'apply', { cluster, path, text });
  return await carryOut(context, options, name, wish, { wait });
};

/** What the options say of an apply of this description, and for how many milliseconds it waits. @throws Failure */
export function wishOf(
  context: Context,
  options: Options,
  by: string,
  { cluster, path, text }: { readonly cluster: Cluster; readonly path: string; readonly text: string },
): { readonly wish: Wish; readonly wait: number | undefined } {
  const confirm = durationOf(options, 'confirm');
  const reason = reasonOf(options);
  const wait = options['wait'] === true ? USUAL_WAIT : durationOf(options, 'wait');
  const wish: Wish = {
    cluster,
    description: { name: path.slice(0, LONGEST_REASON), text },
    author: context.user,
    by: by.slice(0, LONGEST_REASON),
    ...(reason === undefined ? {} : { reason }),
    ...(confirm === undefined ? {} : { confirm }),
    prune: options['prune'] === true,
    ...(wait === undefined ? {} : { linger: wait }),
  };
  return { wish, wait };
}

/**
 * Applies what is wished, or says what that would do, and shows what has come of it.
 *
 * @param wait milliseconds for the connections of servers that go
 * @param file the description's, where it is written with the apply
 */
export async function carryOut(
  context: Context,
  options: Options,
  name: string,
  wish: Wish,
  { wait, file }: { readonly wait?: number | undefined; readonly file?: Rewriting } = {},
): Promise<number> {
  refuseForeignOwner(wish.cluster);
  const json = options['output'] === 'json';
  const show = (plan: Plan, machine: MachineChange | undefined): void => {
    if (!json) context.out(planText(frame(plan, machine), false, context.outStyle));
  };
  if (options['dryRun'] === true) {
    const { plan, machine } = await rehearse(context, wish);
    show(plan, machine);
    if (json)
      context.out(jsonText({ version: 1, file: name, applied: false, ...planJson(frame(plan, machine)) }));
    return EXIT.done;
  }
  const whom = visitor(context, wish.by.split(' ')[0]!);
  const outcome = await enter(context, whom, door =>
    file ? applyEdited(door, wish, file, waker(context), show) : apply(door, wish, waker(context), show),
  );
  if (json) context.out(jsonText({ version: 1, file: name, applied: true, ...outcomeJson(outcome) }));
  else context.out(outcomeText(outcome));
  if (outcome.leaving) await seeOff(context, whom, outcome, outcome.leaving, wait ?? 0);
  return EXIT.done;
}

/** What would be done now. Takes no lock and settles nothing. */
async function rehearse(
  context: Context,
  wish: Wish,
): Promise<{ plan: Plan; machine: MachineChange | undefined }> {
  const { ports } = context;
  const whom = visitor(context, 'apply');
  const running = await readRunning(ports.files, await momentNow(ports.files, ports.clock), whom.warn);
  const plan = planFor(wish, running, await readLive(ports));
  return { plan, machine: await machineChangeFor(wish, running, whom) };
}

function frame(plan: Plan, machine: MachineChange | undefined): Frame {
  return { plan, settings: [], owner: 'lvsctl', ...(machine ? { machine } : {}) };
}

function outcomeJson({ plan, machine, number, made, until, confirmed }: Outcome): object {
  return {
    generation: number,
    new: made,
    confirmed,
    ...(until === undefined ? {} : { until }),
    ...planJson(frame(plan, machine)),
  };
}

function outcomeText({ plan, machine, number, made, until, confirmed }: Outcome): string {
  const lines: string[] = [];
  if (made) lines.push(`generation ${number} runs`);
  else if (confirmed) lines.push(`generation ${number} is confirmed`);
  else if (plan.steps.length > 0 || machine) lines.push(`generation ${number} runs, as before`);
  if (until !== undefined) lines.push(`it is taken back at ${until} unless \`lvsctl confirm\` comes before`);
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
