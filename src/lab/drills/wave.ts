import type { Service } from '../../cluster/service.js';
import { SLOW_START } from '../bring-up.js';
import { questions, serversByHost } from '../endpoints.js';
import { type Lab, LabFailure } from '../lab.js';
import { fail, recover, watched } from '../outage.js';
import { type Losses, lossesOf, Watch } from '../watch.js';
import { failed, type Finding, judged } from './drill.js';
import { type Checked, healthNotice, type Notice, tableNotice } from './notice.js';
import { askServers } from './traffic.js';
import { noticeTime } from './waves.js';

/** Seconds until each host was noticed; those that were not in time are left out. */
type Times = ReadonlyMap<string, number>;

/** What happened to all of a wave. */
interface Course {
  /** Those that the checker took for dead before anything was done to them. */
  readonly sick: readonly string[];
  readonly downs: Times;
  readonly ups: Times;
  /** Which services lost requests although the dead were out of the table, in words. */
  readonly lostBy: ReadonlyMap<Service, string>;
  /** Seconds that each was waited for. */
  readonly limit: number;
  readonly losses: Losses;
}

/**
 * The servers of several hosts die at once, are noticed, return, and are noticed again.
 *
 * @param checked the services that check each host
 */
export async function runWave(lab: Lab, checked: Checked, wave: readonly string[]): Promise<Finding[]> {
  const course = await courseOf(lab, checked, wave);
  return wave.map(name => findingOf(name, checked.get(name) ?? [], course, wave.length));
}

/** How what the checker does is learnt: keepalived writes the table, mon has lvsctl write it. */
async function noticeOf(lab: Lab, checked: Checked): Promise<Notice> {
  if (lab.cluster.checker !== 'mon') return await tableNotice(lab, checked);
  const [director] = lab.role('director');
  if (!director) throw new LabFailure('there is no director with mon');
  return healthNotice(lab, director, checked);
}

/** The table changes, and requests find those who live. */
async function courseOf(lab: Lab, checked: Checked, wave: readonly string[]): Promise<Course> {
  const services = servicesOf(checked, wave);
  const notice = await noticeOf(lab, checked);
  const well = await notice.alive([...checked.keys()]);
  const targets = watched(services, 6).map(one => one.match);
  const watch = await Watch.start(lab.client, targets, 500);
  let course: Omit<Course, 'sick' | 'losses'>;
  let losses: Losses;
  try {
    course = await goThrough(lab, notice, services, wave, () =>
      unanswered(
        lab,
        services.filter(one => hasLiving(lab, one, checked, well, wave)),
      ),
    );
  } finally {
    losses = lossesOf(await watch.stop());
  }
  return { ...course, sick: wave.filter(name => !well.includes(name)), losses };
}

async function goThrough(
  lab: Lab,
  notice: Notice,
  services: readonly Service[],
  wave: readonly string[],
  whileDead: () => Promise<ReadonlyMap<Service, string>>,
): Promise<Omit<Course, 'sick' | 'losses'>> {
  const limit = Math.max(...services.map(noticeTime)) / 1000 + alertTime(lab, services, wave);
  const hosts = wave.map(name => lab.host(name));
  let downs: Times;
  let lostBy: ReadonlyMap<Service, string> = new Map();
  try {
    await Promise.all(hosts.map(fail));
    downs = await times(lab, wave, names => notice.dead(names), limit);
    if (downs.size === wave.length) lostBy = await whileDead();
  } finally {
    await Promise.all(hosts.map(host => recover(lab, host)));
  }
  const ups = await times(lab, wave, names => notice.alive(names), limit);
  return { downs, ups, lostBy, limit };
}

/** Seconds for the alerts of a wave, each of which is a start of Node, beside the same for those that others need. */
function alertTime({ cluster }: Lab, services: readonly Service[], wave: readonly string[]): number {
  return cluster.checker === 'mon' ? 2 * SLOW_START + SLOW_START * services.length * wave.length : 0;
}

function findingOf(name: string, own: readonly Service[], course: Course, together: number): Finding {
  const { sick, downs, ups, lostBy, limit, losses } = course;
  // What is noticed of one that was dead already says nothing.
  if (sick.includes(name)) return failed('the checker had taken it for dead before anything was done to it');
  const down = downs.get(name);
  const up = ups.get(name);
  const problems = [
    ...(down === undefined ? [`its death was not noticed within ${limit} s`] : []),
    ...(up === undefined ? [`its return was not noticed within ${limit} s`] : []),
    ...[...lostBy].filter(([service]) => own.includes(service)).map(([, problem]) => problem),
  ];
  const noticed = [
    ...(down === undefined ? [] : [`noticed after ${down} s`]),
    ...(up === undefined ? [] : [`its return after ${up} s`]),
    ...(together === 1 ? [] : [`with ${together - 1} more at once`]),
  ].join(', ');
  const consequence = `${losses.lost} of ${losses.requests} requests lost meanwhile`;
  return judged(problems, `${noticed}; ${consequence}`, {
    ...(down === undefined ? {} : { noticed: down }),
    ...(up === undefined ? {} : { returned: up }),
    requests: losses.requests,
    lost: losses.lost,
  });
}

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

function servicesOf(checked: Checked, wave: readonly string[]): Service[] {
  return [...new Set(wave.flatMap(name => checked.get(name) ?? []))];
}

/**
 * Whether somebody is left to answer for a service while a wave is dead: a server that gets requests, on a host that
 * nobody takes for dead.
 */
function hasLiving(
  lab: Lab,
  service: Service,
  checked: Checked,
  well: readonly string[],
  wave: readonly string[],
): boolean {
  const plans = lab.hosts.map(one => one.plan);
  const living = [...serversByHost(lab.cluster, service, plans)].flatMap(([name, servers]) =>
    !wave.includes(name) && (well.includes(name) || !checked.has(name))
      ? servers.filter(one => one.weight > 0)
      : [],
  );
  // With fewer the dead ones stay.
  return living.length >= (service.minimumServers ?? 1);
}

/** With the dead ones out of the table, every request goes to one that lives: the services where it did not. */
async function unanswered(lab: Lab, services: readonly Service[]): Promise<Map<Service, string>> {
  const problems = new Map<Service, string>();
  for (const service of services) {
    const match = questions(service)[0]!;
    if (match.protocol === 'sctp') continue;
    const { unanswered: lost } = await askServers(lab, service, match, 4);
    if (lost > 0)
      problems.set(service, `${service.name}: ${lost} of 4 requests were lost though others live`);
  }
  return problems;
}
