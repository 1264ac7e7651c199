const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The longest duration that is accepted, in milliseconds: a year. */
export const LONGEST = 366 * UNITS.d;

/** Milliseconds of `200ms`, `300s`, `5m`, `2h`, `1d` (whole numbers, at most 366 days), or undefined. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text);
  if (!parts) return undefined;
  const value = Number(parts[1]) * UNITS[parts[2] as keyof typeof UNITS];
  return value <= LONGEST ? value : undefined;
}

/** `2500ms` for `2.5s`: what was meant by a duration that is no whole number of its unit. */
export function inWholeUnits(text: string): string | undefined {
  const parts = /^(\d{1,9})\.(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (!parts) return undefined;
  const scale = 10 ** parts[2]!.length;
  const value = (Number(parts[1]! + parts[2]!) * UNITS[parts[3] as keyof typeof UNITS]) / scale;
  return Number.isInteger(value) && value <= LONGEST ? formatDuration(value) : undefined;
}

/** The shortest text that parseDuration reads as these milliseconds, in no larger unit than seconds up to ten minutes. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const unit = (['d', 'h', 'm', 's'] as const).find(
    name => ms % UNITS[name] === 0 && (name === 's' || (ms >= 2 * UNITS[name] && ms > 600_000)),
  );
  return unit ? `${ms / UNITS[unit]}${unit}` : `${ms}ms`;
}

/** Seconds as a decimal without needless zeros: 1500 → `1.5`. */
export function seconds(ms: number): string {
  return String(ms / 1000);
}
