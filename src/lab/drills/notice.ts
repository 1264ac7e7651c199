import { serverKey } from '../../cluster/naming.js';
import { desired } from '../../table/desired.js';
import { serverLine } from '../../table/format.js';
import type { Service } from '../../cluster/service.js';
import { alertsOf, subjectOf } from '../alerts.js';
import { serversByHost } from '../endpoints.js';
import { activeDirectors } from '../holders.js';
import { type Host, type Lab, LabFailure } from '../lab.js';
import { asPrinted, kernelTable } from '../kernel-table.js';

/** How the rehearsal learns that the checker has noticed something. */
export interface Notice {
  /** Which of these hosts it takes for dead now, in every service that checks them. */
  dead(names: readonly string[]): Promise<string[]>;
  /** Which it takes for alive. */
  alive(names: readonly string[]): Promise<string[]>;
}

/** keepalived's word is the table: a dead server is out of it, or has weight 0 with `quiesce`. */
export async function tableNotice(lab: Lab, services: readonly Service[]): Promise<Notice> {
  const [director] = await activeDirectors(lab);
  if (!director) throw new LabFailure('no director is active');
  const wanted = linesByHost(lab, services);
  const judge = async (names: readonly string[], alive: boolean): Promise<string[]> => {
    const table = new Set(await kernelTable(director));
    return names.filter(name => (wanted.get(name) ?? []).every(line => table.has(line) === alive));
  };
  return { dead: names => judge(names, false), alive: names => judge(names, true) };
}

/** mon's word is its alerts, of a kind for each service and server. */
export function alertNotice(lab: Lab, director: Host, services: readonly Service[]): Notice {
  const wanted = new Map<string, string[]>();
  for (const { name, service, servers } of servedBy(lab, services)) {
    const subjects = servers.map(server => `${service.name} ${serverKey(server)}`);
    wanted.set(name, [...(wanted.get(name) ?? []), ...subjects]);
  }
  const judge = async (names: readonly string[], kind: 'failure' | 'up'): Promise<string[]> => {
    const alerts = await alertsOf(director, kind);
    // An alert that lvsctl could not make sense of is none: -u goes with up, and with it alone.
    const good = alerts.filter(
      ({ words }) => words[0] === 'alert' && words.includes('-u') === (kind === 'up'),
    );
    const subjects = new Set(good.map(subjectOf));
    return names.filter(name => (wanted.get(name) ?? []).every(one => subjects.has(one)));
  };
  return { dead: names => judge(names, 'failure'), alive: names => judge(names, 'up') };
}

/** The lines of the table that are about the servers on each host, as `ipvsadm -Sn` prints them. */
function linesByHost(lab: Lab, services: readonly Service[]): Map<string, string[]> {
  const table = desired(lab.cluster);
  const lines = new Map<string, string[]>();
  for (const { name, service, servers } of servedBy(lab, services)) {
    const entry = table.services[lab.cluster.services.indexOf(service)]!;
    const found = servers.map(server => {
      const one = entry.servers[service.servers.indexOf(server)]!;
      return asPrinted(serverLine('-a', entry.key, one));
    });
    lines.set(name, [...(lines.get(name) ?? []), ...found]);
  }
  return lines;
}

function servedBy(
  lab: Lab,
  services: readonly Service[],
): { name: string; service: Service; servers: Service['servers'] }[] {
  const plans = lab.hosts.map(one => one.plan);
  return services.flatMap(service =>
    [...serversByHost(lab.cluster, service, plans)].map(([name, servers]) => ({ name, service, servers })),
  );
}
