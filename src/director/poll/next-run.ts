import { parse } from 'node-cron';

const MINUTE = 60_000;
const DAYS = 366 * 5;

/**
 * When a validated schedule runs next, by this machine's clock and time zone: crontab(5), with an optional first field of
 * seconds. As there, where both days are given either is enough.
 *
 * @param after strictly after this moment
 * @returns undefined where it never runs (February 30)
 */
export function nextRun(schedule: string, after: Date): Date | undefined {
  const fields = parse(schedule);
  const [seconds, minutes, hours] = [fields.second, fields.minute, fields.hour].map(
    all => new Set(all.map(Number)),
  );
  const months = new Set(fields.month.map(Number));
  const [monthDays, weekDays] = [fields.dayOfMonth, fields.dayOfWeek].map(all => new Set(all.map(Number)));
  const isAnyDay = [monthDays!.size >= 31, weekDays!.size >= 7];
  const isDay = (at: Date): boolean => {
    const [byMonth, byWeek] = [monthDays!.has(at.getDate()), weekDays!.has(at.getDay())];
    return isAnyDay[0] || isAnyDay[1] ? byMonth && byWeek : byMonth || byWeek;
  };
  let at = new Date(Math.floor(after.getTime() / 1000) * 1000 + 1000);
  const end = at.getTime() + DAYS * 24 * 60 * MINUTE;
  while (at.getTime() < end) {
    if (!months.has(at.getMonth() + 1) || !isDay(at)) {
      at = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1);
    } else if (!hours!.has(at.getHours()) || !minutes!.has(at.getMinutes())) {
      at = new Date(Math.floor(at.getTime() / MINUTE) * MINUTE + MINUTE);
    } else if (seconds!.has(at.getSeconds())) return at;
    else at = new Date(at.getTime() + 1000);
  }
  return undefined;
}
