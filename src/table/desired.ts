import type { Cluster } from '../cluster/cluster.js';
import { fallbackServer } from '../cluster/fallback.js';
import type { Server, Service } from '../cluster/service.js';
import type { Table, TableServer, TableService } from './table.js';

/**
 * What the kernel should hold: the only place that decides it. Every service of the description with its servers at
 * their configured weights, in the description's order.
 */
export function desired(cluster: Cluster): Table {
  const { tcp, tcpFin, udp } = cluster.ipvs.timeouts;
  return {
    services: cluster.services.map(tableService),
    timeouts: { tcp: tcp / 1000, tcpFin: tcpFin / 1000, udp: udp / 1000 },
  };
}

function tableService(service: Service): TableService {
  const { virtual } = service;
  const fallback = fallbackServer(service);
  // A fallback is for when no server is left; a service that never had one needs it at once.
  const servers = service.servers.length === 0 && fallback ? [fallback] : service.servers;
  return {
    key:
      virtual.kind === 'address'
        ? virtual
        : { kind: 'fwmark', fwmark: virtual.fwmark, family: virtual.family },
    scheduler: service.scheduler,
    flags: service.flags,
    ...(service.persistence ? { persistence: service.persistence } : {}),
    onePacket: service.onePacket,
    servers: servers.map(server => tableServer(server, service)),
  };
}

function tableServer(server: Server, service: Service): TableServer {
  const { host: _name, ...own } = server;
  // Under direct routing and tunnel the kernel replaces the server's port by the service's.
  return own.forwarding === 'nat' ? own : { ...own, port: servicePort(service) };
}

function servicePort(service: Service): number {
  return service.virtual.kind === 'address' ? service.virtual.port : 0;
}
