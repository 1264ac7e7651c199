import type { Cluster, IpvsSettings } from '../cluster/cluster.js';
import { explain, type ServiceView } from './explain.js';
import { NO_OVERLAY, type Overlay } from './overlay.js';
import type { Table, TableService, Timeouts } from './table.js';

/**
 * What the kernel should hold: the only place that decides it. Every service of the description with its servers, in
 * the description's order, at the weights that `explain` gives them.
 */
export function desired(cluster: Cluster, overlay: Overlay = NO_OVERLAY): Table {
  return {
    services: explain(cluster, overlay).map(tableService),
    timeouts: wantedTimeouts(cluster.ipvs),
  };
}

function wantedTimeouts({ timeouts }: IpvsSettings): Timeouts {
  const { tcp, tcpFin, udp } = timeouts;
  return { tcp: tcp / 1000, tcpFin: tcpFin / 1000, udp: udp / 1000 };
}

/** A service with the servers that it should have. */
export function tableService({ service, servers, fallback }: ServiceView): TableService {
  const { virtual } = service;
  return {
    key:
      virtual.kind === 'address'
        ? virtual
        : { kind: 'fwmark', fwmark: virtual.fwmark, family: virtual.family },
    scheduler: service.scheduler,
    flags: service.flags,
    ...(service.persistence ? { persistence: service.persistence } : {}),
    onePacket: service.onePacket,
    servers: [...servers.flatMap(({ entry }) => entry ?? []), ...(fallback ? [fallback] : [])],
  };
}
