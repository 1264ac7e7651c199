import type { Cluster } from '../../cluster/cluster.js';
import { serverKey } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { counterKey, countersOf } from '../counters.js';
import { questions } from '../endpoints.js';
import { activeDirectors } from '../holders.js';
import { type Lab, LabFailure } from '../lab.js';
import { type Drill, type Finding, judged, notRun } from './drill.js';
import { askServers, unservable } from './traffic.js';

const REQUESTS = 4;

/** Answers go straight to the client, but for NAT, where the director has to see them. */
export function pathDrills(cluster: Cluster): Drill[] {
  return cluster.services.map(service => {
    const isNat = service.servers.length > 0 && service.servers.every(one => one.forwarding === 'nat');
    return {
      id: 'path',
      title: isNat ? 'answers go back through the director' : 'answers go to the client past the director',
      subject: service.name,
      run: lab => path(lab, service),
    };
  });
}

async function path(lab: Lab, service: Service): Promise<Finding> {
  const why = await unservable(lab, service);
  if (why !== undefined) return notRun(why);
  const [director] = await activeDirectors(lab);
  if (!director) throw new LabFailure('no director is active');
  await askServers(lab, service, questions(service)[0]!, REQUESTS);
  const counted = async (): Promise<
    { key: string; nat: boolean; inPackets: number; outPackets: number }[]
  > => {
    const counters = await countersOf(director);
    return service.servers.flatMap(server => {
      const found = counters.get(counterKey(service, server));
      const seen = found !== undefined && found.inPackets > 0;
      return seen ? [{ key: serverKey(server), nat: server.forwarding === 'nat', ...found }] : [];
    });
  };
  // The kernel brings its counters up to date every two seconds.
  const isUp = async (): Promise<boolean> => (await counted()).some(one => !one.nat || one.outPackets > 0);
  await lab.until('the kernel has counted packets', isUp, 15);
  const servers = await counted();
  const problems = servers.flatMap(({ key, nat, outPackets }) => {
    if (nat) return outPackets > 0 ? [] : [`answers of ${key} do not come back through the director`];
    return outPackets === 0 ? [] : [`${outPackets} packets of ${key} came back through the director`];
  });
  const sum = (of: 'inPackets' | 'outPackets'): number => servers.reduce((total, one) => total + one[of], 0);
  const figures = { packets_in: sum('inPackets'), packets_out: sum('outPackets') };
  const where = `the kernel of ${director.name} counted`;
  return judged(problems, `${where} ${figures.packets_in} packets in, ${figures.packets_out} out`, figures);
}
