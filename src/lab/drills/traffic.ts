import { readableEndpoint } from '../../cluster/naming.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Match, Service } from '../../cluster/service.js';
import { ask } from '../acts.js';
import { questions, serversByHost } from '../endpoints.js';
import type { Lab } from '../lab.js';
import { type Drill, type Finding, judged, notRun } from './drill.js';
import { type Expectation, expectationOf } from './shares.js';

/** Every request of every service is answered, by a declared server, in the shares that the scheduler promises. */
export function trafficDrills({ services }: Pick<Cluster, 'services'>, expect = expectationOf): Drill[] {
  return services.map(service => ({
    id: 'traffic',
    title: 'every request is answered, by the servers that are due',
    subject: service.name,
    run: lab => traffic(lab, service, expect(service)),
  }));
}

async function traffic(lab: Lab, service: Service, expected: Expectation): Promise<Finding> {
  const why = await unservable(lab, service);
  if (why !== undefined) return notRun(why);
  const all = questions(service);
  const problems: string[] = [];
  const seen: string[] = [];
  let asked = 0;
  let lost = 0;
  for (const match of all) {
    const { counts, strangers, unanswered } = await askServers(lab, service, match, expected.count);
    const at = `${readableEndpoint(match.address, match.port)}/${match.protocol}`;
    asked += expected.count;
    lost += unanswered;
    if (unanswered > 0)
      problems.push(`${unanswered} of ${expected.count} requests to ${at} were not answered`);
    problems.push(
      ...strangers.map(name => `${name} answered for ${at}, where it is no server of any weight`),
    );
    // What is lost shows in the shares as well.
    if (unanswered === 0 && strangers.length === 0) problems.push(...expected.problems(counts));
    const shares = [...counts].map(([address, count]) => `${address} ${count}`).join(', ');
    seen.push(all.length > 1 ? `${at}: ${shares || 'nobody'}` : shares || 'nobody answered');
  }
  return judged(problems, `${seen.join('; ')} (${expected.words})`, { requests: asked, lost });
}

/** Why the lab cannot serve a service; undefined where it can. */
export async function unservable(lab: Lab, service: Service): Promise<string | undefined> {
  if (service.servers.length === 0) return 'it has no servers';
  if (service.servers.every(one => one.weight === 0)) return 'all its servers have weight 0';
  if (!questions(service).some(one => one.protocol === 'sctp')) return undefined;
  const { exitCode } = await lab.client.run(`perl -e 'socket(my $s, 2, 1, 132) or exit 1'`);
  return exitCode === 0 ? undefined : "the lab's kernel knows no SCTP";
}

/** Who of a service's servers answered how often, by address; a host that is none of them is a stranger. */
export async function askServers(
  lab: Lab,
  service: Service,
  { address, port, protocol }: Match,
  count: number,
): Promise<{ counts: Map<string, number>; strangers: string[]; unanswered: number }> {
  const { '-': unanswered = 0, ...answers } = await ask(lab.client, protocol, address, port, count);
  const servers = serversByHost(
    lab.cluster,
    service,
    lab.hosts.map(one => one.plan),
  );
  const counts = new Map<string, number>();
  const strangers: string[] = [];
  for (const [name, times] of Object.entries(answers)) {
    const server = servers.get(name)?.find(one => one.weight > 0);
    if (server) counts.set(server.address, times);
    else strangers.push(name);
  }
  return { counts, strangers, unanswered };
}
