import { serverKey, serviceKey } from '../cluster/naming.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Service } from '../cluster/service.js';
import type { Limit } from '../weights/guard.js';
import type { Weighed } from '../weights/poll.js';
import { columns } from './columns.js';
import { jsonText } from './json.js';

/** What was asked and what came of it, by the key of the service. */
export interface PollView {
  readonly cluster: Pick<Cluster, 'services'>;
  readonly services: ReadonlyMap<string, readonly Weighed[]>;
  /** What a server's machine said: `ok`, or why not. */
  readonly said: (server: Service['servers'][number]) => string;
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

/** A line for every server that is polled, below the name of its service. */
export function pollText({ cluster, services, said }: PollView): string {
  const parts = cluster.services.flatMap(service => {
    const weighed = services.get(serviceKey(service.virtual));
    if (!weighed) return [];
    const rows = service.servers.map((server, index) => row(said(server), server, weighed[index]!));
    const lines = columns(
      [
        { title: 'server' },
        { title: 'agent' },
        { title: 'load', right: true },
        { title: 'capacity', right: true },
        { title: 'configured', right: true },
        { title: 'weight', right: true },
        { title: 'why' },
      ],
      rows,
    );
    return [`${service.name} (${service.scheduler})`, ...lines.map(line => `  ${line}`), ''];
  });
  return parts.length === 0 ? '' : `${parts.join('\n').trimEnd()}\n`;
}

function row(said: string, server: Service['servers'][number], weighed: Weighed): string[] {
  const { load, capacity, weight } = weighed;
  return [
    serverKey(server),
    said,
    load === undefined ? '-' : load.toFixed(2),
    capacity === undefined ? '-' : `${capacity.toPrecision(3)}/s`,
    String(server.weight),
    String(weight),
    whyText(weighed),
  ];
}

/** In a few words what made a weight what it is. */
export function whyText({ basis, factor, limits, asks }: Weighed): string {
  const by = basis === 'none' ? 'nothing known' : `${basis} × ${factor.toFixed(2)}`;
  const words = [...(asks ? [`its agent asks for ${asks}`] : []), by, ...limits.map(one => LIMITS[one])];
  return words.join('; ');
}

export function pollJson({ cluster, services, said }: PollView): string {
  const all = cluster.services.flatMap(service => {
    const weighed = services.get(serviceKey(service.virtual));
    if (!weighed) return [];
    const servers = service.servers.map((server, index) => ({
      ...weighed[index],
      key: undefined,
      server: weighed[index]!.key,
      configured: server.weight,
      agent: said(server),
    }));
    return [{ service: service.name, scheduler: service.scheduler, servers }];
  });
  return jsonText({ version: 1, services: all });
}
