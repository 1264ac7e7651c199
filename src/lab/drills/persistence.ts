import type { Cluster } from '../../cluster/cluster.js';
import { readableEndpoint } from '../../cluster/naming.js';
import { questions } from '../endpoints.js';
import { type Drill, judged, notRun } from './drill.js';
import { askServers, unservable } from './traffic.js';

const REQUESTS = 8;

/** A client of a persistent service stays with one server, on all ports and addresses of a mark together. */
export function persistenceDrills(cluster: Cluster): Drill[] {
  return cluster.services
    .filter(one => one.persistence !== undefined)
    .map(service => ({
      id: 'persistence',
      title: 'one client stays with one server',
      subject: service.name,
      async run(lab) {
        const why = await unservable(lab, service);
        if (why !== undefined) return notRun(why);
        const bySip = service.persistence?.engine === 'sip';
        const problems: string[] = [];
        const found = new Set<string>();
        const all = questions(service);
        for (const match of all) {
          const { counts, unanswered } = await askServers(lab, service, match, REQUESTS);
          const at = `${readableEndpoint(match.address, match.port)}/${match.protocol}`;
          if (unanswered > 0)
            problems.push(`${unanswered} of ${REQUESTS} requests to ${at} were not answered`);
          if (counts.size > 1) problems.push(`${counts.size} servers answered at ${at}`);
          for (const address of counts.keys()) found.add(address);
        }
        // Calls are told apart by their Call-ID, and each entrance is asked with one of its own.
        if (!bySip && found.size > 1 && problems.length === 0)
          problems.push('its entrances lead to different servers');
        const detail = `${[...found].join(', ')} answered all${bySip ? ' of a call' : ''}`;
        return judged(problems, detail, { requests: REQUESTS * all.length, servers: found.size });
      },
    }));
}
