import type { Cluster, Failover } from '../../cluster/cluster.js';
import { arpAnswers } from '../acts.js';
import { familyOf } from '../../cluster/address.js';
import { returnDirector } from '../bring-up.js';
import { Held } from '../held.js';
import { activeDirectors, holders, virtualIps } from '../holders.js';
import { type Host, type Lab, LabFailure } from '../lab.js';
import { watched } from '../outage.js';
import { answering, answeringOf, type Asked } from './living.js';
import { type Losses, lossesOf, Watch } from '../watch.js';
import type { LabHost } from '../topology.js';
import { type Act, actOf, type Drill, type Finding, failed, judged, notRun } from './drill.js';

const DRILLS: readonly Pick<Drill, 'id' | 'title'>[] = [
  { id: 'director-down', title: 'the active director loses power: another one serves' },
  { id: 'connections', title: 'established connections outlive it' },
  { id: 'director-return', title: 'it returns, and nothing breaks' },
];

/** The active director fails and returns. */
export function directorActs(cluster: Cluster, hosts: readonly LabHost[]): Act[] {
  const count = hosts.filter(one => one.role === 'director').length;
  const why =
    count < 2
      ? 'there is only one director'
      : cluster.failover.by === 'none'
        ? 'failover is none: nobody takes over'
        : undefined;
  if (why === undefined) return [{ drills: DRILLS, run: failover }];
  return DRILLS.map(drill => actOf({ ...drill, run: () => Promise.resolve(notRun(why)) }));
}

async function failover(lab: Lab): Promise<Finding[]> {
  const [active] = await activeDirectors(lab);
  if (!active) throw new LabFailure('no director is active');
  // A service that is dead already says nothing about directors.
  const living = await answeringOf(lab, watched(lab.cluster.services, 6));
  if (living.length === 0) return DRILLS.map(() => notRun('no service answers'));
  const held = await Promise.all(longLived(living).map(one => open(lab, one)));
  // A quiet director tells the other of a connection within three seconds.
  await lab.pause(4);
  const watch = await Watch.start(
    lab.client,
    living.map(one => one.match),
  );
  let down: Finding;
  let connections: Finding;
  try {
    await active.kill();
    down = await takenOver(lab, active, watch, living);
    connections = await outlived(lab, held);
  } catch (error) {
    down = failed((error as Error).message);
    connections = failed('nobody took over');
    await watch.stop().catch(() => undefined);
  }
  const back = await returned(lab, active, living).catch((error: unknown) =>
    failed((error as Error).message),
  );
  return [down, connections, back];
}

async function takenOver(lab: Lab, dead: Host, watch: Watch, living: readonly Asked[]): Promise<Finding> {
  const bound = takeOverBound(lab.cluster.failover);
  const seconds = await lab.until(
    'another director holds all addresses',
    async () => [...(await holders(lab)).values()].every(list => list.length === 1 && list[0] !== dead),
    bound.seconds + 60,
  );
  const [now] = await activeDirectors(lab);
  await answering(lab, living);
  const losses = lossesOf(await watch.stop());
  const problems: string[] = [];
  if (seconds > bound.seconds) problems.push(`it took more than ${bound.seconds} s`);
  const vip = virtualIps(lab.cluster).find(one => familyOf(one) === 'ipv4');
  if (vip !== undefined) {
    const answers = await arpAnswers(lab.client, vip);
    if (answers !== 1) problems.push(`${answers} machines answer ARP for ${vip}`);
  }
  return judged(
    problems,
    `${now?.name ?? 'nobody'} has the addresses of ${dead.name} after ${seconds} s (${bound.words}); ${lossText(losses)}`,
    {
      takeover: seconds,
      allowed: bound.seconds,
      silence: losses.longest,
      requests: losses.requests,
      lost: losses.lost,
    },
  );
}

/** Seconds that the lab's machine may add to what a description promises: emulated, and with others on its host. */
const MARGIN = 30;

/** Within which time another director has to have taken over, and how that comes about. */
export function takeOverBound(failover: Failover): { readonly seconds: number; readonly words: string } {
  const { by, advertInterval, heartbeat } = failover;
  // RFC 5798, 6.1: three adverts are missed, and a skew of less than one comes on top.
  const own = (by === 'heartbeat' ? heartbeat.deadtime : 4 * advertInterval) / 1000;
  const what = by === 'heartbeat' ? `its deadtime is ${own} s` : `four of its adverts take ${own} s`;
  return { seconds: own + MARGIN, words: `${what}, and ${MARGIN} s more are allowed in the lab` };
}

async function outlived(lab: Lab, held: readonly Opened[]): Promise<Finding> {
  if (held.length === 0) return notRun('there is no TCP service to hold a connection to');
  const said = await Promise.all(held.map(async one => ({ ...one, now: await one.connection.say() })));
  const dead = said.filter(({ host, now }) => now !== host);
  const names = dead.map(one => one.name).join(', ');
  const figures = { connections: held.length, survived: held.length - dead.length };
  const detail = `${figures.survived} of ${figures.connections} survived`;
  if (lab.cluster.failover.syncConnections) {
    return judged(dead.length > 0 ? [`reset or hanging: ${names}`] : [], detail, figures);
  }
  return notRun(`connections are not synchronised (sync_connections); ${detail}`);
}

async function returned(lab: Lab, director: Host, living: readonly Asked[]): Promise<Finding> {
  const { failover, checker } = lab.cluster;
  const [before] = await activeDirectors(lab);
  const primary = lab.role('director')[0]!;
  const wanted = failover.preempt ? primary : (before ?? primary);
  const own =
    failover.by === 'heartbeat' ? 10 : failover.preemptDelay / 1000 + (failover.advertInterval * 5) / 1000;
  const watch = await Watch.start(
    lab.client,
    living.map(one => one.match),
  );
  let losses: Losses;
  try {
    await returnDirector(lab, director);
    // What is to stay as it is gets time to go wrong.
    await lab.pause(failover.preempt ? 1 : own + 3);
    const where = async (): Promise<boolean> =>
      [...(await holders(lab)).values()].every(list => list.length === 1 && list[0] === wanted);
    await lab.until(`${wanted.name} holds the addresses`, where, own + 90);
    await answering(lab, living);
  } finally {
    losses = lossesOf(await watch.stop());
  }
  // Under emulation a request may be late by itself.
  const broken = !failover.preempt && losses.lost > 2 + losses.requests / 50;
  const kept = wanted === before ? 'keeps' : 'has taken back';
  const alerts = checker === 'mon' && director === primary ? '; mon runs on it again' : '';
  return judged(
    broken ? [`${losses.lost} requests were lost though the addresses stayed`] : [],
    `${wanted.name} ${kept} the addresses, as described (preempt ${failover.preempt}); ${lossText(losses)}${alerts}`,
    { silence: losses.longest, requests: losses.requests, lost: losses.lost },
  );
}

interface Opened {
  readonly name: string;
  readonly connection: Held;
  /** Who serves it. */
  readonly host: string;
}

function longLived(living: readonly Asked[]): Asked[] {
  return living.filter(one => one.match.protocol === 'tcp').slice(0, 3);
}

async function open(lab: Lab, { service, match }: Asked): Promise<Opened> {
  const connection = await Held.open(lab.client, match.address, match.port);
  return { name: service.name, connection, host: await connection.say() };
}

function lossText({ lost, requests, longest }: Losses): string {
  return `${lost} of ${requests} requests lost${longest > 0 ? `, ${longest} s of silence at most` : ''}`;
}
