import { receivers } from '../../cluster/fallback.js';
import { isLoopback } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { virtualAddresses } from '../../cluster/machines.js';
import { missing } from '../../director/failure.js';
import type { Runner } from '../../system/ports.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

/** By which way packets leave for an address. */
export interface Route {
  readonly device: string;
  /** The next router; undefined: on-link. */
  readonly via: string | undefined;
  /** The source that the kernel would choose. */
  readonly source: string | undefined;
}

export const routes: Check = {
  name: 'routes',
  about: 'each server is reached, on-link where its frames are only re-addressed',
  async examine({ ports: { runner }, cluster, duties }) {
    if (!(await duties()) || cluster.services.length === 0) return undefined;
    const servers = new Set(cluster.services.flatMap(one => receivers(one).map(({ address }) => address)));
    const all = [...servers].filter(address => !isLoopback(address));
    return judgeRoutes(cluster, await routesTo(runner, all));
  },
};

/** By ip(8), in one run; without an entry where no route leads to the address. @throws KernelFailure */
export async function routesTo(
  runner: Runner,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Route>> {
  const input = addresses.map(address => `route get ${address}\n`).join('');
  const result = await runner.run('ip', ['-o', '-force', '-batch', '-'], { input });
  if (result.missing) throw missing('ip');
  return parseRoutes(result.stdout);
}

/** `10.0.0.11 dev eth0 src 10.0.0.1 uid 0 \    cache`; `local` in front of what is this machine's own. */
export function parseRoutes(text: string): Map<string, Route> {
  const routes = new Map<string, Route>();
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'local') words.shift();
    const after = (word: string): string | undefined => {
      const at = words.indexOf(word);
      return at < 0 ? undefined : words[at + 1];
    };
    const device = after('dev');
    if (words[0] === undefined || device === undefined) continue;
    routes.set(words[0], { device, via: after('via'), source: after('src') });
  }
  return routes;
}

export function judgeRoutes(cluster: Cluster, routes: ReadonlyMap<string, Route>): Finding[] {
  const vips = virtualAddresses(cluster);
  const found = new Map<string, Finding>();
  for (const service of cluster.services) {
    for (const { address, forwarding } of receivers(service)) {
      if (isLoopback(address)) continue;
      const subject = `server ${address}`;
      const route = routes.get(address);
      const add = (one: Omit<Finding, 'subject'>): void =>
        void found.set(`${address} ${one.code}`, { subject, ...one });
      if (!route) {
        add({ code: 'server-unreachable', what: 'no route leads to it' });
        continue;
      }
      if (forwarding === 'direct' && route.via !== undefined) {
        const what = `it is behind the router ${route.via}, and not on the network of ${route.device}`;
        add({
          code: 'server-not-on-link',
          what,
          help: 'use a tunnel for it, or an interface in its network',
        });
      }
      // Its own addresses this machine reaches from themselves.
      if (route.source !== undefined && route.source !== address && vips.has(route.source)) {
        const what = `packets to it leave with the virtual address ${route.source} as their source`;
        add({
          code: 'vip-as-source',
          what,
          help: `ip addr show dev ${route.device} shows the addresses in their order`,
        });
      }
    }
  }
  return [...found.values()];
}
