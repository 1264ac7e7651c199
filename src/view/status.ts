import type { ServerStatus, ServiceStatus, TableStatus } from '../table/status.js';
import { type Column, columns } from './columns.js';
import { headText, type StatusHead } from './status-head.js';
import type { Style } from './style.js';
import { attributeWords } from './table.js';
import { timeText } from './times.js';
import { driftText, whyText } from './why.js';

const COLUMNS: readonly Column[] = [
  { title: '  SERVER' },
  { title: 'WAY' },
  { title: 'WEIGHT', right: true },
  { title: 'ACTIVE', right: true },
  { title: 'INACTIVE', right: true },
  { title: 'CONN/S', right: true },
  { title: 'IN B/S', right: true },
  { title: 'OUT B/S', right: true },
  { title: 'WHY' },
];

/** All that there is to know of a director's table, for people. */
export function statusText(head: StatusHead, { services, drift }: TableStatus, style: Style): string {
  const at = (iso: string): string => timeText(iso, head.now);
  const servers = services.flatMap(one => one.servers);
  const [title = '', ...rows] = columns(
    COLUMNS,
    servers.map(one => cells(one, at)),
  );
  const lines = headText(head, drift, style);
  let next = 0;
  for (const service of services) {
    lines.push('', serviceText(service, style));
    for (const step of service.drift) lines.push(style.yellow(`  ${driftText(step)}`));
    if (service.servers.length > 0) lines.push(style.dim(title));
    for (const server of service.servers) lines.push(paint(server, style)(rows[next++]!));
  }
  if (services.length === 0) lines.push('', 'no services');
  return lines.map(line => `${line}\n`).join('');
}

function serviceText({ key, name, ours, attributes }: ServiceStatus, style: Style): string {
  const words = [attributeWords(attributes), ...(name === key ? [] : [key]), ...(ours ? [] : ['not ours'])];
  return `${style.bold(name)}  ${words.join('  ')}`;
}

function cells(server: ServerStatus, at: (iso: string) => string): string[] {
  const { name, host, live, attributes, connections, rates } = server;
  const rate = (value: number | undefined): string => (value === undefined ? '' : shortNumber(value));
  return [
    `  ${name}${host === undefined ? '' : ` (${host})`}`,
    attributes.get('forwarding') ?? '',
    live ? String(live.weight) : '–',
    String(connections.active),
    String(connections.inactive),
    rate(rates?.connections),
    rate(rates?.inBytes),
    rate(rates?.outBytes),
    whyText(server, at),
  ];
}

function paint({ drift, view }: ServerStatus, style: Style): (text: string) => string {
  if (view?.cause === 'dead' || view?.cause === 'held' || view?.kept) return style.red;
  if (drift.length > 0 || view?.cause === 'drained') return style.yellow;
  return text => text;
}

/** At most six characters: 9999, 12.3k, 4.5M. */
export function shortNumber(value: number): string {
  if (value < 10_000) return String(Math.round(value));
  const [unit, size] = UNITS.find(([, least]) => value >= least)!;
  return `${(value / size).toFixed(value / size < 100 ? 1 : 0)}${unit}`;
}

const UNITS = [
  ['P', 1e15],
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
] as const;
