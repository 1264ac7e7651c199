import type { Unmoved } from '../cluster/law.js';
import type { Service } from '../cluster/service.js';
import type { Limit } from '../weights/guard.js';
import type { Weighed } from '../weights/poll.js';
import { columns } from './columns.js';
import { jsonText } from './json.js';

/** A server that was asked, and what came of it. */
export interface PolledServer {
  readonly weighed: Weighed;
  readonly configured: number;
  /** What its machine said: `ok`, or why not; absent where the law asks no agent. */
  readonly said?: string;
}

export interface PolledService {
  readonly service: Pick<Service, 'name' | 'scheduler'>;
  readonly servers: readonly PolledServer[];
}

/** A service that no poll moves. */
export interface UnpolledService extends Pick<Service, 'name' | 'scheduler'> {
  readonly unmoved: Unmoved;
}

const UNMOVED: Readonly<Record<Unmoved, (scheduler: string) => string>> = {
  'no-polling': () => 'nothing is polled',
  static: () => 'its law is static',
  'ignores-weights': scheduler => `${scheduler} reads no weights`,
  'no-shares': scheduler => `to ${scheduler} a weight is no share of the connections`,
};

/** Why what is measured does not move a service of this scheduler. */
export function unmovedText(unmoved: Unmoved, scheduler: string): string {
  return UNMOVED[unmoved](scheduler);
}

const LIMITS: Readonly<Record<Limit, string>> = {
  held: 'silent: held',
  decaying: 'silent: back to the configured weight',
  frozen: 'too few answer: nothing moves',
  floor: 'not below a tenth',
  slew: 'little by little',
  hysteresis: 'too small a change',
  backlog: 'its queue is long',
};

/** A line for every server that is polled, below the name of its service; and one for all that are not, with the reason. */
export function pollText(services: readonly PolledService[], unpolled: readonly UnpolledService[]): string {
  const parts = services.flatMap(({ service, servers }) => {
    const lines = columns(
      [
        { title: 'server' },
        { title: 'agent' },
        { title: 'signal', right: true },
        { title: 'capacity', right: true },
        { title: 'configured', right: true },
        { title: 'weight', right: true },
        { title: 'why' },
      ],
      servers.map(row),
    );
    return [`${service.name} (${service.scheduler})`, ...lines.map(line => `  ${line}`), ''];
  });
  if (unpolled.length > 0) parts.push(unpolledText(unpolled));
  return parts.length === 0 ? '' : `${parts.join('\n').trimEnd()}\n`;
}

function unpolledText(services: readonly UnpolledService[]): string {
  const names = new Map<string, string[]>();
  for (const { name, scheduler, unmoved } of services) {
    const why = unmovedText(unmoved, scheduler);
    names.set(why, [...(names.get(why) ?? []), name]);
  }
  return `not polled: ${[...names].map(([why, all]) => `${all.join(', ')} (${why})`).join('; ')}`;
}

function row({ weighed, configured, said }: PolledServer): string[] {
  const { key, capacity, weight } = weighed;
  return [
    key,
    said ?? '-',
    signalText(weighed),
    capacity === undefined ? '-' : `${figure(capacity, 3)}/s`,
    String(configured),
    String(weight),
    whyText(weighed),
  ];
}

/** What was measured of a server, but for its capacity. */
export function signalText({ load, latency, basis, wanted }: Weighed): string {
  if (latency !== undefined) return `${figure(latency, 2)} ms`;
  if (basis === 'share' && wanted !== undefined) return `${Math.round(wanted * 100)} %`;
  return load === undefined ? '-' : `load ${load.toFixed(2)}`;
}

/** With so many digits that count, and all that it has before the point: never as a power of ten. */
export function figure(value: number, digits: number): string {
  return value >= 10 ** digits - 0.5 ? String(Math.round(value)) : value.toPrecision(digits);
}

/** In a few words what made a weight what it is. */
export function whyText({ basis, factor, limits, asks, weight }: Weighed): string {
  const share = factor.toFixed(2);
  // What is held, or on its way back, is what was known before.
  const by =
    basis !== 'none' ? `${basis} × ${share}` : factor === 1 ? 'nothing known' : `as it was × ${share}`;
  const heed = weight === 0 ? 'no new connections' : 'ignored, since no other server would be left';
  const words = [
    ...(asks ? [`its agent asks for ${asks}: ${heed}`] : []),
    by,
    ...limits.map(one => LIMITS[one]),
  ];
  return words.join('; ');
}

export function pollJson(services: readonly PolledService[], unpolled: readonly UnpolledService[]): string {
  const all = services.map(({ service: { name, scheduler }, servers }) => ({
    service: name,
    scheduler,
    servers: servers.map(({ weighed: { key, ...weighed }, configured, said }) => ({
      server: key,
      ...(said === undefined ? {} : { agent: said }),
      configured,
      ...weighed,
    })),
  }));
  const others = unpolled.map(({ name, scheduler, unmoved }) => ({ service: name, scheduler, unmoved }));
  return jsonText({ version: 1, services: all, unpolled: others });
}
