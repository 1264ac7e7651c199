import * as z from '../diagnostic/zod.js';
import { canonicalAddress } from '../cluster/address.js';
import { LONGEST } from '../cluster/duration.js';
import { isName } from '../cluster/naming.js';
import type { Due, Moment } from './moment.js';

function value<T>(allowed: string, accepts: (value: unknown) => value is T): z.ZodType<T> {
  return z.custom<T>(accepts, { error: `it must be ${allowed}` });
}

/** Text that fulfils a condition. */
export function text(allowed: string, matches: (text: string) => boolean): z.ZodType<string> {
  return value(allowed, (it): it is string => typeof it === 'string' && matches(it));
}

export function integer(least: number, most: number): z.ZodType<number> {
  const error = `it must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** What people wrote: any text, within bounds. */
export const words = text('text of at most 1000 characters', it => it.length <= 1000);
/** One line without controls, as every value of a description is. */
export const line = text('one line of at most 1024 characters', it =>
  /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{0,1024}$/u.test(it),
);
export const name = text('a name', isName);
/** A host's name as `uname -n` says it. */
export const hostName = text('the name of a host', it => /^[A-Za-z0-9_.-]{1,253}$/.test(it));
export const address = text('an address in its canonical form', it => canonicalAddress(it) === it);
export const weight = integer(0, 65_535);
export const port = integer(0, 65_535);
export const milliseconds = integer(0, LONGEST);
/** A duration of at least a moment. */
export const span = integer(1, LONGEST);
export const revision = integer(0, Number.MAX_SAFE_INTEGER);
/** The number of a generation. */
export const number = integer(1, Number.MAX_SAFE_INTEGER);

const ENDPOINT = /^(?:\[([0-9a-f:]+)\]|([0-9.]+)):(0|[1-9]\d{0,4})$/;

function isEndpoint(it: string): boolean {
  const [, six, four, portText] = ENDPOINT.exec(it) ?? [];
  const own = six ?? four;
  return own !== undefined && canonicalAddress(own) === own && Number(portText) <= 65_535;
}

function isServiceKey(it: string): boolean {
  const mark = /^fwmark:([1-9]\d{0,9})\/ipv[46]$/.exec(it);
  if (mark) return Number(mark[1]) <= 4_294_967_295;
  return isEndpoint(it.replace(/\/(tcp|udp|sctp)$/, '')) && it.includes('/');
}

export const serviceKey = text('a service such as 10.0.0.1:80/tcp or fwmark:7/ipv4', isServiceKey);
export const serverKey = text('a server such as 10.0.0.2:80', isEndpoint);
/** The fields of a `Place`. */
export const PLACE = { service: serviceKey, server: serverKey } as const;

export const time = text(
  'a time such as 2026-11-21T02:00:00.000Z',
  it => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(it) && !Number.isNaN(Date.parse(it)),
);

export const moment: z.ZodType<Moment> = z.strictObject({
  at: time,
  boot: text('the name of a boot', it => /^[0-9a-f-]{0,64}$/.test(it)),
  up: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
});

export const due: z.ZodType<Due> = z.union([
  z.strictObject({ at: time }),
  z.strictObject({ since: moment, ms: milliseconds }),
]);
