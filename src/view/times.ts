const SOON = 600_000;

/**
 * A moment for people, by this machine's clock and time zone: `12:04`, with seconds where it is near, with the day
 * where that is not today's.
 *
 * @param iso ISO 8601
 */
export function timeText(iso: string, now: Date): string {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const near = Math.abs(at.getTime() - now.getTime()) < SOON;
  const time = [at.getHours(), at.getMinutes(), ...(near ? [at.getSeconds()] : [])].map(two).join(':');
  if (at.toDateString() === now.toDateString()) return time;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

/** `2026-11-21 02:00:00 +0100`: a time for the people of this machine. */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const size = Math.abs(offset);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${time} ${offset < 0 ? '-' : '+'}${two(size / 60)}${two(size % 60)}`;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** How long ago something was, in the largest unit of which there are two: `90s`, `5m`, `47h`, `3d`. */
export function ageText(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms >= 2 * size) ?? ['s', 1000];
  return `${Math.floor(ms / size)}${unit}`;
}
