import type { Cluster } from '../../cluster/cluster.js';
import type { Service } from '../../cluster/service.js';
import { forgetAlerts } from '../alerts.js';
import type { Lab } from '../lab.js';
import { fail, recover, watched } from '../outage.js';
import type { LabHost } from '../topology.js';
import { lossesOf, Watch } from '../watch.js';
import { type Act, actOf, type Drill, type Finding, judged, notRun } from './drill.js';
import { alertNotice, type Notice, tableNotice } from './notice.js';
import { questions } from '../endpoints.js';
import { askServers } from './traffic.js';
import { checkedServices, noticeTime, wavesOf } from './waves.js';

/** Nobody waits longer than this for a checker, in milliseconds. */
const LONGEST = 150_000;
/** Servers that are taken down; of a large cluster the rest is told as not run. */
const MOST = 48;

const TITLE = 'its death and its return are noticed';

/** Each server dies and returns, several at a time. */
export function serverActs(cluster: Cluster, hosts: readonly LabHost[]): Act[] {
  const { checker } = cluster;
  const none = (subject: string, why: string): Act =>
    actOf({ id: 'server-down', title: TITLE, subject, run: () => Promise.resolve(notRun(why)) });
  const machines = serving(cluster, hosts);
  if (checker === 'none') {
    return machines.map(name => none(name, 'checker is none: nobody finds out that a server is dead'));
  }
  const checked = checkedServices(cluster, hosts);
  const slow = (name: string): boolean => Math.max(...(checked.get(name) ?? []).map(noticeTime)) > LONGEST;
  const able = machines.filter(name => checked.has(name) && !slow(name));
  const chosen = able.slice(0, MOST);
  return [
    ...wavesOf(cluster, hosts, chosen).map(wave => waveAct(cluster, checked, wave)),
    ...able.slice(MOST).map(name => none(name, `only the first ${MOST} servers are taken down`)),
    ...machines.filter(name => !checked.has(name)).map(name => none(name, 'no service checks it')),
    ...machines
      .filter(name => checked.has(name) && slow(name))
      .map(name => none(name, `its checks need more than ${LONGEST / 1000} s to notice`)),
  ];
}

function serving(cluster: Cluster, hosts: readonly LabHost[]): string[] {
  const all = checkedServices({ ...cluster, services: cluster.services.map(allChecked) }, hosts);
  return [...all.keys()];
}

function allChecked(service: Service): Service {
  return { ...service, check: { ...service.check, type: 'ping' } };
}

function waveAct(cluster: Cluster, checked: ReadonlyMap<string, Service[]>, wave: readonly string[]): Act {
  const drills: Pick<Drill, 'id' | 'title' | 'subject'>[] = wave.map(subject => ({
    id: 'server-down',
    title: TITLE,
    subject,
  }));
  const services = [...new Set(wave.flatMap(name => checked.get(name) ?? []))];
  return { drills, run: lab => runWave(lab, cluster, checked, services, wave) };
}

async function runWave(
  lab: Lab,
  cluster: Cluster,
  checked: ReadonlyMap<string, readonly Service[]>,
  services: readonly Service[],
  wave: readonly string[],
): Promise<Finding[]> {
  const seconds = Math.max(...services.map(noticeTime)) / 1000;
  const notice = await noticeFor(lab, cluster, services);
  const targets = watched(services, 6);
  const watch = await Watch.start(
    lab.client,
    targets.map(one => one.match),
  );
  const hosts = wave.map(name => lab.host(name));
  let downs: Times;
  let lostBy: ReadonlyMap<Service, string>;
  try {
    await Promise.all(hosts.map(fail));
    downs = await times(lab, wave, names => notice.dead(names), seconds);
    const asked = cluster.checker === 'keepalived' && downs.size === wave.length;
    lostBy = asked ? await unanswered(lab, services) : new Map();
  } finally {
    await Promise.all(hosts.map(host => recover(lab, host)));
  }
  const ups = await times(lab, wave, names => notice.alive(names), seconds);
  const losses = lossesOf(await watch.stop());
  const others = wave.length === 1 ? '' : `with ${wave.length - 1} others at once, `;
  const means =
    cluster.checker === 'mon'
      ? 'mon calls lvs.alert with the right service and server; the table was not changed, as there is no `lvsctl alert` yet'
      : `${others}${losses.lost} of ${losses.requests} requests lost meanwhile`;
  return wave.map(name => {
    const down = downs.get(name);
    const up = ups.get(name);
    const problems = [
      ...(down === undefined ? [`its death was not noticed within ${seconds} s`] : []),
      ...(up === undefined ? [`its return was not noticed within ${seconds} s`] : []),
      ...[...lostBy]
        .filter(([service]) => checked.get(name)?.includes(service))
        .map(([, problem]) => problem),
    ];
    const seen = [
      ...(down === undefined ? [] : [`noticed after ${down} s`]),
      ...(up === undefined ? [] : [`its return after ${up} s`]),
    ].join(', ');
    const figures = {
      ...(down === undefined ? {} : { noticed: down }),
      ...(up === undefined ? {} : { returned: up }),
      ...(cluster.checker === 'mon' ? {} : { requests: losses.requests, lost: losses.lost }),
    };
    return judged(problems, [seen, means].filter(one => one !== '').join('; '), figures);
  });
}

async function noticeFor(lab: Lab, cluster: Cluster, services: readonly Service[]): Promise<Notice> {
  if (cluster.checker === 'keepalived') return tableNotice(lab, services);
  const [director] = lab.role('director');
  await forgetAlerts(director!);
  return alertNotice(lab, director!, services);
}

/** Seconds until each was noticed; those that were not in time are left out. */
type Times = ReadonlyMap<string, number>;

async function times(
  lab: Lab,
  wave: readonly string[],
  noticed: (names: readonly string[]) => Promise<string[]>,
  limit: number,
): Promise<Times> {
  const start = lab.elapsed();
  const found = new Map<string, number>();
  const all = async (): Promise<boolean> => {
    const missing = wave.filter(name => !found.has(name));
    for (const name of await noticed(missing)) {
      found.set(name, Math.round((lab.elapsed() - start) / 100) / 10);
    }
    return found.size === wave.length;
  };
  await lab.until('all are noticed', all, limit).catch(() => undefined);
  return found;
}

/** With the dead ones out of the table, every request goes to one that lives: the services where it did not. */
async function unanswered(lab: Lab, services: readonly Service[]): Promise<Map<Service, string>> {
  const problems = new Map<Service, string>();
  for (const service of services) {
    const match = questions(service)[0]!;
    // A service with one server has nobody left.
    if (service.servers.length < 2 || match.protocol === 'sctp') continue;
    const { unanswered: lost } = await askServers(lab, service, match, 4);
    if (lost > 0)
      problems.set(service, `${service.name}: ${lost} of 4 requests were lost though others live`);
  }
  return problems;
}
