import { harmless } from '../diagnostic/quote.js';
import type { Style } from './style.js';

/** One event as it is shown. */
export interface LogEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** By the kernel's identity: `192.0.2.1:80/tcp`, `192.0.2.11:80`. */
  readonly service?: string;
  readonly server?: string;
  readonly event: string;
  readonly cause: string;
  readonly before?: string;
  readonly after?: string;
}

/** What people call services, and servers without their port, by the kernel's identity. */
export interface Names {
  readonly services: ReadonlyMap<string, string>;
  readonly servers: ReadonlyMap<string, string>;
}

/** Columns as wide as what is usual in them: a journal is written out while it is read. */
const EVENT = 13;
const PLACE = 28;

const LOUD: ReadonlyMap<string, 'red' | 'green' | 'yellow'> = new Map([
  ['down', 'red'],
  ['taken-back', 'red'],
  ['up', 'green'],
  ['mended', 'yellow'],
  ['reverted', 'yellow'],
]);

/** An event in a line, by this machine's clock and time zone. */
export function logText(entry: LogEntry, names: Names, style: Style): string {
  const { service = '', server = '', event, before, after, cause } = entry;
  const [day, time] = localParts(entry.time);
  const place = [names.services.get(service) ?? service, server].filter(Boolean).join(' ');
  const change = [before, after].filter(one => one !== undefined).join(' -> ');
  const colour = LOUD.get(event);
  const word = event.padEnd(EVENT);
  const told = [colour ? style[colour](word) : word, harmless(place).padEnd(PLACE), harmless(change)];
  return `${style.dim(`${day} ${time}`)}  ${told.filter(Boolean).join('  ')}  (${harmless(cause)})\n`;
}

/** An event of a server as the loggers of old wrote it: hour, date, service, server, event; '' for any other. */
export function classicText({ time: at, service, server, event }: LogEntry, names: Names): string {
  if (service === undefined || server === undefined) return '';
  const [day, time] = localParts(at);
  const words = [
    time,
    day,
    names.services.get(service) ?? service,
    names.servers.get(server) ?? server,
    event,
  ];
  return `${harmless(words.join(' '))}\n`;
}

/** An event as a line of JSON, with all that the journal has of it. */
export function logJson(entry: LogEntry): string {
  return `${harmless(JSON.stringify({ version: 1, ...entry }))}\n`;
}

/** `2026-11-21` and `02:00:00`. */
function localParts(iso: string): readonly [string, string] {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  return [
    [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-'),
    [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':'),
  ];
}
