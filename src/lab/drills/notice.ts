import { serverKey } from '../../cluster/naming.js';
import { desired } from '../../table/desired.js';
import { serverLine } from '../../table/format.js';
import type { Server, Service } from '../../cluster/service.js';
import { alertsOf, subjectOf } from '../alerts.js';
import { serversByHost } from '../endpoints.js';
import { activeDirectors } from '../holders.js';
import { type Host, type Lab, LabFailure } from '../lab.js';
import { asPrinted, kernelTable } from '../kernel-table.js';
import { leavesTrace } from './waves.js';

/** How the rehearsal learns that the checker has noticed something. */
export interface Notice {
  /** Which of these hosts it takes for dead now, in every service that checks them. */
  dead(names: readonly string[]): Promise<string[]>;
  /** Which it takes for alive. */
  alive(names: readonly string[]): Promise<string[]>;
}

/** The services that check each host, by its name. */
export type Checked = ReadonlyMap<string, readonly Service[]>;

/** keepalived's word is the table: a dead server is out of it, or has weight 0 with `quiesce`. */
export async function tableNotice(lab: Lab, checked: Checked): Promise<Notice> {
  const [director] = await activeDirectors(lab);
  if (!director) throw new LabFailure('no director is active');
  const wanted = linesByHost(lab, checked);
  const judge = async (names: readonly string[], alive: boolean): Promise<string[]> => {
    const table = new Set(await kernelTable(director));
    return names.filter(name => (wanted.get(name) ?? []).every(line => table.has(line) === alive));
  };
  return { dead: names => judge(names, false), alive: names => judge(names, true) };
}

/** mon's word is its alerts, of a kind for each service and server. */
export function alertNotice(lab: Lab, director: Host, checked: Checked): Notice {
  const wanted = new Map(
    [...checked].map(([name, services]): [string, string[]] => [name, subjectsOn(lab, name, services)]),
  );
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

/** The hosts of which mon has said that a server is dead, and never that it lives again. It says the former each minute. */
export async function alertedDead(lab: Lab, director: Host, checked: Checked): Promise<string[]> {
  const [failures, ups] = await Promise.all(
    (['failure', 'up'] as const).map(async kind => new Set((await alertsOf(director, kind)).map(subjectOf))),
  );
  const isDead = (subject: string): boolean => failures!.has(subject) && !ups!.has(subject);
  return [...checked]
    .filter(([name, services]) => subjectsOn(lab, name, services).some(isDead))
    .map(([name]) => name);
}

/** What alerts about a host are about. */
function subjectsOn(lab: Lab, name: string, services: readonly Service[]): string[] {
  return services.flatMap(service =>
    serversOn(lab, name, service).map(server => `${service.name} ${serverKey(server)}`),
  );
}

/** The lines of the table that change when a host dies, as `ipvsadm -Sn` prints them. */
function linesByHost(lab: Lab, checked: Checked): Map<string, string[]> {
  const { services } = desired(lab.cluster);
  const lines = (name: string, service: Service): string[] => {
    const entry = services[lab.cluster.services.indexOf(service)]!;
    return serversOn(lab, name, service)
      .filter(server => leavesTrace(service, server))
      .map(server => asPrinted(serverLine('-a', entry.key, entry.servers[service.servers.indexOf(server)]!)));
  };
  return new Map([...checked].map(([name, own]) => [name, own.flatMap(service => lines(name, service))]));
}

function serversOn(lab: Lab, name: string, service: Service): readonly Server[] {
  const plans = lab.hosts.map(one => one.plan);
  return serversByHost(lab.cluster, service, plans).get(name) ?? [];
}
