import type { Counters } from '../table/parse/listing.js';
import type { ServerStatus, ServiceStatus, TableStatus } from '../table/status.js';
import type { Metric, Sample } from './metrics.js';
import type { StatusHead } from './status-head.js';

/** So many services and servers at most have series of their own; Prometheus keeps each series for weeks. */
const MOST_SERVICES = 500;
const MOST_SERVERS = 2000;

type Labels = Sample['labels'];

/** What is measured of one thing: name, type, help, and its value where it has one. */
type Measure<T> = readonly [
  name: string,
  type: Metric['type'],
  help: string,
  value: (of: T) => number | undefined,
];

const SERVICES: readonly Measure<ServiceStatus>[] = [
  [
    'service_servers',
    'gauge',
    'Servers of the service in the kernel.',
    one => one.servers.filter(({ live }) => live).length,
  ],
  [
    'service_open_servers',
    'gauge',
    'Servers of the service that take new connections.',
    one => one.servers.filter(({ live }) => (live?.weight ?? 0) > 0).length,
  ],
  ...traffic('service', 'Connections that were scheduled.'),
];

const SERVERS: readonly Measure<ServerStatus>[] = [
  [
    'server_weight',
    'gauge',
    'Weight in force in the kernel; no sample where it is not there.',
    ({ live }) => live?.weight,
  ],
  [
    'server_configured_weight',
    'gauge',
    'Weight in the description that runs.',
    ({ view }) => view?.server.weight,
  ],
  [
    'server_drained',
    'gauge',
    'Whether an operator has drained it.',
    ({ view }) => view && Number(view.remark.drained !== undefined),
  ],
  [
    'server_dead',
    'gauge',
    'Whether a checker has found it dead.',
    ({ view }) => view && Number(view.remark.dead !== undefined || view.cause === 'held'),
  ],
  ['server_active_connections', 'gauge', 'Active connections.', ({ connections }) => connections.active],
  [
    'server_inactive_connections',
    'gauge',
    'Inactive connections; of UDP all.',
    ({ connections }) => connections.inactive,
  ],
  ...traffic('server', 'Connections that it was given.'),
];

/** What the kernel counts of a service as of a server, from `ipvsadm -Ln --stats`. */
function traffic(of: 'service' | 'server', connections: string): Measure<Pick<ServerStatus, 'stats'>>[] {
  const counted = (
    name: string,
    about: string,
    key: keyof Counters,
  ): Measure<Pick<ServerStatus, 'stats'>> => [
    `${of}_${name}_total`,
    'counter',
    about,
    ({ stats }) => stats?.[key],
  ];
  return [
    counted('connections', connections, 'connections'),
    counted('incoming_packets', 'Packets from clients.', 'inPackets'),
    counted('outgoing_packets', 'Packets to clients that passed the director.', 'outPackets'),
    counted('incoming_bytes', 'Bytes from clients.', 'inBytes'),
    counted('outgoing_bytes', 'Bytes to clients that passed the director.', 'outBytes'),
  ];
}

/** All that monitoring may want to know. The order of metrics and series is that of the description. */
export function statusMetrics(
  head: StatusHead & { readonly version: string; readonly active?: boolean },
  { services, drift }: TableStatus,
): Metric[] {
  const shown = services.slice(0, MOST_SERVICES);
  const servers = shown.flatMap(service =>
    service.servers.map(server => [serverLabels(service, server), server] as const),
  );
  const all = services.reduce((sum, one) => sum + one.servers.length, 0);
  const kept = servers.slice(0, MOST_SERVERS);
  return [
    ...headMetrics(head, drift.length),
    gauge('services', 'Services in the kernel, by whose they are.', [
      { labels: { owner: 'lvsctl' }, value: services.filter(({ ours, there }) => ours && there).length },
      { labels: { owner: 'other' }, value: services.filter(({ ours }) => !ours).length },
    ]),
    gauge('omitted_services', 'Services that have no series, being too many.', [
      unlabelled(services.length - shown.length),
    ]),
    gauge('omitted_servers', 'Servers that have no series, being too many.', [unlabelled(all - kept.length)]),
    ...SERVICES.map(one =>
      measured(
        one,
        shown.map(service => [serviceLabels(service), service]),
      ),
    ),
    ...SERVERS.map(one => measured(one, kept)),
  ];
}

function headMetrics(
  { now, generation, file, coming, version, active, checker }: Parameters<typeof statusMetrics>[0],
  drift: number,
): Metric[] {
  const seconds = (iso: string): number => Date.parse(iso) / 1000;
  const [first] = coming;
  const maybe = (value: number | undefined): Sample[] => (value === undefined ? [] : [unlabelled(value)]);
  // Where there is no file, or nothing to compare it with, there is no answer either.
  const differs =
    file.kind === 'absent' || !generation
      ? undefined
      : Number(file.kind === 'differs' || file.kind === 'unusable');
  return [
    gauge('build_info', 'The version of lvsctl.', [{ labels: { version }, value: 1 }]),
    gauge('last_run_timestamp_seconds', 'When this was written.', [unlabelled(now.getTime() / 1000)]),
    gauge(
      'active',
      'Whether this director is the active one; no sample where that is unknown.',
      maybe(active === undefined ? undefined : Number(active)),
    ),
    gauge(
      'checker_running',
      'Whether the checker of what runs runs on this host; no sample where none has to.',
      maybe(checker && Number(checker.running)),
    ),
    gauge('generation', 'Number of the generation that runs.', maybe(generation?.number)),
    gauge(
      'generation_made_timestamp_seconds',
      'When that generation was applied.',
      maybe(generation && seconds(generation.made)),
    ),
    gauge(
      'generation_waiting',
      'Whether it still has to be confirmed.',
      maybe(generation && Number(generation.until !== undefined)),
    ),
    gauge(
      'drift_lines',
      'Lines in which the table of the kernel differs from what should be in it.',
      maybe(generation && drift),
    ),
    gauge(
      'file_differs',
      'Whether the description differs from what runs, or cannot be used.',
      maybe(differs),
    ),
    gauge(
      'next_deadline_timestamp_seconds',
      'When the next thing happens by itself.',
      maybe(first && seconds(first.due)),
    ),
  ];
}

function measured<T>([name, type, help, value]: Measure<T>, all: readonly (readonly [Labels, T])[]): Metric {
  const samples = all.flatMap(([labels, one]) => {
    const found = value(one);
    return found === undefined ? [] : [{ labels, value: found }];
  });
  return { name: `lvsctl_${name}`, type, help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `lvsctl_${name}`, type: 'gauge', help, samples };
}

function unlabelled(value: number): Sample {
  return { labels: {}, value };
}

/** `virtual` is what the kernel knows it by, without the protocol: a rename leaves it. */
function serviceLabels({ name, key, table }: ServiceStatus): Labels {
  const protocol = table.key.kind === 'address' ? table.key.protocol : 'fwmark';
  return { service: name, virtual: key.slice(0, key.lastIndexOf('/')), protocol };
}

function serverLabels(service: ServiceStatus, { name }: ServerStatus): Labels {
  return { ...serviceLabels(service), server: name };
}
