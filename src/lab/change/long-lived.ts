import type { Cluster } from '../../cluster/cluster.js';
import type { Service } from '../../cluster/service.js';
import type { Asked } from '../drills/living.js';
import { type Finding, judged, notRun } from '../drills/drill.js';
import { Held } from '../held.js';
import type { Lab } from '../lab.js';
import { leavingHosts } from './compare.js';

/** Connections that are held, in all and to one service. */
const MOST = 24;
const MOST_OF_ONE = 6;

/** A connection that lasts over a change. */
export interface LongLived {
  readonly service: Service;
  readonly connection: Held;
  /** Who serves it. */
  readonly host: string;
}

/** Opens connections to each of these services that is TCP, enough for each of its servers to get some, if there is room. */
export async function openAll(lab: Lab, living: readonly Asked[]): Promise<LongLived[]> {
  const able = living.filter(one => one.match.protocol === 'tcp').slice(0, MOST);
  const room = Math.floor(MOST / Math.max(1, able.length));
  const opened = able.map(({ service, match }) => {
    const count = Math.min(room, MOST_OF_ONE, 2 * service.servers.length);
    return Promise.all(Array.from({ length: count }, () => open(lab, service, match)));
  });
  return (await Promise.all(opened)).flat(2);
}

/** None where nobody answers: that is for others to judge. */
async function open(lab: Lab, service: Service, { address, port }: Asked['match']): Promise<LongLived[]> {
  const connection = await Held.open(lab.client, address, port).catch(() => undefined);
  const host = (await connection?.say()) ?? '';
  return connection === undefined || host === '' || host === '-' ? [] : [{ service, connection, host }];
}

/** Ends all of them, so that the next plan does not count them. */
export async function endAll(lab: Lab): Promise<void> {
  await lab.client.run(`pkill -f '^perl .*/ask.pl hold '`);
}

/** What has become of the connections of each service, in words: only those to servers that go may be cut. */
export async function outlived(
  lab: Lab,
  held: readonly LongLived[],
  before: Cluster,
  after: Cluster,
): Promise<(service: Service) => Finding> {
  const said = await Promise.all(held.map(async one => ({ ...one, now: await one.connection.say() })));
  const hosts = lab.hosts.map(one => one.plan);
  return service => {
    const own = said.filter(one => one.service === service);
    if (own.length === 0)
      return notRun('no connection was held to it: it has to be TCP, and to have answered');
    const leaving = leavingHosts(before, service, after, hosts);
    const cut = own.filter(({ host, now }) => now !== host);
    const wrongly = cut.filter(one => !leaving.has(one.host));
    const expected = cut.filter(one => leaving.has(one.host));
    const words = [
      `${own.length - cut.length} of ${own.length} live on (${byHost(own)})`,
      ...(expected.length > 0 ? [`cut with servers that went: ${byHost(expected)}`] : []),
    ];
    const problems = wrongly.length > 0 ? [`cut though their servers stay: ${byHost(wrongly)}`] : [];
    return judged(problems, words.join('; '), { connections: own.length, cut: cut.length });
  };
}

/** `web1 2, web2 1`. */
function byHost(connections: readonly LongLived[]): string {
  const counts = new Map<string, number>();
  for (const { host } of connections) counts.set(host, (counts.get(host) ?? 0) + 1);
  return [...counts].map(([host, count]) => `${host} ${count}`).join(', ');
}
