import * as z from '../diagnostic/zod.js';
import type { Limit } from '../weights/guard.js';
import type { Basis } from '../weights/laws.js';
import type { State, Weighed } from '../weights/poll.js';
import type { Files } from '../system/ports.js';
import { readDocument, readRenewable, type Renewable, writeDocument } from './documents.js';
import type { Moment } from './moment.js';
import { ESTIMATOR } from './paths.js';
import { hostName, integer, line, moment, revision, serverKey, serviceKey, weight } from './values.js';

/** What the poller keeps from one poll to the next, and may give to another director. */
export interface Kept {
  /** Whose counters of connections these are. */
  readonly host: string;
  readonly revision: number;
  readonly polled: Moment;
  readonly control: State;
  /** What the poll came to, by the key of the service: why each weight is what it is. */
  readonly weighed: Readonly<Record<string, readonly Weighed[]>>;
  /** What has been told of machines whose agents could not be understood, by their names. */
  readonly silent: Readonly<Record<string, string>>;
}

const amount = z.number().nonnegative();
/** What is added up stays a number. */
const counted = amount.max(Number.MAX_SAFE_INTEGER);
const work = z.strictObject({ completions: counted, busy: counted });
const estimate = z.strictObject({
  counters: z.strictObject({
    boot: line,
    time: counted,
    cpus: z.number().positive().max(65_536),
    busy: counted,
  }),
  base: work,
  window: work,
  seen: counted,
  polls: integer(0, Number.MAX_SAFE_INTEGER),
  off: z.int(),
  spread: z.number().min(1).exactOptional(),
});
const control: z.ZodType<State> = z.strictObject({
  hosts: z.record(
    line,
    z.strictObject({
      heard: z.number(),
      clock: z
        .strictObject({ boot: line, time: counted, at: z.number(), isWrong: z.literal(true).exactOptional() })
        .exactOptional(),
      asks: z.enum(['drain', 'maint']).exactOptional(),
      estimates: z.strictObject({ connections: estimate.exactOptional(), turns: estimate.exactOptional() }),
    }),
  ),
  servers: z.record(
    serviceKey,
    z.record(
      serverKey,
      z.strictObject({
        factor: z.number().positive(),
        weight,
        configured: weight.exactOptional(),
        counted: z
          .strictObject({ connections: counted, active: counted, isOpen: z.boolean() })
          .exactOptional(),
      }),
    ),
  ),
});

// Written as tables, so that none can be left out.
const BASES: Readonly<Record<Basis, true>> = {
  static: true,
  capacity: true,
  uptime: true,
  share: true,
  latency: true,
  none: true,
};
const LIMITS: Readonly<Record<Limit, true>> = {
  held: true,
  decaying: true,
  frozen: true,
  floor: true,
  slew: true,
  hysteresis: true,
  backlog: true,
};
const weighed: z.ZodType<Weighed> = z.strictObject({
  key: serverKey,
  weight,
  basis: z.enum(Object.keys(BASES) as Basis[]),
  capacity: amount.exactOptional(),
  load: amount.exactOptional(),
  latency: amount.exactOptional(),
  wanted: amount.exactOptional(),
  factor: z.number().positive(),
  limits: z.array(z.enum(Object.keys(LIMITS) as Limit[])),
  silent: amount.exactOptional(),
  asks: z.enum(['drain', 'maint']).exactOptional(),
});

const schema: z.ZodType<Kept> = z.strictObject({
  host: hostName,
  revision,
  polled: moment,
  control,
  weighed: z.record(serviceKey, z.array(weighed)),
  silent: z.record(line, line),
});

/** undefined where nothing was polled; a file that cannot be used counts as none. @throws StateFailure */
export async function readKept(files: Files): Promise<Renewable<Kept | undefined>> {
  return await readRenewable(ESTIMATOR, () => readDocument(files, ESTIMATOR, schema), undefined);
}

/** @throws StateFailure */
export async function writeEstimator(files: Files, kept: Kept): Promise<void> {
  await writeDocument(files, ESTIMATOR, kept);
}
