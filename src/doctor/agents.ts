import { endpoint } from '../cluster/address.js';
import type { Cluster } from '../cluster/cluster.js';
import { hostFinder } from '../cluster/machines.js';
import { SCHEDULERS } from '../cluster/scheduler.js';
import type { Law } from '../cluster/service.js';

/** A load agent, where the poller asks it. */
export interface Agent {
  readonly address: string;
  readonly port: number;
}

/** Latencies are measured by connecting to the service itself, and static weights not at all. */
const BY_AGENT: readonly (Law | undefined)[] = ['auto', 'uptime', 'capacity'];

/** Those of the servers whose weights follow a law: a general one leaves services alone that share nothing by weight. */
export function agentsOf(cluster: Cluster): Agent[] {
  const { polling, services } = cluster;
  if (!polling) return [];
  const hostOf = hostFinder(cluster);
  const found = new Map<string, Agent>();
  for (const { law, scheduler, servers } of services) {
    if (!BY_AGENT.includes(law ?? polling.law) || SCHEDULERS[scheduler] !== 'share') continue;
    for (const server of servers) {
      const port = hostOf(server)?.agent ?? polling.port;
      if (port !== 'none') found.set(endpoint(server.address, port), { address: server.address, port });
    }
  }
  return [...found.values()];
}
