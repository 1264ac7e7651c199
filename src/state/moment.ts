import type { Clock, Files } from '../system/ports.js';

/** A point in time by two clocks: the wall's, which may be stepped, and the boot's, which may not. */
export interface Moment {
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** Which boot (/proc/sys/kernel/random/boot_id, random(4)). */
  readonly boot: string;
  /** Milliseconds since that boot; below 0 for what was before it. */
  readonly up: number;
}

/** When something is due: at a time of the wall's clock, or so many milliseconds after a moment. */
export type Due = { readonly at: string } | { readonly since: Moment; readonly ms: number };

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

export async function momentNow(files: Files, clock: Clock): Promise<Moment> {
  // Without a name for the boot no moment is of the same one, and the wall's clock decides.
  const boot = await files.read(BOOT_ID, 64).catch(() => new Uint8Array());
  return {
    at: clock.now().toISOString(),
    boot: new TextDecoder().decode(boot).trim(),
    up: Math.round(clock.elapsed()),
  };
}

/**
 * Milliseconds between two moments, never below 0. Within a boot the boot's clock tells, so that no step of the wall's
 * clock shortens or stretches it. Over a reboot the wall's clock does, but it is at least what this boot has lasted:
 * where the clock comes up wrong, in the past, nothing is put off for ever.
 */
export function elapsed(since: Moment, now: Moment): number {
  if (isSameBoot(since, now)) return Math.max(0, now.up - since.up);
  return Math.max(Date.parse(now.at) - Date.parse(since.at), now.up, 0);
}

function isSameBoot(one: Moment, other: Moment): boolean {
  return one.boot !== '' && one.boot === other.boot;
}

/** Milliseconds until it is due; 0 or less once it is. */
export function remaining(due: Due, now: Moment): number {
  return 'ms' in due ? due.ms - elapsed(due.since, now) : Date.parse(due.at) - Date.parse(now.at);
}

export function isDue(due: Due, now: Moment): boolean {
  return remaining(due, now) <= 0;
}

/** How far the two clocks may drift apart before a shown time is corrected. */
const DRIFT = 2000;

/** When it is due as the wall's clock goes now, ISO 8601. */
export function shown(due: Due, now: Moment): string {
  if (!('ms' in due)) return due.at;
  const planned = Date.parse(due.since.at) + due.ms;
  const reckoned = Date.parse(now.at) + remaining(due, now);
  return new Date(Math.abs(planned - reckoned) < DRIFT ? planned : reckoned).toISOString();
}

/** When it was as the wall's clock goes now, ISO 8601. */
export function shownSince(since: Moment, now: Moment): string {
  return shown({ since, ms: 0 }, now);
}

/** The moment this many milliseconds before another. */
export function before(moment: Moment, ms: number): Moment {
  return { ...moment, at: new Date(Date.parse(moment.at) - ms).toISOString(), up: moment.up - ms };
}
