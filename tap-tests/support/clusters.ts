import type { Cluster, Director } from '../../src/cluster/cluster.js';
import {
  DEFAULT_FAILOVER,
  DEFAULT_IPVS,
  DEFAULT_KEEPALIVED,
  DEFAULT_MON,
  DEFAULT_REAL_SERVERS,
  withCheckDefaults,
} from '../../src/cluster/defaults.js';
import { defaultServiceName } from '../../src/cluster/naming.js';
import type { Server, Service, Virtual } from '../../src/cluster/service.js';

export const MIDAS: Director = { name: 'midas', address: '192.168.45.23', interface: 'eth0' };
export const ESTEPE: Director = { name: 'estepe', address: '192.168.45.204', interface: 'eth0' };

export function cluster(changes: Partial<Cluster> = {}): Cluster {
  return {
    checker: 'none',
    hosts: [],
    directors: [MIDAS, ESTEPE],
    failover: DEFAULT_FAILOVER,
    realServers: DEFAULT_REAL_SERVERS,
    notify: { mail: [] },
    ipvs: DEFAULT_IPVS,
    keepalived: DEFAULT_KEEPALIVED,
    mon: DEFAULT_MON,
    services: [service('192.168.45.26:80', ['192.168.45.13', '192.168.45.43'])],
    ...changes,
  };
}

/** `VIP:port` (IPv6 in brackets), and the servers' addresses. */
export function service(where: string, servers: readonly string[], changes: Partial<Service> = {}): Service {
  const [, address, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(where)!;
  const virtual: Virtual = { kind: 'address', address: address!, port: Number(port), protocol: 'tcp' };
  return {
    name: defaultServiceName(virtual),
    virtual,
    forwarding: 'direct',
    scheduler: 'wlc',
    flags: [],
    onePacket: false,
    check: withCheckDefaults({ type: 'tcp' }),
    onFailure: 'remove',
    servers: servers.map(one => server(one, { port: Number(port) })),
    ...changes,
  };
}

export function server(address: string, changes: Partial<Server> = {}): Server {
  return { address, port: 80, weight: 1, forwarding: 'direct', upper: 0, lower: 0, ...changes };
}

/** A service by mark, of the ports 80 and 443 and every UDP port of one VIP. */
export function marked(fwmark: number, vip: string, servers: readonly string[]): Service {
  const match = [
    { address: vip, port: 80, protocol: 'tcp' as const },
    { address: vip, port: 443, protocol: 'tcp' as const },
    { address: vip, port: 0, protocol: 'udp' as const },
  ];
  const family = vip.includes(':') ? 'ipv6' : 'ipv4';
  return {
    ...service('192.0.2.1:0', servers),
    name: `shop-${fwmark}`,
    virtual: { kind: 'fwmark', fwmark, family, match },
  };
}
