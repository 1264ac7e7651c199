import { parseDuration } from '../cluster/duration.js';
import { quote } from '../diagnostic/quote.js';
import { momentNow } from '../state/moment.js';
import type { Options, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { runOperation, serversNamed, wishOf } from './operation.js';

export const run: Run = async (context, args, options) => {
  const slowStart = slowStartOf(options);
  const ask = {
    verb: 'undrain' as const,
    wish: wishOf(context, options),
    ...(slowStart === undefined ? {} : { slowStart }),
  };
  const request = { ask, find: serversNamed(args, options), force: false };
  await runOperation(context, options, request, await momentNow(context.ports.files, context.ports.clock));
  return EXIT.done;
};

/** Milliseconds; 0 is none, whatever the service has. @throws Failure (64) */
function slowStartOf(options: Options): number | undefined {
  const given = options['slowStart'];
  if (typeof given !== 'string') return undefined;
  const ms = parseDuration(given);
  if (ms !== undefined) return ms;
  throw new Failure(EXIT.usage, `--slow-start takes a time such as 60s or 5m, or 0s, not ${quote(given)}`);
}
