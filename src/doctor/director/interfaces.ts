import * as z from 'zod';
import type { Check } from '../check.js';
import { NotKnown, output } from '../ask.js';
import type { Finding } from '../finding.js';
import { command } from '../../director/host/act.js';
import type { Patient } from '../patient.js';
import { tasksHere } from '../realserver/part.js';

/** An interface, as ip(8) `-j link show` has it. */
export interface Link {
  readonly ifname: string;
  /** UP, DOWN, LOWERLAYERDOWN, UNKNOWN where the driver does not tell. */
  readonly operstate: string;
  readonly flags: readonly string[];
}

const links: z.ZodType<Link[]> = z.array(
  z.object({ ifname: z.string(), operstate: z.string(), flags: z.array(z.string()) }),
);

export const interfaces: Check = {
  name: 'interfaces',
  about: "the interfaces of the description and of this host's own addresses are there and have a link",
  async examine(patient) {
    const served = await servedInterfaces(patient);
    const wanted = [...new Set([...directorInterfaces(patient), ...served])];
    if (wanted.length === 0) return undefined;
    return judgeInterfaces(
      wanted,
      parseLinks(await output(patient.ports.runner, 'ip', '-j', 'link', 'show')),
    );
  },
};

function parseLinks(text: string): Link[] {
  try {
    return links.parse(JSON.parse(text));
  } catch {
    throw new NotKnown('ip -j link show does not tell the interfaces');
  }
}

function directorInterfaces({ cluster, machine: { director } }: Patient): string[] {
  if (!director) return [];
  const { gateway, failover, services } = cluster;
  const all = [
    director.interface,
    director.inner?.interface,
    gateway?.interface,
    ...failover.links,
    ...services.map(one => one.interface),
  ];
  return all.filter(one => one !== undefined);
}

/** Of a real server: those that the description gives it, and those that have the addresses to which it is sent. */
async function servedInterfaces(patient: Patient): Promise<string[]> {
  const tasks = await tasksHere(patient);
  if (!tasks) return [];
  const held = await patient.addresses();
  return tasks.flatMap(({ rip, interface: described }) => [
    ...(described === undefined ? [] : [described]),
    ...held.filter(one => one.address === rip).map(one => one.interface),
  ]);
}

export function judgeInterfaces(wanted: readonly string[], there: readonly Link[]): Finding[] {
  return wanted.flatMap((name): Finding[] => {
    const link = there.find(({ ifname }) => ifname === name);
    const subject = `interface ${name}`;
    if (!link) {
      const what = 'this machine has no interface of this name';
      return [
        { code: 'interface-absent', subject, what, help: 'ip -brief link show lists those that it has' },
      ];
    }
    if (!link.flags.includes('UP')) {
      const mend = [command('ip', 'link', 'set', name, 'up')];
      return [{ code: 'interface-down', subject, what: 'it is switched off', mend }];
    }
    if (/^(DOWN|LOWERLAYERDOWN|NOTPRESENT|DORMANT)$/.test(link.operstate)) {
      return [
        { code: 'interface-down', subject, what: 'it has no link', help: 'look at the cable and the switch' },
      ];
    }
    return [];
  });
}
