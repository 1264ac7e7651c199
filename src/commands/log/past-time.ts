import { parseDuration } from '../../cluster/duration.js';
import { quote } from '../../diagnostic/quote.js';
import { EXIT, Failure } from '../exit.js';

/**
 * A TIME that is over, in milliseconds since 1970: `02:00`, the last one; `2026-11-21`, its beginning; `2026-11-21 02:00`
 * or `02:00:30`; `2h` or `-2h`, so long ago; and what `-o json` prints, `2026-11-21T02:00:00.000Z`. All but the last two are
 * local time (TZ, /etc/localtime).
 *
 * @throws Failure (64) where it is none
 */
export function pastTime(text: string, now: Date): number {
  const ago = parseDuration(text.replace(/^-/, ''));
  if (ago !== undefined) return now.getTime() - ago;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/.test(text) && !Number.isNaN(Date.parse(text)))
    return Date.parse(text);
  const [all, year, month, day, hour = '0', minute = '0', second = '0'] =
    /^(?:(\d{4})-(\d\d)-(\d\d))?(?:(?:^| )(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
  if (!all || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) throw notATime(text);
  const clock = [Number(hour), Number(minute), Number(second)] as const;
  if (year !== undefined) {
    const found = new Date(Number(year), Number(month) - 1, Number(day), ...clock);
    // A time that summer time leaves out becomes another, but on its day.
    if (found.getMonth() !== Number(month) - 1 || found.getDate() !== Number(day)) throw notATime(text);
    return found.getTime();
  }
  const [y, m, d] = [now.getFullYear(), now.getMonth(), now.getDate()] as const;
  const today = new Date(y, m, d, ...clock);
  return (today > now ? new Date(y, m, d - 1, ...clock) : today).getTime();
}

function notATime(text: string): Failure {
  return new Failure(
    EXIT.usage,
    `a time cannot be ${quote(text)}`,
    'write 02:00, 2026-11-21, "2026-11-21 02:00" or 2h; the first three are local time',
  );
}
