import * as z from '../diagnostic/zod.js';
import type { Cluster } from '../cluster/cluster.js';
import { clusterSchema } from './cluster-schema.js';
import { foundThere } from './machine.js';
import type { FoundThere } from '../table/machine.js';
import type { Due, Moment } from './moment.js';
import { due, hostName, moment, number, revision, words } from './values.js';

/** One running cluster: what was applied, by whom, and what was there before. */
export interface Generation {
  readonly number: number;
  readonly made: Moment;
  readonly author: string;
  /** What made it: `apply`, `rollback to 3`, `server add web 10.0.0.3`. */
  readonly by: string;
  readonly reason?: string;
  /** The file that it came from, whole. */
  readonly description: { readonly name: string; readonly text: string };
  readonly cluster: Cluster;
  /** The lines of ipvsadm(8) that gave the kernel's table before it, timeouts included. */
  readonly before: readonly string[];
  /** Of its addresses and marks: what was on the machine already. */
  readonly found?: FoundThere;
  /** The generation that ran before; null for the first. */
  readonly replaces: number | null;
  readonly trial: Trial;
  /** For whoever has two versions of the running cluster: the higher revision is the later one. */
  readonly revision: number;
  readonly host: string;
}

/**
 * Whether it holds for good.
 *
 * `waiting`: unless it is confirmed until `due`, `back` runs again (null: what was there before lvsctl). One that waits
 * and does not run any more was never confirmed.
 */
export type Trial =
  | { readonly state: 'confirmed'; readonly at: Moment }
  | { readonly state: 'waiting'; readonly due: Due; readonly back: number | null };

/** ipvsadm's lines have no other characters; what else is in one came from elsewhere. */
export const tableLine = z
  .string()
  .regex(/^-[A-Za-z0-9_ .:,[\]/-]{1,255}$/, { error: 'it must be a line of ipvsadm' });
export const tableLines = z.array(tableLine);

export const trialSchema: z.ZodType<Trial> = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('confirmed'), at: moment }),
  z.strictObject({ state: z.literal('waiting'), due, back: number.nullable() }),
]);

export const generationSchema: z.ZodType<Generation> = z.strictObject({
  number,
  made: moment,
  author: words,
  by: words,
  reason: words.exactOptional(),
  description: z.strictObject({ name: words, text: z.string() }),
  cluster: clusterSchema,
  before: tableLines,
  found: foundThere.exactOptional(),
  replaces: number.nullable(),
  trial: trialSchema,
  revision,
  host: hostName,
});
