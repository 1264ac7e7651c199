import { endpoint } from '../../cluster/address.js';
import { missing } from '../../director/failure.js';
import type { Runner } from '../../system/ports.js';
import { type Agent, agentsOf } from '../agents.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

export const agents: Check = {
  name: 'agents',
  about: 'the load agents of the real servers can be reached',
  async examine({ ports: { runner }, cluster, duties }) {
    const all = agentsOf(cluster);
    if (!(await duties()) || all.length === 0) return undefined;
    const silent: Agent[] = [];
    for (let at = 0; at < all.length; at += AT_A_TIME) {
      const some = all.slice(at, at + AT_A_TIME);
      const answers = await Promise.all(some.map(one => isReached(runner, one)));
      silent.push(...some.filter((_, index) => !answers[index]));
    }
    return judgeAgents(silent);
  },
};

const AT_A_TIME = 16;

/** By bash(1), which is on every Debian, and opens connections for redirections. */
async function isReached(runner: Runner, { address, port }: Agent): Promise<boolean> {
  const script = 'exec 3<>"/dev/tcp/$1/$2"';
  const { exitCode, missing: isMissing } = await runner.run('timeout', [
    '3',
    'bash',
    '-c',
    script,
    'bash',
    address,
    String(port),
  ]);
  if (isMissing) throw missing('timeout');
  return exitCode === 0;
}

export function judgeAgents(silent: readonly Agent[]): Finding[] {
  return silent.map(({ address, port }) => ({
    code: 'agent-silent',
    subject: `server ${address}`,
    what: `nothing takes a connection at ${endpoint(address, port)}`,
    help: 'there: systemctl status uptimesrv, ss -ltn, and the packet filter',
  }));
}
