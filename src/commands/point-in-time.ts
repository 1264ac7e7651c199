import { parseDuration } from '../cluster/duration.js';
import { quote } from '../diagnostic/quote.js';
import type { Due, Moment } from '../state/moment.js';
import { EXIT, Failure } from './exit.js';

/** By so much at most a clock is set back at the end of summer time. */
const LONGEST_FOLD = 3_600_000;
const STEP = 1_800_000;

/**
 * A TIME of the command line: `02:00`, the next one to come; `2026-11-21 02:00`; `+2h`. The first two are local time
 * (TZ, /etc/localtime). One that summer time leaves out comes as much later as the clock is set forward; of one that
 * there is twice the first that is still to come counts.
 *
 * @throws Failure (64) where it is none, or over
 */
export function pointInTime(text: string, now: Moment): Due {
  const ms = text.startsWith('+') ? parseDuration(text.slice(1)) : undefined;
  if (ms !== undefined && ms > 0) return { since: now, ms };
  const [, date, hour, minute] = /^(\d{4}-\d\d-\d\d )?(\d\d):(\d\d)$/.exec(text) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) throw notATime(text);
  const clock = [Number(hour), Number(minute)] as const;
  const today = new Date(now.at);
  if (date === undefined) {
    const next = [0, 1]
      .map(more => soonest(dayOf(today, more), clock, today))
      .find(found => found !== undefined);
    return { at: next!.toISOString() };
  }
  const [year, month, day] = date.trim().split('-').map(Number) as [number, number, number];
  const noon = new Date(year, month - 1, day, 12);
  if (noon.getMonth() !== month - 1 || noon.getDate() !== day || year < 1970) throw notATime(text);
  const found = soonest(noon, clock, today);
  if (found) return { at: found.toISOString() };
  throw new Failure(EXIT.usage, `${quote(text)} is over: a time must be to come`);
}

function notATime(text: string): Failure {
  return new Failure(
    EXIT.usage,
    `a time cannot be ${quote(text)}`,
    'write 02:00, "2026-11-21 02:00" or +2h; the first two are local time',
  );
}

/** Noon of a day so many days later: no clock is set at noon. */
function dayOf(date: Date, more: number): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + more, 12);
}

/** The first moment of a day with this time of the clock that is still to come. */
function soonest(day: Date, [hour, minute]: readonly [number, number], now: Date): Date | undefined {
  const first = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute);
  const again: Date[] = [];
  for (let later = STEP; later <= LONGEST_FOLD; later += STEP) {
    const other = new Date(first.getTime() + later);
    if (other.getHours() === first.getHours() && other.getMinutes() === first.getMinutes()) again.push(other);
  }
  return [first, ...again].find(one => one > now);
}
