import { type Column, columns } from './columns.js';
import type { Style } from './style.js';
import { timeText } from './times.js';

/** From a moment on (ISO 8601) a weight; null: not in the table. */
interface Step {
  readonly at: string;
  readonly weight: number | null;
  readonly event?: string;
  readonly cause?: string;
}

export interface ServerHistory {
  readonly name: string;
  readonly host?: string;
  /** The first is at the beginning of the time, or of what is known of it; never empty. */
  readonly steps: readonly Step[];
}

export interface ServiceHistory {
  readonly key: string;
  readonly name: string;
  readonly servers: readonly ServerHistory[];
}

/** The time that is shown, ISO 8601. */
export interface Span {
  readonly since: string;
  readonly until: string;
  /** Since when something is known, where that is later than `since`. */
  readonly known?: string;
}

const COLUMNS: readonly Column[] = [
  { title: '  SERVER' },
  { title: 'WEIGHT' },
  { title: 'MIN', right: true },
  { title: 'MAX', right: true },
  { title: 'NOW', right: true },
];
const SIGNS = '▁▂▃▄▅▆▇█';
/** So many signs a line. */
const WIDTH = 48;

/** A line of signs for each server, each as high as the mean weight in its part of the time. */
export function historyText(
  { since, until, known }: Span,
  services: readonly ServiceHistory[],
  style: Style,
): string {
  const now = new Date(until);
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const scales = services.map(({ servers }) => largestOf(servers));
  const [title = '', ...rows] = columns(
    COLUMNS,
    services.flatMap(({ servers }, index) => servers.map(one => cells(one, [from, to], scales[index]!))),
  );
  const sign = spanText((to - from) / WIDTH);
  const before =
    known === undefined || services.length === 0 ? '' : `; nothing is known before ${timeText(known, now)}`;
  const lines = [`since ${timeText(since, now)}, ${sign} a sign${before}`];
  let next = 0;
  for (const [index, { name, key, servers }] of services.entries()) {
    const words = [...(name === key ? [] : [key]), `0 to ${scales[index]}`];
    lines.push('', `${style.bold(name)}  ${words.join('  ')}`);
    if (services[index]!.servers.length > 0) lines.push(style.dim(title));
    for (const _server of servers) lines.push(rows[next++]!);
  }
  if (services.length === 0) lines.push('', 'no services');
  return lines.map(line => `${line}\n`).join('');
}

function cells(
  { name, host, steps }: ServerHistory,
  span: readonly [number, number],
  scale: number,
): string[] {
  const { min, max, now } = rangeOf(steps);
  const number = (weight: number | null): string => (weight === null ? '–' : String(weight));
  const title = `  ${name}${host === undefined ? '' : ` (${host})`}`;
  return [title, signs(steps, span, scale), ...[min, max, now].map(number)];
}

/** The least and the largest weight while it was in the table, and the last one; null: it was not, or is not. */
function rangeOf(steps: readonly Step[]): Record<'min' | 'max' | 'now', number | null> {
  const all = steps.flatMap(({ weight }) => weight ?? []);
  const now = steps.at(-1)?.weight ?? null;
  if (all.length === 0) return { min: null, max: null, now };
  const [min, max] = [Math.min, Math.max].map(of => all.reduce((a, b) => of(a, b)));
  return { min: min!, max: max!, now };
}

function largestOf(servers: readonly ServerHistory[]): number {
  return servers.reduce((most, { steps }) => Math.max(most, rangeOf(steps).max ?? 0), 0);
}

/** Blank where it is not in the table, or nothing is known. The lowest sign is 0 alone. */
function signs(steps: readonly Step[], [from, to]: readonly [number, number], scale: number): string {
  const parts = Array.from({ length: WIDTH }, () => ({ there: 0, sum: 0 }));
  const size = (to - from) / WIDTH;
  for (const [index, { at, weight }] of steps.entries()) {
    if (weight === null) continue;
    const end = Date.parse(steps[index + 1]?.at ?? '') || to;
    const start = Math.max(from, Date.parse(at));
    const last = Math.min(WIDTH - 1, Math.floor((end - from) / size));
    for (let part = Math.min(WIDTH - 1, Math.floor((start - from) / size)); part <= last; part++) {
      const [left, right] = [from + part * size, from + (part + 1) * size];
      const ms = Math.max(0, Math.min(end, right) - Math.max(start, left));
      parts[part]!.there += ms;
      parts[part]!.sum += ms * weight;
    }
  }
  return parts.map(({ there, sum }) => (there > 0 ? signOf(sum / there, scale) : ' ')).join('');
}

function signOf(weight: number, scale: number): string {
  if (weight === 0) return SIGNS[0]!;
  return SIGNS[Math.max(1, Math.round((weight / scale) * (SIGNS.length - 1)))]!;
}

/** `7m30s`, `5s`. */
function spanText(ms: number): string {
  const all = Math.max(1, Math.round(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return [hours && `${hours}h`, minutes && `${minutes}m`, seconds && `${seconds}s`].filter(Boolean).join('');
}

/** The same as data, with every step. */
export function historyJson({ since, until, known }: Span, services: readonly ServiceHistory[]): object {
  return {
    since,
    until,
    ...(known === undefined ? {} : { known }),
    services: services.map(({ key, name, servers }) => ({
      service: key,
      name,
      largest: largestOf(servers),
      servers: servers.map(one => ({
        server: one.name,
        ...(one.host === undefined ? {} : { host: one.host }),
        ...rangeOf(one.steps),
        steps: one.steps,
      })),
    })),
  };
}
