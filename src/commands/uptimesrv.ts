import { endpoint, isLoopback } from '../cluster/address.js';
import { harmless, quote } from '../diagnostic/quote.js';
import { answerOf } from '../realserver/agent/answer.js';
import type { BusySource } from '../realserver/agent/busy.js';
import { AGENT_STATE, type State, writeState } from '../realserver/agent/state.js';
import { wantedAgent, type WantedAgent } from './agent/wanted.js';
import type { Net } from '../system/ports.js';
import type { Context, Options, Run } from './context.js';
import { EXIT, Failure, fileFailure } from './exit.js';

export const run: Run = async (context, _args, options) => {
  const state = options['state'] as State | undefined;
  if (state !== undefined) return await setState(context, options, state);
  const source = busySource(options);
  const wanted = await wantedAgent(context, options);
  if (options['dryRun']) return await rehearse(context, wanted, source);
  if (!wanted.allow) {
    warn(context, 'everyone is answered: name the directors with --allow, or a description of them with -f');
  }
  await serve(context, wanted, source);
  return EXIT.done;
};

async function setState(context: Context, options: Options, state: State): Promise<number> {
  for (const key of ['listen', 'allow', 'busyFile', 'busyCommand', 'file']) {
    if (options[key] === undefined) continue;
    throw new Failure(EXIT.usage, '--state is what the agent that runs says from now on: it goes alone');
  }
  if (options['dryRun']) {
    context.out(`would write ${state} to ${AGENT_STATE}\n`);
    return EXIT.done;
  }
  try {
    await writeState(context.ports.files, state);
  } catch (error) {
    throw fileFailure(`${AGENT_STATE} cannot be written`, error);
  }
  context.out(`${state}: the agent of this host says so from now on\n`);
  return EXIT.done;
}

function busySource(options: Options): BusySource | undefined {
  const { busyFile: file, busyCommand: command } = options;
  if (file !== undefined && command !== undefined)
    throw new Failure(EXIT.usage, '--busy-file and --busy-command exclude each other');
  if (command === '') throw new Failure(EXIT.usage, 'the command of --busy-command cannot be empty');
  if (typeof command === 'string') return { command };
  if (typeof file !== 'string') return undefined;
  if (file.startsWith('/')) return { file };
  throw new Failure(EXIT.usage, `the path of --busy-file has to be absolute, not ${quote(file)}`);
}

/** What it would say now, and where, and to whom. */
async function rehearse(
  context: Context,
  { places, allow }: WantedAgent,
  source: BusySource | undefined,
): Promise<number> {
  const text = await answerOf(context.ports, source, complaint => warn(context, complaint));
  if (text === undefined) throw noProc();
  const where = places.map(({ address = '*', port }) => endpoint(address, port));
  context.err(`on ${where.join(', ')} it would say to ${allow ? [...allow].join(', ') : 'everyone'}:\n`);
  context.out(text);
  return EXIT.done;
}

async function serve(context: Context, wanted: WantedAgent, source: BusySource | undefined): Promise<void> {
  const { ports, stop } = context;
  const complain = eachOnce(context);
  const lament = eachOnce(context);
  const make = async (): Promise<string | undefined> => {
    let complaint: string | undefined;
    const text = await answerOf(ports, source, said => (complaint = said));
    complain(complaint);
    return text;
  };
  let asked: Promise<string | undefined> | undefined;
  // Whoever asks while an answer is being made gets that one: many askers cost no more than one.
  const answer = async (): Promise<string | undefined> =>
    await (asked ??= make().finally(() => (asked = undefined)));
  if ((await answer()) === undefined) throw noProc();
  try {
    await ports.net.serve({
      places: wanted.places,
      listening: places =>
        context.err(
          `listening on ${places.join(', ')} for ${wanted.allow ? [...wanted.allow].join(', ') : 'everyone'}\n`,
        ),
      answer: async peer => (mayAsk(wanted, peer, ports.net) ? await answer() : undefined),
      trouble: error => lament(`nobody can be answered: ${(error as Error).message}`),
      signal: stop,
    });
  } catch (error) {
    throw listenFailure(error);
  }
}

/** This host itself may always ask, from any of its addresses: at which of them it is asked is the description's choice. */
function mayAsk({ allow }: WantedAgent, peer: string, net: Net): boolean {
  return !allow || allow.has(peer) || isLoopback(peer) || net.addresses().includes(peer);
}

/** Warns, and of the same again only once it has been well in between (`undefined`). */
function eachOnce(context: Context): (text: string | undefined) => void {
  let told: string | undefined;
  return text => {
    if (text !== undefined && text !== told) warn(context, text);
    told = text;
  };
}

function warn(context: Context, text: string): void {
  context.err(`${context.errStyle.yellow('warning')}: ${harmless(text)}\n`);
}

function noProc(): Failure {
  return new Failure(
    EXIT.unavailable,
    'there is no /proc/uptime, by which the agent knows how long this host runs',
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something listens there already',
  EADDRNOTAVAIL: 'this host has no such address',
  EACCES: 'permission denied',
};

function listenFailure(error: unknown): unknown {
  const { code, place, message } = error as NodeJS.ErrnoException & { place?: string };
  if (place === undefined) return error;
  const denied = code === 'EACCES';
  return new Failure(
    denied ? EXIT.notPermitted : EXIT.failed,
    `cannot listen on ${place}: ${REASONS[code ?? ''] ?? message}`,
    code === 'EADDRINUSE'
      ? 'is it uptimesrv.socket of systemd, or another agent? --listen chooses another port'
      : undefined,
  );
}
