import type { Connections, Live, SyncDaemon } from '../table/table.js';
import { columns } from './columns.js';
import type { Style } from './style.js';

/** A part of a table in words, as it is shown. */
export interface ShownService {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly servers: readonly ShownServer[];
}

export interface ShownServer {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly connections: Connections;
}

/** The table for administrators: services, their servers indented and aligned, then what holds for all. */
export function tableText(
  services: readonly ShownService[],
  { table, daemons, sysctls }: Live,
  style: Style,
): string {
  const width = longest(services.flatMap(one => one.servers.map(server => server.name)));
  const ways = services.flatMap(one => one.servers.map(way));
  const wayWidth = longest(ways);
  const lines = services.flatMap(service => [
    `${style.bold(service.name)}  ${attributeWords(service.attributes)}`,
    ...service.servers.map(server => serverText(server, width, wayWidth)),
  ]);
  const { tcp, tcpFin, udp } = table.timeouts;
  if (lines.length === 0) lines.push('no services');
  lines.push('', `timeouts  tcp ${tcp}s  tcp-fin ${tcpFin}s  udp ${udp}s`);
  lines.push(...daemons.map(daemonText));
  lines.push(...Object.entries(sysctls).map(([name, value]) => style.dim(`net.ipv4.vs.${name} = ${value}`)));
  return `${lines.join('\n')}\n`;
}

function serverText(
  { name, attributes, connections, ...rest }: ShownServer,
  width: number,
  ways: number,
): string {
  const others = new Map([...attributes].filter(([key]) => key !== 'forwarding' && key !== 'weight'));
  const weight = `weight ${(attributes.get('weight') ?? '').padEnd(5)}`;
  const counts = `${connections.active} active, ${connections.inactive} inactive`;
  const more = others.size > 0 ? `${attributeWords(others)}  ` : '';
  const going = way({ name, attributes, connections, ...rest }).padEnd(ways);
  return `  ${name.padEnd(width)}  ${going}  ${weight}  ${more}${counts}`;
}

function way({ attributes }: ShownServer): string {
  return attributes.get('forwarding') ?? '';
}

/** What there is to say of a service, its scheduler as such. */
export function attributeWords(attributes: ReadonlyMap<string, string>): string {
  return [...attributes]
    .map(([name, value]) => (name === 'scheduler' ? value : value === 'yes' ? name : `${name} ${value}`))
    .join('  ');
}

function daemonText({ role, interface: device, id, maxLength, group, port, ttl }: SyncDaemon): string {
  const more = Object.entries({ group, port, ttl, 'max-length': maxLength }).filter(
    ([, value]) => value !== undefined,
  );
  return [`sync ${role}  on ${device}  id ${id}`, ...more.map(([name, value]) => `${name} ${value}`)].join(
    '  ',
  );
}

/** The same as data, lossless. */
export function tableJson(services: readonly ShownService[], { table, daemons, sysctls }: Live): object {
  return {
    services: table.services.map((service, index) => ({
      service: services[index]!.name,
      ...service,
      servers: service.servers.map((server, number) => ({
        server: services[index]!.servers[number]!.name,
        ...server,
        connections: services[index]!.servers[number]!.connections,
      })),
    })),
    timeouts: table.timeouts,
    sync: daemons,
    sysctls,
  };
}

interface ShownConnection {
  readonly protocol: string;
  readonly expires: number;
  readonly state: string;
  readonly client: string;
  readonly virtual: string;
  readonly server: string;
}

const HEADER = ['pro', 'expire', 'state', 'client', 'virtual', 'server'].map(title => ({ title }));

/** Connections in columns, as `ipvsadm -Lcn` has them. */
export function connectionsText(connections: readonly ShownConnection[]): string {
  const rows = connections.map(({ protocol, expires, state, client, virtual, server }) => {
    const time = `${Math.floor(expires / 60)}:${String(expires % 60).padStart(2, '0')}`;
    return [protocol, time, state, client, virtual, server];
  });
  return columns(HEADER, rows)
    .map(line => `${line}\n`)
    .join('');
}

/** A spread of ten thousand arguments would be too many. */
function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}
