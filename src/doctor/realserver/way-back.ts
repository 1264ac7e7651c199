import { addressesOf } from '../../cluster/machines.js';
import { familyOf } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Family } from '../../cluster/service.js';
import { list } from '../../diagnostic/quote.js';
import { command } from '../../director/host/act.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { tasksHere } from './part.js';
import { defaultRoutes } from './route.js';

export const wayBack: Check = {
  name: 'way-back',
  about: "what is answered behind NAT goes back by the director: it is this server's default route",
  async examine(patient) {
    const tasks = ((await tasksHere(patient)) ?? []).filter(({ forwarding }) => forwarding === 'nat');
    // A director that is a server, too, is its own way back.
    if (tasks.length === 0 || patient.machine.director) return undefined;
    const { cluster, ports } = patient;
    const families = [...new Set(tasks.map(({ rip }) => familyOf(rip)))];
    const found = await Promise.all(
      families.map(async family => ({ family, routes: await defaultRoutes(ports.runner, family) })),
    );
    return found.flatMap(({ family, routes }) =>
      judgeWayBack(family, routes[0], tasks.find(({ rip }) => familyOf(rip) === family)!.rip, cluster),
    );
  },
};

type Route = Awaited<ReturnType<typeof defaultRoutes>>[number];

export function judgeWayBack(
  family: Family,
  route: Route | undefined,
  rip: string,
  cluster: Cluster,
): Finding[] {
  const { gateway, directors } = cluster;
  const moving = gateway && familyOf(gateway.address) === family ? gateway.address : undefined;
  const own = directors
    .flatMap(({ name }) => addressesOf(cluster, name))
    .filter(one => familyOf(one) === family);
  const right = moving === undefined ? own : [moving];
  // A description may name neither: then any way back may be right.
  if (right.length === 0 || (route?.via !== undefined && right.includes(route.via))) return [];
  const mend =
    moving === undefined
      ? []
      : [command('ip', ...(family === 'ipv6' ? ['-6'] : []), 'route', 'replace', 'default', 'via', moving)];
  const wanted = `${list(right)}, the director`;
  const what = route
    ? `the default route of this server behind NAT is by ${route.via ?? `the device ${route.interface}`}, and not by ${wanted}`
    : `this server behind NAT has no default route: it has to be by ${wanted}`;
  const help = moving === undefined ? 'make the active director the default route' : undefined;
  return [{ code: 'nat-way-back', subject: rip, what, mend, ...(help === undefined ? {} : { help }) }];
}
