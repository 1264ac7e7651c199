import type { Cluster } from '../../cluster/cluster.js';
import { kernelPort, serverKey, serviceKey } from '../../cluster/naming.js';
import type { Measured } from '../../state/polling.js';
import { place } from '../../table/overlay.js';
import { NOTHING_KNOWN, type ServerState, type State } from '../../weights/poll.js';

/** What can be known by the weights in force alone, where nothing else is left: nobody's share jumps. */
export function beginFrom(measured: Measured | undefined, cluster: Cluster): State {
  if (!measured) return NOTHING_KNOWN;
  const weights = new Map(measured.weights.map(one => [place(one), one.weight]));
  const servers = cluster.services.flatMap(service => {
    const key = serviceKey(service.virtual);
    // A 0 is what an agent has asked for, and says so again.
    const known = service.servers.flatMap(server => {
      const own = serverKey({ ...server, port: kernelPort(service, server) });
      const weight = weights.get(place({ service: key, server: own })) ?? 0;
      return weight > 0 && server.weight > 0 ? [{ own, weight, configured: server.weight }] : [];
    });
    const sum = (of: 'weight' | 'configured'): number => known.reduce((all, one) => all + one[of], 0);
    const scale = sum('configured') / sum('weight');
    const states = known.map(({ own, weight, configured }): [string, ServerState] => [
      own,
      { factor: (weight * scale) / configured, weight, configured },
    ]);
    return states.length > 0 ? [[key, Object.fromEntries(states)] as const] : [];
  });
  return { ...NOTHING_KNOWN, servers: Object.fromEntries(servers) };
}
