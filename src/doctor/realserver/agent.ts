import { endpoint } from '../../cluster/address.js';
import { type Agent, agentsOf } from '../agents.js';
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
    const own = new Set(tasks.map(({ rip }) => rip));
    const asked = agentsOf(patient.cluster).filter(({ address }) => own.has(address));
    if (asked.length === 0) return undefined;
    return judgeAgents(await listSockets(patient.ports.runner, false), asked);
  },
};

export function judgeAgents(sockets: readonly Socket[], asked: readonly Agent[]): Finding[] {
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
