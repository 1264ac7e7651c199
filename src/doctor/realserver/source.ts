import { addressesOf } from '../../cluster/machines.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { type Task, tasksHere } from './part.js';
import { type Way, wayTo } from './route.js';

export const source: Check = {
  name: 'source-address',
  about: 'what this real server begins by itself comes from its own address, and not from a VIP',
  async examine(patient) {
    const tasks = (await tasksHere(patient))?.filter(({ place }) => place !== undefined) ?? [];
    if (tasks.length === 0) return undefined;
    const { cluster, ports } = patient;
    const held = new Set((await patient.addresses()).map(one => one.address));
    const others = [
      ...cluster.directors.flatMap(({ name }) => addressesOf(cluster, name)),
      ...cluster.services.flatMap(({ servers }) => servers.map(({ address }) => address)),
    ];
    const targets = [...new Set(others)].filter(address => !held.has(address)).slice(0, MOST);
    const ways = await Promise.all(targets.map(async one => wayTo(ports.runner, one)));
    return judgeSources(
      ways.filter(one => one !== undefined),
      tasks,
    );
  },
};

/** Directors come first; of a hundred servers eight tell as much. */
const MOST = 8;

export function judgeSources(ways: readonly Way[], tasks: readonly Task[]): Finding[] {
  const vips = new Set(tasks.map(({ vip }) => vip));
  const bad = new Map(
    ways.flatMap(way => (way.source && vips.has(way.source) ? [[way.source, way] as const] : [])),
  );
  return [...bad].map(([vip, { to, interface: device }]) => {
    const own = tasks.find(one => one.vip === vip)!.rip;
    return {
      code: 'server-uses-vip',
      subject: vip,
      what: `this host reaches ${to} on ${device} with ${vip} as its source address`,
      help: `a route says so with "src ${vip}", or ${device} has no address of its own: it should be ${own}`,
    };
  });
}
