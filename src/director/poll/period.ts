import { parse } from 'node-cron';

/** Milliseconds of a day. */
const DAY = 86_400_000;

/**
 * How far apart the runs of a validated schedule are, in milliseconds: over a day on which it runs, evenly. It is what
 * one step of the weights is measured by, so days on which it does not run count for nothing.
 */
export function periodOf(schedule: string): number {
  const { hour, minute, second } = parse(schedule);
  return DAY / (hour.length * minute.length * second.length);
}
