import type { Cluster } from '../../cluster/cluster.js';
import { kernelPort, serverKey, serviceKey } from '../../cluster/naming.js';
import type { Measured } from '../../state/polling.js';
import { place } from '../../table/overlay.js';
import { machineFinder } from './agents.js';
import { type HostState, NOTHING_KNOWN, type ServerState, type State } from '../../weights/poll.js';

/** What can be known by the weights in force alone, where nothing else is left: nobody's share jumps. @param now as of `Poll` */
export function beginFrom(measured: Measured | undefined, cluster: Cluster, now: number): State {
  if (!measured) return NOTHING_KNOWN;
  const hostOf = machineFinder(cluster);
  const hosts: Record<string, HostState> = {};
  const weights = new Map(measured.weights.map(one => [place(one), one.weight]));
  const servers = cluster.services.flatMap(service => {
    const key = serviceKey(service.virtual);
    const known = service.servers.flatMap(server => {
      const own = serverKey({ ...server, port: kernelPort(service, server) });
      const weight = weights.get(place({ service: key, server: own }));
      // Its agent has asked for that, which holds until it says another word.
      if (weight === 0 && server.weight > 0)
        hosts[hostOf(server)] = { heard: now, estimates: {}, asks: 'drain' };
      return weight !== undefined && weight > 0 && server.weight > 0
        ? [{ own, weight, configured: server.weight }]
        : [];
    });
    const sum = (of: 'weight' | 'configured'): number => known.reduce((all, one) => all + one[of], 0);
    const scale = sum('configured') / sum('weight');
    const states = known.map(({ own, weight, configured }): [string, ServerState] => [
      own,
      { factor: (weight * scale) / configured, weight, configured },
    ]);
    return states.length > 0 ? [[key, Object.fromEntries(states)] as const] : [];
  });
  return { hosts, servers: Object.fromEntries(servers) };
}
