import { harmless } from '../diagnostic/quote.js';
import type { Unmoved } from '../cluster/law.js';
import type { Law, Service } from '../cluster/service.js';
import type { ServerStatus } from '../table/status.js';
import type { Weighed } from '../weights/poll.js';
import { type Column, columns } from './columns.js';
import { figure, signalText, unmovedText, whyText as measuredText } from './poll.js';
import { reasonJson } from './status-json.js';
import type { Style } from './style.js';
import { ageText, timeText } from './times.js';
import { whyText } from './why.js';

/** What holds for all weights of a director. Times are ISO 8601. */
export interface WeightsHead {
  readonly host: string;
  readonly now: Date;
  /** Its part among the directors, in words, where it can be known. */
  readonly role?: string;
  /** When polls are made; absent where what runs has no polling. */
  readonly schedule?: string;
  /** The last one: when, by which director, and milliseconds ago. */
  readonly polled?: { readonly at: string; readonly by: string; readonly age: number };
  /** Since when the next one should have been. */
  readonly overdue?: string;
}

export interface ExplainedService extends Pick<Service, 'name' | 'scheduler'> {
  /** As `serviceKey` has it. */
  readonly key: string;
  readonly law?: Law;
  readonly unmoved?: Unmoved;
  readonly servers: readonly ExplainedServer[];
}

export interface ExplainedServer {
  readonly status: ServerStatus;
  readonly configured: number;
  /** What its machine said when it was asked last: `ok`, or why not; absent where no agent is asked. */
  readonly agent?: string;
  /** Milliseconds since it said something that counts; absent where it never did. */
  readonly age?: number;
  readonly estimate?: Known;
  /** What the last poll made of it; absent where that knew nothing of it. */
  readonly weighed?: Weighed;
}

/** What is known of a host's capacity. */
export interface Known {
  /** Completions a second of the host when it is wholly busy; absent while too little is known. */
  readonly capacity?: number;
  /** What has been counted, and what has to be before anything moves. */
  readonly completions: number;
  readonly polls: number;
  readonly enough: { readonly completions: number; readonly polls: number };
}

const COLUMNS: readonly Column[] = [
  { title: '  SERVER' },
  { title: 'AGENT' },
  { title: 'AGE', right: true },
  { title: 'SIGNAL', right: true },
  { title: 'CAPACITY', right: true },
  { title: 'TARGET', right: true },
  { title: 'WEIGHT', right: true },
  { title: 'TABLE', right: true },
  { title: 'WHY' },
];

/** For each server a line: what it was asked, what came of that, and what is in the table. */
export function weightsText(head: WeightsHead, services: readonly ExplainedService[], style: Style): string {
  const at = (iso: string): string => timeText(iso, head.now);
  const shown = services.filter(one => one.unmoved === undefined);
  const [title = '', ...rows] = columns(
    COLUMNS,
    shown.flatMap(one => one.servers.map(server => cells(server, at))),
  );
  const lines = headLines(head, style);
  let next = 0;
  for (const service of head.schedule === undefined ? [] : services) {
    lines.push('', serviceText(service, style));
    if (service.unmoved !== undefined) continue;
    if (service.servers.length > 0) lines.push(style.dim(title));
    for (const server of service.servers) lines.push(paint(server, style)(rows[next++]!));
  }
  return lines.map(line => `${line}\n`).join('');
}

function headLines({ host, now, role, schedule, polled, overdue }: WeightsHead, style: Style): string[] {
  const at = (iso: string): string => timeText(iso, now);
  const rows: [string, string][] = [
    ['director', `${harmless(host)}${role === undefined ? '' : `, ${role}`}`],
  ];
  if (schedule === undefined)
    rows.push(['polled', 'never: what runs has no polling, so nothing is measured']);
  else {
    const by = polled?.by === host ? '' : `, by ${polled?.by}: this director has not polled since`;
    const last = polled ? `at ${at(polled.at)}, ${ageText(polled.age)} ago${by}` : 'not yet';
    rows.push(['polled', `${last}; the schedule is ${schedule}`]);
    if (overdue !== undefined)
      rows.push([
        '',
        style.yellow(`the next poll should have been at ${at(overdue)}: none has come to its end since`),
      ]);
  }
  return rows.map(([title, text]) => `${style.bold(title.padEnd(8))}  ${text}`);
}

function serviceText({ name, key, scheduler, law, unmoved }: ExplainedService, style: Style): string {
  const words = [
    scheduler,
    ...(law === undefined || unmoved !== undefined ? [] : [`law ${law}`]),
    ...(name === key ? [] : [key]),
    ...(unmoved === undefined ? [] : [`not measured: ${unmovedText(unmoved, scheduler)}`]),
  ];
  return `${style.bold(name)}  ${words.join('  ')}`;
}

function cells(server: ExplainedServer, at: (iso: string) => string): string[] {
  const { status, configured, agent, age, estimate, weighed } = server;
  const { name, host, live } = status;
  return [
    `  ${name}${host === undefined ? '' : ` (${host})`}`,
    harmless(agent ?? '-'),
    age === undefined ? '-' : ageText(age),
    weighed ? signalText(weighed) : '-',
    estimate ? knownText(estimate) : '-',
    weighed?.wanted === undefined ? '-' : `${weighed.wanted.toFixed(2)} × ${configured}`,
    weighed ? String(weighed.weight) : '-',
    live ? String(live.weight) : '–',
    reasonText(server, at),
  ];
}

function knownText({ capacity, completions, polls, enough }: Known): string {
  if (capacity !== undefined) return `${figure(capacity, 3)}/s`;
  if (completions < enough.completions) return `${Math.floor(completions)} of ${enough.completions} seen`;
  return polls < enough.polls ? `${polls} of ${enough.polls} polls` : 'never busy';
}

function reasonText(server: ExplainedServer, at: (iso: string) => string): string {
  const { status, weighed } = server;
  const other = weighed === undefined ? undefined : strayed(status, weighed);
  return [
    weighed ? measuredText(weighed) : 'not polled yet',
    ...(other === undefined ? [] : [`the file polling has ${other}`]),
    ...(isOverridden(server) ? [whyText(status, at)] : []),
  ].join('; ');
}

/** The weight that the file of weights has, where it is another one: edited by hand, or its poll was killed. */
function strayed({ view }: ServerStatus, { weight }: Weighed): number | undefined {
  const measured = view?.remark.measured;
  return measured === weight ? undefined : measured;
}

/** Whether what was measured is not all that decides what is in the table. */
function isOverridden({ status: { view, drift }, weighed }: ExplainedServer): boolean {
  const isMeasuredAlone = view?.cause === 'measured' && !view.kept && view.remark.slowStart === undefined;
  return !weighed || !isMeasuredAlone || drift.length > 0;
}

function paint({ status, agent }: ExplainedServer, style: Style): (text: string) => string {
  if (status.view?.cause === 'dead' || status.view?.cause === 'held') return style.red;
  const isIll = agent !== undefined && agent !== 'ok' && agent !== 'none';
  return isIll || status.drift.length > 0 ? style.yellow : text => text;
}

/** The same as data. `poll` has the keys of `poll -o json`, and the rest those of `status -o json`. */
export function weightsJson(head: WeightsHead, services: readonly ExplainedService[]): object {
  const { host, now, role, schedule, polled, overdue } = head;
  return {
    host,
    time: now.toISOString(),
    ...(role === undefined ? {} : { role }),
    schedule: schedule ?? null,
    polled: polled ?? null,
    ...(overdue === undefined ? {} : { overdue }),
    services: services.map(({ key, name, scheduler, law, unmoved, servers }) => ({
      service: key,
      name,
      scheduler,
      ...(law === undefined ? {} : { law }),
      ...(unmoved === undefined ? {} : { unmoved }),
      servers: servers.map(serverJson),
    })),
  };
}

function serverJson({ status, agent, age, estimate, weighed }: ExplainedServer): object {
  const { name, host, live, view } = status;
  const { key: _key, ...said } = weighed ?? { key: '' };
  return {
    server: name,
    ...(host === undefined ? {} : { host }),
    weight: live?.weight ?? null,
    ...(view ? reasonJson(view) : {}),
    poll: weighed
      ? {
          ...(agent === undefined ? {} : { agent }),
          ...(age === undefined ? {} : { age }),
          ...(estimate ? { estimate } : {}),
          ...said,
        }
      : null,
  };
}
