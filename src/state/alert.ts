import * as z from '../diagnostic/zod.js';
import { type Place, place } from '../table/overlay.js';
import type { Files } from '../system/ports.js';
import { readDocument, readRenewable, type Renewable, writeDocument } from './documents.js';
import type { Moment } from './moment.js';
import { HEARD } from './paths.js';
import { line, moment, PLACE, text, words } from './values.js';
import type { Writing } from './staging.js';

/**
 * What a checker says of a server. `failure`: it is dead. `up`: it lives again. `startup`: the checker has started, and
 * has not asked it yet.
 */
export type Finding = 'failure' | 'up' | 'startup';

/** An alert as it waits in the inbox. */
export interface Alert {
  readonly finding: Finding;
  /** As people type them: names, or the kernel's identities. */
  readonly service: string;
  readonly server: string;
  /** When the checker found it. */
  readonly at: Moment;
  /** What the checker says of it, in a line. */
  readonly reason?: string;
}

/** What may be a service or a server: the characters of names, addresses and ports. */
export function isSubject(it: string): boolean {
  return /^[A-Za-z0-9_[][A-Za-z0-9_.:[\]/-]{0,254}$/.test(it);
}

const subject = text('the name or address of a service or server', isSubject);

export const alertSchema: z.ZodType<{ readonly event: Alert }> = z.strictObject({
  event: z.strictObject({
    finding: z.enum(['failure', 'up', 'startup']),
    service: subject,
    server: subject,
    at: moment,
    reason: line.and(words).exactOptional(),
  }),
});

/**
 * When a checker found what is known last of each server, by `place`: milliseconds of the boot's clock. Of two alerts
 * whose processes overtook each other the later finding holds, also where the other comes when it is settled.
 */
export type Heard = ReadonlyMap<string, number>;

/** Alerts that are of one second by mon's clock hold in the order in which they came. */
const SAME = 500;
/** Milliseconds after which nothing older is expected any more. */
const MEMORY = 600_000;

const schema = z.strictObject({ heard: z.array(z.strictObject({ ...PLACE, up: z.int() })) });

/** Whether a later finding of the server is known. */
export function isLate(heard: Heard, at: Place, { up }: Moment): boolean {
  return up < (heard.get(place(at)) ?? -Infinity) - SAME;
}

/** One that cannot be used counts as empty: alerts that overtake each other are rare. @throws StateFailure */
export async function readHeard(files: Files): Promise<Renewable<Heard>> {
  const read = async (): Promise<Heard | undefined> => {
    const found = await readDocument(files, HEARD, schema);
    return found && new Map(found.heard.map(one => [place(one), one.up]));
  };
  return await readRenewable(HEARD, read, new Map());
}

/** Forgets what is too old to matter. @throws StateFailure */
export async function writeHeard(files: Writing, heard: Heard, now: Moment): Promise<void> {
  const kept = [...heard].filter(([, up]) => up > now.up - MEMORY);
  const entries = kept.map(([at, up]) => {
    const [service, server] = at.split(' ');
    return { service, server, up };
  });
  await writeDocument(files, HEARD, { heard: entries });
}
