import { harmless, quote } from '../diagnostic/quote.js';
import { alert, type Heard, hearWaiting } from '../director/alert.js';
import { planFor } from '../director/apply.js';
import { type Effect, hear } from '../director/hear.js';
import { readLive } from '../director/kernel.js';
import { operable } from '../director/operate.js';
import { readRunning } from '../director/running.js';
import { accountsOf, recheckSentence, sentencesOf, strangeness } from '../director/tell.js';
import { type Alert, type Finding, isSubject, readHeard } from '../state/alert.js';
import { before, type Moment, momentNow } from '../state/moment.js';
import { overlayAt } from '../state/overlay.js';
import { TURN } from '../state/paths.js';
import { planText } from '../view/plan.js';
import type { Context, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { visitor } from './visit.js';

/** As much of what a monitor says as is read, and as much of a line as is kept. */
const MOST = 65_536;
const LONGEST = 200;
/** Milliseconds after which mon's time of an alert is not believed: its clock, or ours, has been set. */
const OLDEST = 60_000;

export const run: Run = async (context, words) => {
  if (words[0] === '--turn') return await takeTurn(context, words[1] ?? '');
  const call = callOf(words);
  const finding = findingOf(context.monAlertType, call.flags);
  const [service, server] = call.subject;
  if (finding === undefined) {
    context.out('nothing to do: the alert tells of no failure and no return\n');
    return EXIT.done;
  }
  const now = await momentNow(context.ports.files, context.ports.clock);
  // With a return mon says once more what the monitor said of the failure.
  const reason = finding === 'failure' ? await reasonOf(context) : undefined;
  const event: Alert = {
    finding,
    service,
    server,
    at: foundAt(call.time, now),
    ...(reason === undefined ? {} : { reason }),
  };
  if (call.flags.has('-n')) return await rehearse(context, event, now);
  const heard = await context.undisturbed(() => alert(visitor(context, 'alert', 'program'), event));
  return heard ? tell(context, heard) : EXIT.done;
};

/**
 * `lvs.alert` has put its alert where it waits, and starts this with the lock by which only one of its kind does so, as
 * an open file. It ends once this has its own turn at the table: who comes later has to start another.
 */
async function takeTurn(context: Context, word: string): Promise<number> {
  const descriptor = /^\d{1,4}$/.test(word) ? Number(word) : undefined;
  const open = await context.ports.files.look(`/proc/self/fd/${descriptor}`);
  if (descriptor === undefined || open?.kind !== 'link' || open.target !== TURN)
    throw new Failure(EXIT.usage, `--turn is for lvs.alert, with ${TURN} as an open file`);
  const heard = await context.undisturbed(() =>
    hearWaiting(visitor(context, 'alert', 'program'), () => context.close(descriptor)),
  );
  return heard ? tell(context, heard) : EXIT.done;
}

interface Call {
  readonly flags: ReadonlySet<string>;
  readonly time: string | undefined;
  readonly subject: readonly [service: string, server: string];
}

/**
 * mon(8) calls an alert with flags of its own, of which a later version may have more, and then with the words of
 * mon.cf: the last two are the service and the server. What hosts and groups are called comes from elsewhere, and is
 * not looked at.
 *
 * @throws Failure (64)
 */
function callOf(words: readonly string[]): Call {
  const flags = new Set<string>();
  const others: string[] = [];
  let time: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (['-s', '-g', '-h', '-t'].includes(word)) {
      at++;
      if (word === '-t') time = words[at];
    } else if (word === '--dry-run') flags.add('-n');
    else if (word.startsWith('-')) flags.add(word);
    else others.push(word);
  }
  const [service, server] = others.slice(-2);
  const help = 'mon.cf has it as `alert lvs.alert SERVICE SERVER`; lvsctl alert --help shows more';
  if (service === undefined || server === undefined)
    throw new Failure(EXIT.usage, 'an alert ends with SERVICE and SERVER', help);
  for (const [what, name] of [
    ['service', service],
    ['server', server],
  ] as const) {
    if (!isSubject(name)) throw new Failure(EXIT.usage, `${quote(name)} cannot be a ${what}`, help);
  }
  return { flags, time, subject: [service, server] };
}

const FINDINGS: Readonly<Record<string, Finding | undefined>> = {
  failure: 'failure',
  trap: 'failure',
  traptimeout: 'failure',
  up: 'up',
  startup: 'startup',
  ack: undefined,
  disable: undefined,
  test: undefined,
};

/** Undefined where nothing was found. @throws Failure (64) where mon has a type that is not known here */
function findingOf(type: string | undefined, flags: ReadonlySet<string>): Finding | undefined {
  if (type === undefined || type === '') {
    if (flags.has('-a') || flags.has('-D')) return undefined;
    return flags.has('-u') ? 'up' : 'failure';
  }
  if (Object.hasOwn(FINDINGS, type)) return FINDINGS[type];
  const help = `there are ${Object.keys(FINDINGS).join(', ')}`;
  throw new Failure(EXIT.usage, `MON_ALERTTYPE is ${quote(type)}, which is no kind of alert`, help);
}

/** mon says it in whole seconds. Where that cannot be, it was now. */
function foundAt(time: string | undefined, now: Moment): Moment {
  if (time === undefined || !/^\d{1,12}$/.test(time)) return now;
  const ago = Date.parse(now.at) - Number(time) * 1000;
  return ago >= 0 && ago <= OLDEST ? before(now, ago) : now;
}

/** Monitors name the hosts in the first line; what they say of them, if anything, comes after it. */
async function reasonOf(context: Context): Promise<string | undefined> {
  if (context.inTerminal) return undefined;
  const text = new TextDecoder().decode(await context.stdin(MOST));
  const line = text
    .split('\n')
    .slice(1)
    .map(one => one.trim())
    .find(one => one !== '');
  return line === undefined ? undefined : harmless(line).slice(0, LONGEST);
}

const NOTHING_NEW: ReadonlySet<Effect['what']> = new Set(['late', 'known', 'still']);

/** What was heard, and what came of it. @throws Failure where an own alert named a service that there is none of */
function tell(context: Context, { name, current, overlay, waiting: { told } }: Heard): number {
  if (current)
    for (const account of accountsOf(current.cluster, overlay, told))
      for (const sentence of sentencesOf(account)) context.out(`${sentence}\n`);
  for (const one of told) {
    const strange = strangeness(one);
    const isOwn = name === undefined || one.name === name;
    if (isOwn && strange !== undefined && one.unknown?.what === 'service')
      throw new Failure(
        EXIT.failed,
        strange,
        `${one.unknown.help}; mon.cf is made by \`lvsctl configure\`, and read when mon starts`,
      );
    if (strange !== undefined) context.err(`${context.errStyle.yellow('warning')}: ${strange}\n`);
    else if (one.effects.every(({ what }) => NOTHING_NEW.has(what)) && isOwn) context.out('nothing new\n');
    for (const sentence of one.effects.flatMap(effect => recheckSentence(effect) ?? []))
      context.out(`${sentence}\n`);
  }
  return EXIT.done;
}

/** What the alert would change now. Takes no lock, and leaves no alert. */
async function rehearse(context: Context, event: Alert, now: Moment): Promise<number> {
  const { files } = context.ports;
  const { warn } = visitor(context, 'alert');
  const running = await readRunning(files, now, warn);
  const { cluster } = operable(running.current);
  const heard = running.waiting?.heard ?? (await readHeard(files)).value;
  const known = { health: running.health, heard };
  const { told, health } = hear(cluster, [{ name: '', event }], known);
  const overlay = overlayAt({ operator: running.operator, health, measured: running.measured }, now);
  const plan = planFor({ cluster, prune: false }, { ...running, overlay }, await readLive(context.ports));
  context.out(planText({ plan, settings: [], owner: 'lvsctl' }, false, context.outStyle));
  return tell(context, {
    ...running,
    overlay,
    name: '',
    waiting: { told, health, heard, taken: [], before: health },
  });
}
