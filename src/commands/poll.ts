import type { Cluster, Polling } from '../cluster/cluster.js';
import { parseDuration } from '../cluster/duration.js';
import { isByLatency, lawOf, unmovedOf } from '../cluster/law.js';
import { serviceKey } from '../cluster/naming.js';
import { cronProblem } from '../config/cron.js';
import { quote } from '../diagnostic/quote.js';
import { type Heard, machineFinder } from '../director/poll/agents.js';
import { type Idle, judge, knownBefore, listen, poll, type Polled } from '../director/poll/cycle.js';
import { nextRun } from '../director/poll/next-run.js';
import { operable } from '../director/operate.js';
import { readRunning } from '../director/running.js';
import { momentNow } from '../state/moment.js';
import { NOTHING_KNOWN } from '../weights/poll.js';
import { jsonText } from '../view/json.js';
import { pollJson, pollText } from '../view/poll.js';
import type { Context, Options, Run } from './context.js';
import { clusterOf } from './description.js';
import { EXIT, type ExitCode, Failure } from './exit.js';
import { visitor } from './visit.js';
import { NO_OVERLAY } from '../table/overlay.js';

export const run: Run = async (context, _args, options) => {
  const span = spanOf(options);
  const schedule = scheduleOf(options);
  const repeating = ['for', 'schedule'].find(name => options[name] !== undefined);
  const single = options['dryRun'] === true ? '--dry-run' : options['once'] === true ? '--once' : undefined;
  if (repeating !== undefined && single !== undefined)
    throw new Failure(EXIT.usage, `--${repeating} and ${single} exclude each other: ${single} polls once`);
  if (options['dryRun'] === true) return await rehearse(context, options);
  if (options['file'] !== undefined)
    throw new Failure(
      EXIT.usage,
      '--file is read by a dry run alone',
      'what runs is polled: add -n, or apply the file',
    );
  if (span === undefined && schedule === undefined) return await once(context, options);
  return await repeatedly(context, options, schedule, span);
};

function spanOf(options: Options): number | undefined {
  const given = options['for'];
  if (given === undefined) return undefined;
  const ms = typeof given === 'string' ? parseDuration(given) : undefined;
  if (ms !== undefined && ms > 0) return ms;
  throw new Failure(EXIT.usage, `--for takes a time such as 55s, not ${quote(String(given))}`);
}

function scheduleOf(options: Options): string | undefined {
  const given = options['schedule'];
  if (typeof given !== 'string') return undefined;
  const problem = cronProblem(given, true);
  if (problem === undefined) return given;
  throw new Failure(
    EXIT.usage,
    `--schedule ${quote(given)}: ${problem}`,
    'such as "*/5 * * * * *", with seconds first, or @hourly',
  );
}

const IDLE: Readonly<Record<Idle, string>> = {
  'no-polling': 'nothing to do: what runs has no polling',
  standby: 'nothing to do: this director is the standby',
  busy: 'nothing to do: another poll has not ended yet',
};

async function once(context: Context, options: Options): Promise<ExitCode> {
  const whom = visitor(context, 'poll', 'program');
  // cron mails whatever is on standard error: the weights that change each minute are no news.
  const quiet = context.errTerminal ? whom : { ...whom, echo: () => {} };
  const outcome = await context.undisturbed(() => poll(quiet, options['local'] === true));
  if (typeof outcome === 'string') {
    context.out(
      options['output'] === 'json' ? jsonText({ version: 1, idle: outcome }) : `${IDLE[outcome]}\n`,
    );
    return EXIT.done;
  }
  show(context, options, outcome);
  return EXIT.done;
}

function show(context: Context, options: Options, { cluster, services, asked, machines }: Polled): void {
  const said = sayer(cluster, { asked, machines });
  const view = cluster.services.flatMap(service => {
    const weighed = services.get(serviceKey(service.virtual));
    if (!weighed) return [];
    const isAsked = cluster.polling && !isByLatency(lawOf(service, cluster.polling));
    const servers = service.servers.map((server, index) => ({
      weighed: weighed[index]!,
      configured: server.weight,
      ...(isAsked ? { said: said(server) } : {}),
    }));
    return [{ service, servers }];
  });
  const unpolled = cluster.services.flatMap(service => {
    const { name, scheduler } = service;
    const unmoved = unmovedOf(service, cluster.polling);
    return unmoved === undefined ? [] : [{ name, scheduler, unmoved }];
  });
  context.out((options['output'] === 'json' ? pollJson : pollText)(view, unpolled));
}

function sayer(cluster: Cluster, { asked }: Pick<Heard, 'asked' | 'machines'>) {
  const machineOf = machineFinder(cluster);
  return (server: Cluster['services'][number]['servers'][number]): string => {
    const one = asked.get(machineOf(server));
    if (!one) return 'none';
    if ('silent' in one) return one.silent;
    return one.answer.readiness ?? 'ok';
  };
}

/** Polls at the times of a schedule, one after the other: a poll that takes long makes the next one late, or left out. */
async function repeatedly(
  context: Context,
  options: Options,
  given: string | undefined,
  span: number | undefined,
): Promise<ExitCode> {
  const { clock } = context.ports;
  const end = span === undefined ? Infinity : clock.elapsed() + span;
  const schedule = given ?? (await pollingOf(context)).schedule;
  let failed = false;
  // The first time may be this very second.
  let last = new Date(clock.now().getTime() - 1000);
  for (;;) {
    const now = clock.now();
    // A clock that was set back would have what was done wait until it comes there again.
    if (now.getTime() < last.getTime() - 1000) last = now;
    const next = nextRun(schedule, last);
    if (!next) throw new Failure(EXIT.usage, `the schedule ${quote(schedule)} never comes`);
    const wait = Math.max(0, next.getTime() - now.getTime());
    if (clock.elapsed() + wait >= end || context.stop.aborted) break;
    await clock.sleep(wait, context.stop).catch(() => undefined);
    if (context.stop.aborted) break;
    last = new Date(Math.max(next.getTime(), clock.now().getTime()));
    failed = !(await attempted(context, options)) || failed;
  }
  return failed ? EXIT.failed : EXIT.done;
}

/** What fails once may go well in the next second. */
async function attempted(context: Context, options: Options): Promise<boolean> {
  try {
    await once(context, options);
    return true;
  } catch (error) {
    const { asFailure } = await import('./exit.js');
    const failure = asFailure(error);
    if (!(failure instanceof Failure)) throw error;
    context.err(`lvsctl: ${failure.message}\n`);
    return false;
  }
}

async function pollingOf(context: Context): Promise<Polling> {
  const { ports } = context;
  const now = await momentNow(ports.files, ports.clock);
  const { current } = await readRunning(ports.files, now, text => context.err(`warning: ${text}\n`));
  const { polling } = operable(current).cluster;
  if (polling) return polling;
  throw new Failure(
    EXIT.usage,
    'what runs has no polling, so there is no schedule',
    'or name one with --schedule',
  );
}

/** Asks the described servers, and shows what their weights would be. Needs no kernel, and nothing that runs. */
async function rehearse(context: Context, options: Options): Promise<ExitCode> {
  const { ports } = context;
  const now = await momentNow(ports.files, ports.clock);
  const { cluster } = await clusterOf(context, options);
  const { polling } = cluster;
  if (!polling) {
    context.err('nothing to do: the description has no polling\n');
    return EXIT.done;
  }
  const heard = await listen(ports, cluster, polling);
  const state = await knownBefore(ports, cluster, { host: ports.net.hostName(), now }).catch(
    () => NOTHING_KNOWN,
  );
  // Who is dead or drained takes no clients from an agent that asks for none, here as in a poll.
  const overlay = await readRunning(ports.files, now, () => {}).then(
    running => running.overlay,
    () => NO_OVERLAY,
  );
  const { services } = judge(cluster, polling, heard, { state, seen: undefined, now: now.up, overlay });
  show(context, options, { ...heard, cluster, services });
  return EXIT.done;
}
