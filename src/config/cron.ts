import { parse, validateDetailed } from 'node-cron';
import { list } from '../diagnostic/quote.js';

/** The words of crontab(5) for fields, but for @reboot, which is no time. */
const WORDS = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

/**
 * Why a schedule cannot be used, or undefined where it can: five fields, or one of crontab(5)'s words such as `@hourly`.
 *
 * @param seconds whether six fields are allowed
 */
export function cronProblem(schedule: string, seconds: boolean): string | undefined {
  const text = schedule.trim();
  if (text === '') return 'it is empty';
  if (text.startsWith('@') && !WORDS.includes(text.toLowerCase()))
    return `the words with @ are ${list(WORDS, 'and')}`;
  const fields = text.split(/\s+/);
  if (!/^[A-Za-z0-9*,/@ -]{1,200}$/.test(schedule)) return 'it has characters that no schedule has';
  if (fields.length === 6 && !seconds) return 'seconds are not possible here';
  const result = validateDetailed(schedule);
  if (!result.valid) {
    const message = result.errors[0]?.message ?? 'it is not a schedule';
    return message.replace('is a invalid expression for', 'does not fit the field');
  }
  const days = [...(result.fields?.dayOfMonth ?? []), ...(result.fields?.dayOfWeek ?? [])];
  // L, W and # are extensions that crontab(5) does not have.
  return days.every(day => typeof day === 'number') ? undefined : 'crontab(5) has no L, W and #';
}

/** Milliseconds from a run of a validated schedule to the next one, where they are closest; at most those of a minute. */
export function shortestGap(schedule: string): number {
  const { second, minute } = parse(schedule);
  const seconds = second.map(Number).toSorted((a, b) => a - b);
  const minutes = new Set(minute.map(Number));
  const gaps = seconds.slice(1).map((one, index) => one - seconds[index]!);
  const isEachMinute = [...minutes].some(one => minutes.has((one + 1) % 60));
  const around = 60 - seconds.at(-1)! + seconds[0]!;
  return Math.min(60, ...gaps, ...(isEachMinute ? [around] : [])) * 1000;
}
