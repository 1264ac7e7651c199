import { endpoint, isLoopback } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { hostFinder } from '../../cluster/machines.js';
import { SCHEDULERS } from '../../cluster/scheduler.js';
import type { Law } from '../../cluster/service.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { tasksHere } from './part.js';
import { isReached, listSockets, type Socket } from './sockets.js';

export const agent: Check = {
  name: 'agent-here',
  about: 'the load agent of this real server listens',
  async examine(patient) {
    const tasks = await tasksHere(patient);
    if (!tasks) return undefined;
    const asked = agentsOf(patient.cluster, new Set(tasks.map(({ rip }) => rip)));
    if (asked.length === 0) return undefined;
    return judgeAgents(await listSockets(patient.ports.runner, false), asked);
  },
};

/** Where a server's agent is asked. */
export interface Asked {
  readonly address: string;
  readonly port: number;
}

/** Latencies are measured by connecting to the service itself, and static weights not at all. */
const BY_AGENT: readonly (Law | undefined)[] = ['auto', 'uptime', 'capacity'];

/** The agents that the poller asks at these addresses. */
export function agentsOf(cluster: Cluster, own: ReadonlySet<string>): Asked[] {
  const { polling, services } = cluster;
  if (!polling) return [];
  const hostOf = hostFinder(cluster);
  const asked = new Map<string, Asked>();
  for (const { law, scheduler, servers } of services) {
    if (!BY_AGENT.includes(law ?? polling.law) || SCHEDULERS[scheduler] !== 'share') continue;
    for (const server of servers) {
      const port = hostOf(server)?.agent ?? polling.port;
      const { address } = server;
      if (port === 'none' || !own.has(address) || isLoopback(address)) continue;
      asked.set(endpoint(address, port), { address, port });
    }
  }
  return [...asked.values()];
}

export function judgeAgents(sockets: readonly Socket[], asked: readonly Asked[]): Finding[] {
  return asked.flatMap(({ address, port }): Finding[] => {
    if (sockets.some(one => one.protocol === 'tcp' && one.port === port && isReached(one, address)))
      return [];
    return [
      {
        code: 'no-agent',
        subject: 'agent',
        what: `nothing listens at ${endpoint(address, port)}, where the director asks for this server's load`,
        help: 'start the agent, or say `agent: none` for this host in the description',
      },
    ];
  });
}
