import { endpoint } from '../cluster/address.js';
import type { Cluster } from '../cluster/cluster.js';
import { serviceKey } from '../cluster/naming.js';
import { type Attributes, serverAttributes, serviceAttributes } from './attributes.js';
import { tableService } from './desired.js';
import { explain, type ServerView, type ServiceView } from './explain.js';
import { serverIdentity } from './identity.js';
import type { Overlay } from './overlay.js';
import type { Counters, CounterTable } from './parse/listing.js';
import { planTable, type Step } from './plan.js';
import type { Activity, Connections, Table, TableServer, TableService, Timeouts } from './table.js';

/** What runs on a director, and what is known of its servers. */
export interface Known {
  readonly cluster: Cluster;
  readonly overlay: Overlay;
  /** What should be in the kernel: with what is let go and stays for its connections. */
  readonly wanted: Table;
  /** By `serviceKey`: whether a service that is not wanted is ours to remove. */
  readonly owned: (key: string) => boolean;
}

/** What is known of the kernel. */
export interface Seen {
  readonly services: readonly TableService[];
  /** Absent: they are not looked at. */
  readonly timeouts?: Timeouts;
  readonly activity: Activity;
  readonly stats?: CounterTable;
  readonly rates?: CounterTable;
}

interface Counted {
  /** Since it was added. */
  readonly stats?: Counters;
  /** A second. */
  readonly rates?: Counters;
}

/**
 * A server as it is and as it should be.
 *
 * `undeclared`: in a service of ours, and not in what runs. `leaving`: the same, and stays for its connections.
 * `foreign`: in a service that is not ours.
 */
export interface ServerStatus extends Counted {
  readonly kind: 'server' | 'fallback' | 'undeclared' | 'leaving' | 'foreign';
  /** `10.0.0.2:80`, with the port that the kernel has. */
  readonly name: string;
  /** The name of `hosts`. */
  readonly host?: string;
  /** As the kernel has it; absent where it is not there. */
  readonly live?: TableServer;
  /** As the kernel has it, else as it should be, in words; none where it neither is nor should be there. */
  readonly attributes: Attributes;
  /** Of `server` alone. */
  readonly view?: ServerView;
  readonly connections: Connections;
  /** What would have to be done to it. */
  readonly drift: readonly Step[];
}

export interface ServiceStatus extends Counted {
  /** As `serviceKey` has it. */
  readonly key: string;
  /** As it is declared; the key where it is foreign. */
  readonly name: string;
  readonly ours: boolean;
  /** Whether the kernel has it. */
  readonly there: boolean;
  /** As the kernel has it, else as it should be. */
  readonly table: TableService;
  /** The same in words. */
  readonly attributes: Attributes;
  readonly servers: readonly ServerStatus[];
  /** What would have to be done to the service itself. */
  readonly drift: readonly Step[];
}

export interface TableStatus {
  /** What runs in its order, then what is foreign. */
  readonly services: readonly ServiceStatus[];
  /** All in which the kernel's table differs from what should be in it. */
  readonly drift: readonly Step[];
}

const IDLE: Connections = { active: 0, inactive: 0 };

/** The kernel's table beside what should be in it, and why. Without anything that runs, all of it is foreign. */
export function tableStatus(seen: Seen, known: Known | undefined): TableStatus {
  const views = known ? explain(known.cluster, known.overlay) : [];
  const keys = new Set(views.map(({ key }) => key));
  const live = new Map(seen.services.map(one => [serviceKey(one.key), one]));
  const drift = known ? driftOf(seen, known) : [];
  const steps = new Map<string, Step[]>();
  for (const step of drift) {
    const name = `${step.service ?? ''} ${step.server ?? ''}`;
    steps.set(name, [...(steps.get(name) ?? []), step]);
  }
  const kept = new Set(
    known?.wanted.services.flatMap(one => one.servers.map(server => identified(one.key, server))),
  );
  const look: Look = { seen, steps: name => steps.get(name) ?? [], kept };
  const isOurs = (key: string): boolean => known?.owned(key) === true;
  return {
    services: [
      ...views.map(view => ourService(view, live.get(view.key), look)),
      ...[...live]
        .filter(([key]) => !keys.has(key))
        .map(([key, one]) => otherService(key, one, isOurs(key), look)),
    ],
    drift,
  };
}

/** 0 leaves a time-out as it is, whatever it is. */
const ANY: Timeouts = { tcp: 0, tcpFin: 0, udp: 0 };

function driftOf({ services, timeouts }: Seen, { wanted, owned }: Known): readonly Step[] {
  const should = timeouts ? wanted : { ...wanted, timeouts: ANY };
  return planTable({ services, timeouts: timeouts ?? ANY }, should, { owned }).steps;
}

interface Look {
  readonly seen: Seen;
  /** What is to be done to a service (`KEY `) or server (`KEY SERVER`). */
  readonly steps: (name: string) => readonly Step[];
  /** The servers that should be there. */
  readonly kept: ReadonlySet<string>;
}

function identified(key: TableService['key'], server: TableServer): string {
  return `${serviceKey(key)} ${serverIdentity(key, server)}`;
}

function ourService(view: ServiceView, live: TableService | undefined, look: Look): ServiceStatus {
  const { service, key, fallback } = view;
  const wanted = tableService(view);
  const table = live ?? wanted;
  const left = new Map<string, TableServer>();
  // Under a mark a server may be there with several ports: those beyond the first are nobody's.
  const spare: TableServer[] = [];
  for (const server of live?.servers ?? []) {
    const identity = serverIdentity(wanted.key, server);
    if (left.has(identity)) spare.push(server);
    else left.set(identity, server);
  }
  const take = (identity: string): TableServer | undefined => {
    const found = left.get(identity);
    left.delete(identity);
    return found;
  };
  const servers = view.servers.map(one => ourServer(one, take(one.key), wanted, look));
  const found = fallback && take(serverIdentity(wanted.key, fallback));
  const others = [
    ...(fallback ? [other('fallback', found ?? fallback, wanted, look, found !== undefined)] : []),
    ...[...left.values()].map(server => other(kindOf(wanted.key, server, look), server, wanted, look)),
    ...spare.map(server => other('undeclared', server, wanted, look)),
  ];
  return {
    key,
    name: service.name,
    ours: true,
    there: live !== undefined,
    table,
    attributes: serviceAttributes(table),
    servers: [...servers, ...others],
    drift: look.steps(`${key} `),
    ...counted(look.seen, 'services', key),
  };
}

function ourServer(
  view: ServerView,
  live: TableServer | undefined,
  { key }: TableService,
  look: Look,
): ServerStatus {
  const name = live ? endpoint(live.address, live.port) : view.key;
  const { host } = view.server;
  const shown = live ?? view.entry;
  return {
    kind: 'server',
    ...(host === undefined ? {} : { host }),
    ...(live ? { live } : {}),
    attributes: shown ? serverAttributes(shown) : new Map(),
    view,
    ...common(key, name, look),
  };
}

function other(
  kind: Exclude<ServerStatus['kind'], 'server'>,
  server: TableServer,
  { key }: TableService,
  look: Look,
  isThere = true,
): ServerStatus {
  const name = endpoint(server.address, server.port);
  return {
    kind,
    ...(isThere ? { live: server } : {}),
    attributes: serverAttributes(server),
    ...common(key, name, look),
  };
}

/** Of a server in a service of ours that is none of those that run. */
function kindOf(key: TableService['key'], server: TableServer, { kept }: Look): 'leaving' | 'undeclared' {
  return kept.has(identified(key, server)) ? 'leaving' : 'undeclared';
}

function otherService(key: string, table: TableService, ours: boolean, look: Look): ServiceStatus {
  return {
    key,
    name: key,
    ours,
    there: true,
    drift: look.steps(`${key} `),
    table,
    attributes: serviceAttributes(table),
    servers: table.servers.map(server =>
      other(ours ? kindOf(table.key, server, look) : 'foreign', server, table, look),
    ),
    ...counted(look.seen, 'services', key),
  };
}

function common(
  key: TableService['key'],
  name: string,
  { seen, steps }: Look,
): Pick<ServerStatus, 'name' | 'connections' | 'drift'> & Counted {
  const place = `${serviceKey(key)} ${name}`;
  const { active, inactive } = seen.activity.get(place) ?? IDLE;
  return {
    name,
    connections: { active, inactive },
    drift: steps(place),
    ...counted(seen, 'servers', place),
  };
}

function counted({ stats, rates }: Seen, of: keyof CounterTable, name: string): Counted {
  const [sum, speed] = [stats?.[of].get(name), rates?.[of].get(name)];
  return { ...(sum ? { stats: sum } : {}), ...(speed ? { rates: speed } : {}) };
}
