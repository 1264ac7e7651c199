import { endpoint, familyOf, isLoopback } from '../cluster/address.js';
import type { Cluster } from '../cluster/cluster.js';
import { addressesOf } from '../cluster/machines.js';
import { entrances } from '../cluster/naming.js';
import type { Match, Server, Service } from '../cluster/service.js';
import { checkedPort } from '../render/keepalived/check.js';
import type { LabHost } from './topology.js';

/** Asked where a service takes every port; nobody else uses them. */
const SAMPLE_PORTS = [17_001, 17_002] as const;

/** Where the clients of a service ask: its entrances, each with a port. Never empty. */
export function questions(service: Pick<Service, 'virtual'>): readonly Match[] {
  return entrances(service).flatMap(match =>
    match.port === 0 ? SAMPLE_PORTS.map(port => ({ ...match, port })) : [match],
  );
}

/** The words by which lab/guest/stand-in.pl serves what a host of the lab has to, by the host's name; sorted. */
export function standInWords(cluster: Cluster, hosts: readonly LabHost[]): Map<string, string[]> {
  const words = new Map<string, string[]>();
  for (const host of hosts) {
    const own = ownAddresses(cluster, host);
    const found = cluster.services.flatMap(service =>
      serversOn(service, host, own).flatMap(server => [
        ...serviceWords(service, server, cluster, own),
        ...checkWords(service, server),
      ]),
    );
    if (found.length > 0) words.set(host.name, withoutDoubles(found));
  }
  return words;
}

/** Which servers of a service are on which host of the lab, by its name. */
export function serversByHost(
  cluster: Cluster,
  service: Service,
  hosts: readonly LabHost[],
): Map<string, Server[]> {
  const all = hosts.map((host): [string, Server[]] => [
    host.name,
    serversOn(service, host, ownAddresses(cluster, host)),
  ]);
  return new Map(all.filter(([, servers]) => servers.length > 0));
}

function serversOn(service: Service, host: LabHost, own: readonly string[]): Server[] {
  return service.servers.filter(
    ({ address }) => own.includes(address) || (host.role === 'director' && isLoopback(address)),
  );
}

/** The addresses of a host of the lab, without prefix lengths. */
function ownAddresses(cluster: Cluster, host: LabHost): string[] {
  const linked = host.links.flatMap(link => link.addresses.map(one => one.split('/')[0]!));
  return [...new Set([...linked, ...addressesOf(cluster, host.name)])];
}

/** Where the requests themselves arrive. */
function serviceWords(service: Service, server: Server, cluster: Cluster, own: readonly string[]): string[] {
  return questions(service).flatMap(({ address, port, protocol }) => {
    if (server.forwarding === 'nat') {
      return [word(protocol, server.address, server.port === 0 ? port : server.port)];
    }
    // A redirect gives the packet the address of the interface on which it came.
    const places =
      cluster.realServers.vipOn === 'filter'
        ? own.filter(one => familyOf(one) === familyOf(address))
        : [address];
    return places.map(one => word(protocol, one, port));
  });
}

/** What the checker asks on the server's own address, and what it wants to hear. */
function checkWords(service: Service, server: Server): string[] {
  const { check } = service;
  const port = checkedPort(service, server);
  const { protocol } = entrances(service)[0]!;
  switch (check.type) {
    case 'tcp':
      return [word('tcp', server.address, port)];
    case 'http':
    case 'https': {
      const answer = `http:${port}:${check.status?.[0] ?? 200}:${hex(check.path ?? '/')}:${hex(check.expect ?? '')}`;
      return [word('tcp', server.address, port), answer, ...(check.type === 'https' ? [`tls:${port}`] : [])];
    }
    case 'smtp':
      return [word('smtp', server.address, port)];
    case 'dns':
      return [word('dns', server.address, port)];
    case 'script':
      return port === 0 ? [] : [word(protocol, server.address, port)];
    case 'ping':
    case 'none':
      return [];
  }
}

function word(kind: string, address: string, port: number): string {
  return `${kind}:${endpoint(address, port)}`;
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** One listener for each place: that of a mail or name server answers what the plain one would, too. */
function withoutDoubles(words: readonly string[]): string[] {
  const special: Readonly<Record<string, string>> = { tcp: 'smtp', udp: 'dns' };
  const all = new Set(words);
  const kept = [...all].filter(one => {
    const [kind = '', ...rest] = one.split(':');
    const better = special[kind];
    return better === undefined || !all.has([better, ...rest].join(':'));
  });
  return kept.toSorted();
}
