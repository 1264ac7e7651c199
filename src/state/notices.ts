import * as z from '../diagnostic/zod.js';
import type { Files } from '../system/ports.js';
import { readDocument, readRenewable, type Renewable, writeDocument } from './documents.js';
import { type Due, isDue, type Moment } from './moment.js';
import { NOTICES } from './paths.js';
import { integer, line, moment, serviceKey, time, words } from './values.js';
import type { Writing } from './staging.js';

/** A server that died or returned, as people and programs are told of it. */
export interface Change {
  readonly time: string;
  /** As the description has them. */
  readonly service: string;
  readonly server: string;
  readonly event: 'down' | 'up';
  readonly cause: string;
  /** What came of it, and what that means for the service: a sentence each. */
  readonly text: readonly string[];
}

/** What has been told of a service, and what has not. */
interface Notice {
  /** By `serviceKey`. */
  readonly service: string;
  /** When something was told last. */
  readonly told: Moment;
  readonly changes: readonly Change[];
  /** How many more there were. */
  readonly more: number;
}

export type Notices = readonly Notice[];

/** Of one service something is told at once, then no more than once in so many milliseconds. */
const PAUSE = 60_000;
/** So many changes one message has at most, the first ones. */
const MOST = 50;

const change: z.ZodType<Change> = z.strictObject({
  time,
  service: line,
  server: line,
  event: z.enum(['down', 'up']),
  cause: words,
  text: z.array(words),
});

export const changesSchema = z.array(change);

const schema = z.strictObject({
  services: z.array(
    z.strictObject({
      service: serviceKey,
      told: moment,
      changes: changesSchema,
      more: integer(0, Number.MAX_SAFE_INTEGER),
    }),
  ),
});

/** A file that cannot be used counts as empty. @throws StateFailure */
export async function readNotices(files: Files): Promise<Renewable<Notices>> {
  const read = async (): Promise<Notices | undefined> =>
    (await readDocument(files, NOTICES, schema))?.services;
  return await readRenewable(NOTICES, read, []);
}

/** @throws StateFailure */
export async function writeNotices(files: Writing, notices: Notices): Promise<void> {
  await writeDocument(files, NOTICES, { services: notices });
}

/** What is told of one service in one message. */
export interface Message {
  readonly changes: readonly Change[];
  readonly more: number;
}

/** When what waits may be told. */
export function dueOf({ told }: Notice): Due {
  return { since: told, ms: PAUSE };
}

/** Those of which something waits to be told. */
export function waiting(notices: Notices): Notices {
  return notices.filter(one => one.changes.length > 0);
}

/**
 * Takes in what has changed, by the key of the service, and says what is to be told now. What nothing waits for and
 * nothing holds back any more is forgotten.
 */
export function tellable(
  notices: Notices,
  changed: ReadonlyMap<string, readonly Change[]>,
  now: Moment,
): { readonly messages: readonly Message[]; readonly notices: Notices } {
  const known = new Map(notices.map(one => [one.service, one]));
  const messages: Message[] = [];
  const left: Notice[] = [];
  for (const service of new Set([...known.keys(), ...changed.keys()])) {
    const notice = known.get(service);
    const all = [...(notice?.changes ?? []), ...(changed.get(service) ?? [])];
    const changes = all.slice(0, MOST);
    const more = (notice?.more ?? 0) + all.length - changes.length;
    const isFree = !notice || isDue(dueOf(notice), now);
    if (!isFree) left.push({ ...notice, changes, more });
    else if (changes.length > 0) {
      messages.push({ changes, more });
      left.push({ service, told: now, changes: [], more: 0 });
    }
  }
  return { messages, notices: left };
}
