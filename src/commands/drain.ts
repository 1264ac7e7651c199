import { entryOf } from '../director/ask.js';
import { holdingOf } from '../director/connections.js';
import { readLive } from '../director/kernel.js';
import type { Operation } from '../director/operate.js';
import { momentNow } from '../state/moment.js';
import { readOperator } from '../state/operator.js';
import { durationOf } from './apply.js';
import { awaitConnections, connections } from './await-connections.js';
import type { Context, Options, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { runOperation, serversNamed, wishOf } from './operation.js';
import { pointInTime } from './point-in-time.js';

export const run: Run = async (context, args, options) => {
  const now = await momentNow(context.ports.files, context.ports.clock);
  const at = options['at'];
  const when = typeof at === 'string' ? pointInTime(at, now) : undefined;
  const lasts = durationOf(options, 'expires');
  const wait = waitOf(options, when !== undefined);
  const ask = {
    verb: 'drain' as const,
    wish: wishOf(context, options),
    ...(lasts === undefined ? {} : { lasts }),
    ...(when ? { when } : {}),
  };
  const request = { ask, find: serversNamed(args, options), force: options['force'] === true };
  const operation = await runOperation(context, options, request, now);
  if (!wait || options['dryRun'] === true) return EXIT.done;
  return await waitForEnd(context, operation, wait.longest);
};

/** Undefined: it returns at once. @throws Failure (64) */
function waitOf(options: Options, isPlanned: boolean): { readonly longest: number | undefined } | undefined {
  const longest = durationOf(options, 'timeout');
  if (options['wait'] !== true) {
    if (longest === undefined) return undefined;
    throw new Failure(EXIT.usage, '--timeout says how long --wait waits, which is not given');
  }
  if (!isPlanned) return { longest };
  throw new Failure(EXIT.usage, '--wait cannot wait for a drain that is only planned with --at');
}

/** @returns exit code 1 where connections are left, or the drain was taken back meanwhile */
async function waitForEnd(
  context: Context,
  { servers }: Operation,
  longest: number | undefined,
): Promise<number> {
  const live = await readLive(context.ports);
  const places = new Map(
    servers.flatMap(one => {
      const holding = holdingOf(live, one);
      return holding ? [[holding.at, { inactive: holding.inactive }] as const] : [];
    }),
  );
  const isTakenBack = async (): Promise<boolean> => {
    const operator = await readOperator(context.ports.files);
    return !servers.every(one => entryOf(operator, one)?.drain);
  };
  const { how, left } = await awaitConnections(context, { servers: places }, longest, isTakenBack);
  switch (how) {
    case 'none left':
      context.err('no connection is left\n');
      return EXIT.done;
    case 'interrupted':
      context.err('the drain stays; lvsctl undrain takes it back\n');
      return EXIT.interrupted;
    case 'pointless':
      throw new Failure(EXIT.failed, `the drain does not hold any more; ${connections(left)} left`);
    case 'time is up': {
      const help = 'the drain stays; lvsctl undrain takes it back';
      throw new Failure(EXIT.failed, `the time is up: ${connections(left)} left`, help);
    }
  }
}
