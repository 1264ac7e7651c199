import { parse } from 'node-cron';

export interface CronTime {
  /** Five fields as crontab(5) reads them. */
  readonly time: string;
  /** Whether the schedule asks for other seconds than the first of a minute. */
  readonly withinMinute: boolean;
}

/** The first and last value of each field of crontab(5). */
const RANGES = {
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [0, 6],
} as const;

/**
 * A validated schedule of five or six fields (seconds in front), or one such as `@hourly`, for crontab(5), which
 * knows no seconds. Written anew from the values, since node-cron reads forms that cron does not.
 */
export function cronTime(schedule: string): CronTime {
  const fields = parse(schedule);
  const time = (Object.keys(RANGES) as (keyof typeof RANGES)[])
    .map(name => fieldText(fields[name].map(Number), RANGES[name]))
    .join(' ');
  return { time, withinMinute: fields.second.length !== 1 || fields.second[0] !== 0 };
}

function fieldText(values: readonly number[], [first, last]: readonly [number, number]): string {
  const step = values.length > 2 ? values[1]! - values[0]! : 1;
  const stepped = values.every((value, index) => value === first + index * step);
  if (stepped && values.length > 2 && values.at(-1)! + step > last) return step === 1 ? '*' : `*/${step}`;
  return values.join(',');
}
