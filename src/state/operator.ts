import * as z from '../diagnostic/zod.js';
import { type Place, place } from '../table/overlay.js';
import type { Files } from '../system/ports.js';
import { readDocument, writeDocument } from './documents.js';
import type { Due, Moment } from './moment.js';
import { OPERATOR } from './paths.js';
import type { Writing } from './staging.js';
import { due, hostName, milliseconds, moment, PLACE, revision, span, weight, words } from './values.js';

/** What an operator gives with a wish. */
export interface Wish {
  readonly author: string;
  readonly reason?: string;
}

/** What holds since a moment, until it is taken back or expires. */
export interface Said extends Wish {
  readonly since: Moment;
  readonly expires?: Due;
}

/** A drain to come. */
interface Planned extends Wish {
  readonly since: Moment;
  readonly due: Due;
  /** Milliseconds that it then lasts; absent = until it is taken back. */
  readonly lasts?: number;
}

/** A weight that rises since a moment, for so many milliseconds. */
export interface Rise {
  readonly since: Moment;
  readonly over: number;
}

/**
 * What operators said of one server. One of which nothing is said any more stays, so that another director learns
 * that: of two entries for a server the one with the higher revision is the later.
 */
export interface OperatorEntry extends Place, Sayings {}

/** What is said of it, by whom of two directors, and how late. */
export interface Sayings {
  readonly drain?: Said;
  readonly planned?: Planned;
  readonly weight?: Said & { readonly value: number };
  readonly slowStart?: Rise;
  readonly revision: number;
  readonly host: string;
}

export interface Operator {
  readonly entries: readonly OperatorEntry[];
}

/** Which host changes the state, and when. */
export interface Stamp {
  readonly host: string;
  readonly now: Moment;
}

const WISH = { author: words, reason: words.exactOptional(), since: moment } as const;
const SAID = { ...WISH, expires: due.exactOptional() } as const;

const SAYINGS = {
  drain: z.strictObject(SAID).exactOptional(),
  planned: z.strictObject({ ...WISH, due, lasts: milliseconds.exactOptional() }).exactOptional(),
  weight: z.strictObject({ ...SAID, value: weight }).exactOptional(),
  slowStart: z.strictObject({ since: moment, over: span }).exactOptional(),
  revision,
  host: hostName,
} as const;

export const sayingsSchema: z.ZodType<Sayings> = z.strictObject(SAYINGS);

export const operatorSchema: z.ZodType<Operator> = z
  .strictObject({ entries: z.array(z.strictObject({ ...PLACE, ...SAYINGS })) })
  .refine(({ entries }) => new Set(entries.map(place)).size === entries.length, {
    error: 'a server is there twice',
  });

/** Undefined where nothing has been said yet. @throws StateFailure where it cannot be used */
export async function keptOperator(files: Files): Promise<Operator | undefined> {
  return await readDocument(files, OPERATOR, operatorSchema);
}

/** @throws StateFailure where it cannot be used: what it says must not be forgotten unasked */
export async function readOperator(files: Files): Promise<Operator> {
  return (await keptOperator(files)) ?? { entries: [] };
}

/** @throws StateFailure */
export async function writeOperator(files: Writing, operator: Operator): Promise<void> {
  await writeDocument(files, OPERATOR, operator, { indent: 2 });
}

/** Weight 0 from now on, for `lasts` milliseconds or until it is taken back. A planned drain is off. */
export function drain(
  operator: Operator,
  places: readonly Place[],
  { lasts, ...wish }: Wish & { readonly lasts?: number },
  stamp: Stamp,
): Operator {
  return change(operator, places, stamp, ({ planned: _off, ...entry }) => ({
    ...entry,
    drain: said(wish, lasts, stamp.now),
  }));
}

/** A drain to come, in place of another one to come. */
export function planDrain(
  operator: Operator,
  places: readonly Place[],
  { lasts, ...wish }: Wish & { readonly lasts?: number },
  when: Due,
  stamp: Stamp,
): Operator {
  const planned = { ...wish, since: stamp.now, due: when, ...(lasts === undefined ? {} : { lasts }) };
  return change(operator, places, stamp, entry => ({ ...entry, planned }));
}

/** Takes a drain back, one to come as well; the weight then rises for `slowStart` milliseconds. */
export function undrain(
  operator: Operator,
  places: readonly Place[],
  slowStart: number,
  stamp: Stamp,
): Operator {
  return change(operator, places, stamp, ({ drain: was, planned: _off, ...entry }) => ({
    ...entry,
    ...(was && slowStart > 0 ? { slowStart: { since: stamp.now, over: slowStart } } : {}),
  }));
}

/** @param value 0–65535, or undefined: the operator says nothing of the weight any more */
export function setWeight(
  operator: Operator,
  places: readonly Place[],
  value: number | undefined,
  { lasts, ...wish }: Wish & { readonly lasts?: number },
  stamp: Stamp,
): Operator {
  return change(operator, places, stamp, ({ weight: _old, ...entry }) => ({
    ...entry,
    ...(value === undefined ? {} : { weight: { ...said(wish, lasts, stamp.now), value } }),
  }));
}

/** Without the entries of servers that are gone for good. */
export function forget(operator: Operator, isGone: (at: Place) => boolean): Operator {
  return { entries: operator.entries.filter(entry => !isGone(entry)) };
}

function said(wish: Wish, lasts: number | undefined, since: Moment): Said {
  return { ...wish, since, ...(lasts === undefined ? {} : { expires: { since, ms: lasts } }) };
}

/** The entries of these places changed, or made, each later than all there were. */
function change(
  operator: Operator,
  places: readonly Place[],
  { host }: Stamp,
  edit: (entry: OperatorEntry) => OperatorEntry,
): Operator {
  const revision = nextRevision(operator);
  const entries = new Map(operator.entries.map(entry => [place(entry), entry]));
  for (const { service, server } of places) {
    const key = place({ service, server });
    const old = entries.get(key) ?? { service, server, revision, host };
    entries.set(key, { ...edit(old), revision, host });
  }
  return { entries: [...entries.values()] };
}

/** Higher than every revision that there is. */
export function nextRevision({ entries }: Operator): number {
  return entries.reduce((latest, { revision }) => Math.max(latest, revision), 0) + 1;
}
