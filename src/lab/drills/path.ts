import type { Cluster } from '../../cluster/cluster.js';
import { serverKey } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { counterKey, type Counters, countersOf } from '../counters.js';
import { questions } from '../endpoints.js';
import { activeDirectors } from '../holders.js';
import { type Lab, LabFailure } from '../lab.js';
import { type Act, failed, type Finding, judged, notRun } from './drill.js';
import { askServers, unservable } from './traffic.js';

const REQUESTS = 4;
/** Seconds; the kernel brings its counters up to date every two. */
const PATIENCE = 15;

/** Answers go straight to the client, but for NAT, where the director has to see them. All services at once. */
export function pathAct(cluster: Cluster): Act {
  const { services } = cluster;
  return {
    drills: services.map(({ name, servers }) => {
      const isNat = servers.length > 0 && servers.every(one => one.forwarding === 'nat');
      const title = isNat
        ? 'answers go back through the director'
        : 'answers go to the client past the director';
      return { id: 'path', title, subject: name };
    }),
    run: lab => paths(lab, services),
  };
}

async function paths(lab: Lab, services: readonly Service[]): Promise<Finding[]> {
  const [director] = await activeDirectors(lab);
  if (!director) throw new LabFailure('no director is active');
  const reasons = await Promise.all(services.map(one => unservable(lab, one)));
  const able = services.filter((_, index) => reasons[index] === undefined);
  for (const service of able) await askServers(lab, service, questions(service)[0]!, REQUESTS);
  let counters = new Map<string, Counters>();
  const isCounted = async (): Promise<boolean> => {
    counters = await countersOf(director);
    return able.every(service => asked(service, counters).some(one => !one.isNat || one.outPackets > 0));
  };
  // What is never counted is judged below.
  await lab.until('', isCounted, PATIENCE).catch(() => undefined);
  return services.map((service, index) => {
    const why = reasons[index];
    return why === undefined ? judge(service, asked(service, counters), director.name) : notRun(why);
  });
}

interface Counted extends Counters {
  readonly key: string;
  readonly isNat: boolean;
}

/** The servers of a service to which packets have gone. */
function asked(service: Service, counters: ReadonlyMap<string, Counters>): Counted[] {
  return service.servers.flatMap(server => {
    const found = counters.get(counterKey(service, server));
    const isNat = server.forwarding === 'nat';
    return found && found.inPackets > 0 ? [{ key: serverKey(server), isNat, ...found }] : [];
  });
}

function judge(service: Service, servers: readonly Counted[], director: string): Finding {
  if (servers.length === 0)
    return failed(`the kernel of ${director} sent nothing to any server of ${service.name}`);
  const problems = servers.flatMap(({ key, isNat, outPackets }) => {
    if (isNat) return outPackets > 0 ? [] : [`answers of ${key} do not come back through the director`];
    return outPackets === 0 ? [] : [`${outPackets} packets of ${key} came back through the director`];
  });
  const sum = (of: keyof Counters): number => servers.reduce((total, one) => total + one[of], 0);
  const figures = { packets_in: sum('inPackets'), packets_out: sum('outPackets') };
  const words = `the kernel of ${director} counted ${figures.packets_in} packets in, ${figures.packets_out} out`;
  return judged(problems, words, figures);
}
