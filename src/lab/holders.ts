import type { Cluster } from '../cluster/cluster.js';
import { virtualAddresses } from '../cluster/machines.js';
import type { Host, Lab } from './lab.js';

/** All VIPs of a cluster, each once. */
export function virtualIps(cluster: Cluster): string[] {
  return [...virtualAddresses(cluster).keys()];
}

/** The directors that hold each VIP as the active one does: where a real server has it is another matter. */
export async function holders(lab: Lab): Promise<Map<string, Host[]>> {
  const held = await Promise.all(
    lab.role('director').map(async one => ({ one, addresses: await addressesOn(one) })),
  );
  const found = virtualIps(lab.cluster).map((vip): [string, Host[]] => [
    vip,
    held.filter(({ addresses }) => addresses.has(vip)).map(({ one }) => one),
  ]);
  return new Map(found);
}

/** Each director that holds a VIP, once. */
export async function activeDirectors(lab: Lab): Promise<Host[]> {
  return [...new Set([...(await holders(lab)).values()].flat())];
}

/** None where the host is dead. */
async function addressesOn(host: Host): Promise<Set<string>> {
  const { stdout } = await host.run('ip -o addr show');
  const lines = stdout.split('\n').filter(line => !/^\d+: (lo|dummy0)\b/.test(line));
  return new Set(lines.flatMap(line => / inet6? ([^/ ]+)/.exec(line)?.[1] ?? []));
}
