import type { ServerStatus, ServiceStatus, TableStatus } from '../table/status.js';
import { type Column, columns } from './columns.js';
import type { Order } from './orders.js';
import { type Line, type Paint, type Screen, screenOf } from './screen/screen.js';
import { shortNumber } from './status.js';
import { attributeWords } from './table.js';
import { timeText } from './times.js';
import { driftText, whyText } from './why.js';

/** What a live view shows, but for its place in it. */
export interface TopFrame {
  readonly host: string;
  readonly now: Date;
  /** Milliseconds from one reading to the next. */
  readonly interval: number;
  readonly generation?: number;
  /** What everybody should know, such as that a generation waits. */
  readonly notices: readonly string[];
  readonly table: TableStatus;
}

/** How the user wants to see it. */
export interface TopView {
  readonly order: Order;
  /** Rows that are above the screen. */
  readonly scroll: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'SERVICE / SERVER' },
  { title: 'WEIGHT', right: true },
  { title: 'ACTIVE', right: true },
  { title: 'INACTIVE', right: true },
  { title: 'CONN/S', right: true },
  { title: 'PKT/S', right: true },
  { title: 'IN B/S', right: true },
  { title: 'OUT B/S', right: true },
  { title: 'WHY' },
];
const KEYS = 'q quit  c connections  r rate  w weight  n name  ↑ ↓ scroll';
/** Lines that do not scroll: head, notices, titles, keys. */
const FIXED = 4;

/** The screen, and the scroll that there is where less was left to scroll than was wanted. */
export function topScreen(
  frame: TopFrame,
  { order, scroll }: TopView,
  size: Pick<Screen, 'columns' | 'rows'>,
): { readonly screen: Screen; readonly scroll: number } {
  const all = rowsOf(frame, order);
  const [title = '', ...texts] = columns(
    COLUMNS,
    all.map(one => one.cells),
  );
  const room = Math.max(0, size.rows - FIXED);
  const from = Math.max(0, Math.min(scroll, all.length - room));
  const shown = all
    .slice(from, from + room)
    .map(({ paint }, index): Line => ({ text: texts[from + index]!, paint }));
  const blank = Array.from({ length: room - shown.length }, (): Line => ({ text: '', paint: 'plain' }));
  const more = all.length > room ? `  ${from + 1}–${from + shown.length} of ${all.length}` : '';
  const lines: Line[] = [
    { text: headText(frame, order), paint: 'bold' },
    { text: frame.notices.join('; '), paint: 'yellow' },
    { text: title, paint: 'inverse' },
    ...shown,
    ...blank,
    { text: `${KEYS}${more}`, paint: 'dim' },
  ];
  return { screen: screenOf(lines, size), scroll: from };
}

function headText({ host, now, interval, generation }: TopFrame, order: Order): string {
  const runs = generation === undefined ? 'nothing applied' : `generation ${generation}`;
  return `${host}  ${runs}  ${timeText(now.toISOString(), now)}  every ${interval / 1000} s  by ${order}`;
}

interface Row {
  readonly cells: readonly string[];
  readonly paint: Paint;
}

function rowsOf({ table, now }: TopFrame, order: Order): Row[] {
  const at = (iso: string): string => timeText(iso, now);
  return sorted(table.services, order, serviceValue).flatMap(service => [
    serviceRow(service),
    ...sorted(service.servers, order, serverValue).map(server => serverRow(server, at)),
  ]);
}

function serviceRow(service: ServiceStatus): Row {
  const { name, ours, attributes, drift, servers, rates } = service;
  const sum = (of: (server: ServerStatus) => number): number =>
    servers.reduce((total, one) => total + of(one), 0);
  const words = [
    ...drift.map(step => driftText(step)),
    attributeWords(attributes),
    ...(ours ? [] : ['not ours']),
  ];
  const cells = [
    name,
    String(sum(({ live }) => live?.weight ?? 0)),
    String(sum(({ connections }) => connections.active)),
    String(sum(({ connections }) => connections.inactive)),
    ...rateCells(rates),
    words.join('; '),
  ];
  return { cells, paint: drift.length > 0 ? 'yellow' : 'bold' };
}

function serverRow(server: ServerStatus, at: (iso: string) => string): Row {
  const { name, host, live, view, connections, rates, drift } = server;
  const cells = [
    `  ${host === undefined ? name : `${host} ${name}`}`,
    live ? String(live.weight) : '–',
    String(connections.active),
    String(connections.inactive),
    ...rateCells(rates),
    whyText(server, at),
  ];
  const isIll = view?.cause === 'dead' || view?.cause === 'held' || view?.kept === true;
  const isOdd = drift.length > 0 || view?.cause === 'drained';
  return { cells, paint: isIll ? 'red' : isOdd ? 'yellow' : 'plain' };
}

function rateCells(rates: ServerStatus['rates']): string[] {
  if (!rates) return ['', '', '', ''];
  const { connections, inPackets, inBytes, outBytes } = rates;
  return [connections, inPackets, inBytes, outBytes].map(shortNumber);
}

function serviceValue({ servers, rates }: ServiceStatus, order: Order): number {
  if (order === 'rate') return rates?.connections ?? 0;
  return servers.reduce((sum, one) => sum + serverValue(one, order), 0);
}

function serverValue({ live, connections, rates }: ServerStatus, order: Order): number {
  switch (order) {
    case 'connections':
      return connections.active;
    case 'rate':
      return rates?.connections ?? 0;
    case 'weight':
      return live?.weight ?? -1;
    case 'name':
      return 0;
  }
}

const NAMES = new Intl.Collator('en', { numeric: true });

/** The most first; equals by name, so that they do not change places. */
function sorted<T extends { readonly name: string }>(
  all: readonly T[],
  order: Order,
  value: (one: T, order: Order) => number,
): T[] {
  const valued = all.map(one => ({ one, of: value(one, order) }));
  return valued
    .toSorted((a, b) => b.of - a.of || NAMES.compare(a.one.name, b.one.name))
    .map(({ one }) => one);
}
