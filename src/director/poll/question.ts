import type { Cluster, Polling } from '../../cluster/cluster.js';
import { isMovable, lawOf } from '../../cluster/law.js';
import { kernelPort, serverKey, serviceKey } from '../../cluster/naming.js';
import type { Overlay, Remark } from '../../table/overlay.js';
import { serverPlace } from '../../table/identity.js';
import type { CounterTable } from '../../table/parse/listing.js';
import type { Activity, Table } from '../../table/table.js';
import type { PolledService } from '../../weights/poll.js';
import { agentPort, machineFinder } from './agents.js';
import { probeOf } from './probe.js';

/** What the kernel has counted, at one moment. */
export interface Seen {
  readonly services: Table['services'];
  readonly activity: Activity;
  readonly counters: CounterTable;
}

/** Dead, though `minimum_servers` may keep it, or out by an operator's word. */
function isOut({ dead, held, drained, weight }: Remark = {}): boolean {
  return (dead ?? held ?? drained) !== undefined || weight?.value === 0;
}

/** The services of a cluster as the controller takes them. Those of law static, and those that no law can move, are left out. */
export function polledServices(
  cluster: Cluster,
  polling: Polling,
  seen: Seen | undefined,
  latencies: ReadonlyMap<string, number>,
  overlay: Overlay,
): PolledService[] {
  const machineOf = machineFinder(cluster);
  const portOf = agentPort(cluster, polling);
  const weights = new Map(
    seen?.services.flatMap(({ key, servers }) => servers.map(one => [serverPlace(key, one), one.weight])),
  );
  return cluster.services.flatMap((service): PolledService[] => {
    if (!isMovable(service, polling)) return [];
    const law = lawOf(service, polling);
    return [
      {
        key: serviceKey(service.virtual),
        scheduler: service.scheduler,
        law,
        servers: service.servers.map(server => {
          const key = serverKey({ ...server, port: kernelPort(service, server) });
          const at = `${serviceKey(service.virtual)} ${key}`;
          const connections = seen?.counters.servers.get(at)?.connections;
          const activity = seen?.activity.get(at);
          const latency = latencies.get(probeOf(service, server)?.name ?? '');
          return {
            host: machineOf(server),
            key,
            configured: server.weight,
            ...(portOf(server) === 'none' ? { isUnasked: true } : {}),
            ...(connections === undefined || !activity
              ? {}
              : {
                  counted: {
                    connections,
                    active: activity.active,
                    isOpen: (weights.get(at) ?? 0) > 0,
                  },
                }),
            ...(latency === undefined ? {} : { latency }),
            ...(isOut(overlay.get(at)) ? { isOut: true } : {}),
          };
        }),
      },
    ];
  });
}
