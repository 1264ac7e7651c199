import { quote } from '../diagnostic/quote.js';
import { momentNow } from '../state/moment.js';
import { durationOf } from './apply.js';
import type { Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { runOperation, serversNamed, wishOf } from './operation.js';

const MOST = 65_535;

export const run: Run = async (context, [service = '', server = '', given = ''], options) => {
  const value = weightOf(given);
  const lasts = durationOf(options, 'expires');
  if (value === undefined && lasts !== undefined)
    throw new Failure(EXIT.usage, '--expires belongs to a weight, not to auto');
  const ask = {
    verb: 'weight' as const,
    wish: wishOf(context, options),
    ...(value === undefined ? {} : { value }),
    ...(lasts === undefined ? {} : { lasts }),
  };
  const request = { ask, find: serversNamed([service, server], options), force: false };
  await runOperation(context, options, request, await momentNow(context.ports.files, context.ports.clock));
  return EXIT.done;
};

/** Undefined: auto. @throws Failure (64) */
function weightOf(given: string): number | undefined {
  if (given === 'auto') return undefined;
  const value = /^\d{1,5}$/.test(given) ? Number(given) : MOST + 1;
  if (value <= MOST) return value;
  throw new Failure(EXIT.usage, `a weight is a number from 0 to ${MOST}, or auto, not ${quote(given)}`);
}
