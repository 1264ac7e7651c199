import type { LabHost } from '../lab/topology.js';
import type { Outcome, Report } from '../lab/report.js';
import { subjectKind } from './lab-subjects.js';

/** The topology as an SVG has to draw it; lengths are its units, texts are as they come. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly paths: readonly { readonly line: string }[];
  readonly panels: readonly Panel[];
  readonly cards: readonly Card[];
}

/** Hosts in one network. */
interface Panel extends Box {
  readonly title: string;
  readonly titleX: number;
  readonly titleY: number;
  readonly note: string;
  readonly noteY: number;
}

interface Card extends Box {
  readonly name: string;
  /** In full, where the name had to be cut. */
  readonly fullName: string;
  readonly lines: readonly { readonly text: string; readonly x: number; readonly y: number }[];
  /** What the drills about it came to; empty where there are none. */
  readonly outcome: Outcome | '';
  readonly role: string;
  readonly nameY: number;
  readonly nameX: number;
  readonly dotX: number;
  readonly dotY: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const CARD = { width: 204, head: 30, line: 15, foot: 8, gap: 12 } as const;
const PANEL = { padding: 16, head: 52, gap: 28 } as const;
const COLUMN_GAP = 76;
const MARGIN = 8;
/** Characters of a name, and of an address, that a card has room for. */
const NAME_ROOM = 21;
const ADDRESS_ROOM = 26;

interface Item {
  readonly name: string;
  readonly lines: readonly string[];
  readonly role: string;
  readonly outcome: Outcome | '';
}

/** Clients on the left, then the directors with the VIPs, then the real servers by the network that they are in. */
export function drawingOf(report: Report): Drawing {
  const of = (role: LabHost['role']): LabHost[] => report.hosts.filter(host => host.role === role);
  const vips = report.drills.filter(one => one.id === 'arp').map(one => one.subject ?? '');
  const item = (host: LabHost): Item => ({
    name: host.name,
    lines: host.links.flatMap(link => link.addresses.map(one => one.split('/')[0]!)),
    role: host.role,
    outcome: worst(report, host),
  });
  const vipItem: Item = {
    name: vips.length === 1 ? 'VIP' : `${vips.length} VIPs`,
    lines: shortList(vips, 8),
    role: 'vip',
    outcome: worstOf(report.drills.filter(one => one.id === 'arp').map(one => one.outcome)),
  };
  const outside = panel(
    'clients',
    'where requests come from',
    [...of('client'), ...of('router')].map(item),
    1,
  );
  const middle = panel(
    of('director').length === 1 ? 'director' : 'directors',
    interfacesText(of('director')),
    [...(vips.length > 0 ? [vipItem] : []), ...of('director').map(item)],
    1,
  );
  const groups = serverGroups(of('server')).map(([segment, hosts]) =>
    panel(
      SEGMENT_TITLES[segment] ?? segment,
      interfacesText(hosts, segment),
      hosts.map(item),
      columnsFor(hosts),
    ),
  );
  return arranged(outside, middle, groups);
}

const SEGMENT_TITLES: Readonly<Record<string, string>> = {
  front: 'real servers',
  inner: 'real servers behind NAT',
  far: 'real servers through the router',
};

interface Block {
  readonly panel: Panel;
  readonly cards: readonly Card[];
}

function panel(title: string, note: string, items: readonly Item[], columns: number): Block {
  const cards: Card[] = [];
  let y = PANEL.head;
  let widest = 0;
  for (let start = 0; start < items.length; start += columns) {
    const row = items.slice(start, start + columns);
    const height = Math.max(...row.map(heightOf));
    for (const [index, one] of row.entries()) {
      const x = PANEL.padding + index * (CARD.width + CARD.gap);
      cards.push(cardAt(one, x, y, height));
      widest = Math.max(widest, x + CARD.width);
    }
    y += height + CARD.gap;
  }
  const width = Math.max(widest, PANEL.padding + CARD.width) + PANEL.padding;
  const height = y - CARD.gap + PANEL.padding;
  const words = { title, titleX: PANEL.padding, titleY: 22, note, noteY: 38 };
  return { panel: { ...words, x: 0, y: 0, width, height }, cards };
}

function heightOf({ lines }: Item): number {
  return CARD.head + lines.length * CARD.line + CARD.foot;
}

function cardAt({ name, lines, role, outcome }: Item, x: number, y: number, height: number): Card {
  return {
    x,
    y,
    width: CARD.width,
    height,
    name: cut(name, NAME_ROOM),
    fullName: name,
    lines: lines.map((text, index) => ({
      text: cut(text, ADDRESS_ROOM),
      x: x + 12,
      y: y + CARD.head + 8 + index * CARD.line,
    })),
    role,
    outcome,
    nameX: x + 12,
    nameY: y + 20,
    dotX: x + CARD.width - 14,
    dotY: y + 16,
  };
}

/** Three columns, each in the middle of the height. */
function arranged(outside: Block, middle: Block, groups: readonly Block[]): Drawing {
  const stack = groups.reduce((sum, { panel: one }) => sum + one.height + PANEL.gap, -PANEL.gap);
  const inner = Math.max(outside.panel.height, middle.panel.height, stack);
  const centred = (height: number): number => MARGIN + (inner - height) / 2;
  const left = moved(outside, MARGIN, centred(outside.panel.height));
  const middleX = MARGIN + outside.panel.width + COLUMN_GAP;
  const centre = moved(middle, middleX, centred(middle.panel.height));
  const rightX = middleX + middle.panel.width + COLUMN_GAP;
  let y = centred(stack);
  const right = groups.map(group => {
    const placed = moved(group, rightX, y);
    y += group.panel.height + PANEL.gap;
    return placed;
  });
  const blocks = [left, centre, ...right];
  const widest = Math.max(0, ...groups.map(one => one.panel.width));
  return {
    width: Math.ceil(rightX + widest + MARGIN),
    height: Math.ceil(inner + 2 * MARGIN),
    paths: [
      { line: curve(left.panel, centre.panel) },
      ...right.map(one => ({ line: curve(centre.panel, one.panel) })),
    ],
    panels: blocks.map(one => one.panel),
    cards: blocks.flatMap(one => one.cards),
  };
}

function moved({ panel: one, cards }: Block, x: number, y: number): Block {
  return {
    panel: {
      ...one,
      x: one.x + x,
      y: one.y + y,
      titleX: one.titleX + x,
      titleY: one.titleY + y,
      noteY: one.noteY + y,
    },
    cards: cards.map(card => ({
      ...card,
      x: card.x + x,
      y: card.y + y,
      nameX: card.nameX + x,
      nameY: card.nameY + y,
      dotX: card.dotX + x,
      dotY: card.dotY + y,
      lines: card.lines.map(line => ({ ...line, x: line.x + x, y: line.y + y })),
    })),
  };
}

function curve(from: Box, to: Box): string {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const middle = (x1 + x2) / 2;
  return `M ${x1} ${y1} C ${middle} ${y1}, ${middle} ${y2}, ${x2} ${y2}`;
}

/** Real servers by the segment of their first link, in the order in which they come. */
function serverGroups(servers: readonly LabHost[]): [string, LabHost[]][] {
  const groups = new Map<string, LabHost[]>();
  for (const server of servers) {
    const segment = server.links[0]?.segment ?? '';
    groups.set(segment, [...(groups.get(segment) ?? []), server]);
  }
  return [...groups];
}

/** So few that names can still be read when the drawing is as wide as a page. */
function columnsFor(hosts: readonly LabHost[]): number {
  if (hosts.length <= 4) return 1;
  return hosts.length <= 12 ? 2 : hosts.length <= 36 ? 3 : 4;
}

function interfacesText(hosts: readonly LabHost[], segment?: string): string {
  const links = hosts.flatMap(host =>
    host.links.filter(link => segment === undefined || link.segment === segment),
  );
  const devices = [...new Set(links.map(link => link.interface))];
  return devices.join(', ');
}

/** Of what was found out about a host; about a service of the same name is another matter. */
function worst({ drills }: Report, { name }: LabHost): Outcome | '' {
  const own = drills.filter(one => one.subject === name && subjectKind(one) !== 'service');
  return worstOf(own.map(one => one.outcome));
}

function worstOf(outcomes: readonly Outcome[]): Outcome | '' {
  return (['failed', 'not-run', 'passed'] as const).find(one => outcomes.includes(one)) ?? '';
}

function shortList(texts: readonly string[], most: number): string[] {
  return texts.length <= most
    ? [...texts]
    : [...texts.slice(0, most - 1), `and ${texts.length - most + 1} more`];
}

function cut(text: string, room: number): string {
  const characters = [...text];
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join('')}…`;
}
