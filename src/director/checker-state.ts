import type { Cluster } from '../cluster/cluster.js';
import { machineOf } from '../cluster/machines.js';
import type { Ports } from '../system/ports.js';
import { stateOfKeepalived } from './keepalived/daemon.js';
import { bySystemd, hasProcess, runs } from './reload.js';

/** Who checks the servers. */
export type CheckerName = Exclude<Cluster['checker'], 'none'>;

export interface CheckerState {
  readonly name: CheckerName;
  readonly running: boolean;
  /** Where it does not run: that, and what helps. */
  readonly problem?: string;
}

/** The checker that has to run on this host; undefined where there is none, and on a host that is no director. */
export function checkerHere(cluster: Cluster | undefined, net: Ports['net']): CheckerName | undefined {
  if (!cluster || cluster.checker === 'none') return undefined;
  // Where none is named it is whoever has applied it.
  if (cluster.directors.length === 0) return cluster.checker;
  return machineOf(cluster, net.hostName(), net.addresses())?.director && cluster.checker;
}

/** Whether it runs. As long as it does, that costs a few small files. */
export async function checkerState(ports: Ports, name: CheckerName): Promise<CheckerState> {
  const way = name === 'mon' ? await wayOfMon(ports) : await stateOfKeepalived(ports.files);
  if (way === 'checks') return { name, running: true };
  if (way === 'idle') {
    const problem = `${name} runs on this host, but checks nothing, so that no dead server is taken out; \`lvsctl doctor\` may know why`;
    return { name, running: false, problem };
  }
  const help = (await bySystemd(ports.files)) ? `; \`systemctl start ${name}\` starts it` : '';
  const problem = `${name} does not run on this host, so that no dead server is taken out${help}`;
  return { name, running: false, problem };
}

async function wayOfMon(ports: Ports): Promise<'checks' | 'absent'> {
  return (await hasProcess(ports.files, 'mon')) || (await runs(ports, 'mon')) ? 'checks' : 'absent';
}

/** Says where the checker of what runs does not. @param name as `checkerHere` has it */
export async function warnOfChecker(
  ports: Ports,
  name: CheckerName | undefined,
  warn: (text: string) => void,
): Promise<void> {
  const { problem } = name ? await checkerState(ports, name) : {};
  if (problem !== undefined) warn(problem);
}
