import * as z from '../diagnostic/zod.js';
import { type Place, place } from '../table/overlay.js';
import type { Files } from '../system/ports.js';
import { readDocument, readRenewable, type Renewable, writeDocument } from './documents.js';
import type { Moment } from './moment.js';
import type { Rise } from './operator.js';
import { HEALTH } from './paths.js';
import { moment, PLACE, span, words } from './values.js';
import type { Writing } from './staging.js';

/** What this director's checkers found, since its boot. */
export interface Health {
  readonly dead: readonly Dead[];
  /** Servers that have come back, and whose weight still rises. */
  readonly rising: readonly (Place & Rise)[];
}

export interface Dead extends Place, Death {}

interface Death {
  readonly since: Moment;
  /** Who found it: `mon`. */
  readonly by: string;
  /** Its checker has started since, and asks it again. */
  readonly recheck?: Recheck;
}

/** A dead server lives again once its time is over, unless its checker has found it dead again. */
export interface Recheck {
  readonly since: Moment;
  /** Milliseconds that the checker takes to find a dead server dead, at most. */
  readonly over: number;
}

/** What is known of one server's health; neither where it is well. */
export interface Condition {
  readonly dead?: Death;
  readonly rising?: Rise;
}

export const HEALTHY: Health = { dead: [], rising: [] };

const DEATH = {
  since: moment,
  by: words,
  recheck: z.strictObject({ since: moment, over: span }).exactOptional(),
} as const;
const RISE = { since: moment, over: span } as const;

export const conditionSchema: z.ZodType<Condition> = z.strictObject({
  dead: z.strictObject(DEATH).exactOptional(),
  rising: z.strictObject(RISE).exactOptional(),
});

export const healthSchema: z.ZodType<Health> = z.strictObject({
  dead: z.array(z.strictObject({ ...PLACE, ...DEATH })),
  rising: z.array(z.strictObject({ ...PLACE, ...RISE })),
});

/** Of how many servers something is known. */
export function serversIn({ dead, rising }: Health): number {
  return dead.length + rising.length;
}

/** What is on the disk, left as it is; undefined where there is none. @throws StateFailure where it cannot be used */
export async function keptHealth(files: Files): Promise<Health | undefined> {
  return await readDocument(files, HEALTH, healthSchema);
}

/** Of a file that cannot be used checkers say anew what is dead. @throws StateFailure */
export async function readHealth(files: Files): Promise<Renewable<Health>> {
  return await readRenewable(HEALTH, () => keptHealth(files), HEALTHY);
}

/** @throws StateFailure */
export async function writeHealth(files: Writing, health: Health): Promise<void> {
  await writeDocument(files, HEALTH, health, { indent: 2 });
}

/** The server is dead; told twice is told once, but for one that is asked again: it is not any more. */
export function died(health: Health, at: Place, by: string, now: Moment): Health {
  const known = deathOf(health, at);
  if (known) return known.recheck ? withDeath(health, { ...at, since: known.since, by: known.by }) : health;
  const { service, server } = at;
  return {
    dead: [...health.dead, { service, server, since: now, by }],
    rising: health.rising.filter(one => !isAt(at)(one)),
  };
}

/** The checker asks the server again, which takes up to `over` milliseconds. One that lives is not concerned. */
export function rechecked(health: Health, at: Place, over: number, now: Moment): Health {
  const known = deathOf(health, at);
  return known ? withDeath(health, { ...known, recheck: { since: now, over } }) : health;
}

export function deathOf({ dead }: Health, at: Place): Dead | undefined {
  return dead.find(isAt(at));
}

function withDeath(health: Health, death: Dead): Health {
  return { ...health, dead: health.dead.map(one => (isAt(death)(one) ? death : one)) };
}

/** The server is alive. One that was dead rises for `slowStart` milliseconds. */
export function returned(health: Health, at: Place, slowStart: number, now: Moment): Health {
  if (!health.dead.some(isAt(at))) return health;
  const { service, server } = at;
  return {
    dead: health.dead.filter(one => !isAt(at)(one)),
    rising:
      slowStart > 0 ? [...health.rising, { service, server, since: now, over: slowStart }] : health.rising,
  };
}

function isAt(at: Place): (other: Place) => boolean {
  const key = place(at);
  return other => place(other) === key;
}
