import { endpoint } from '../../cluster/address.js';
import { kernelPort, serviceKey } from '../../cluster/naming.js';
import { type Health, healthSchema, HEALTHY } from '../../state/health.js';
import { HEALTH } from '../../state/paths.js';
import { desired } from '../../table/desired.js';
import { serverLine, tableLines } from '../../table/format.js';
import { type Overlay, place } from '../../table/overlay.js';
import type { Server, Service } from '../../cluster/service.js';
import { serversByHost } from '../endpoints.js';
import { activeDirectors } from '../holders.js';
import { type Host, type Lab, LabFailure } from '../lab.js';
import { asPrinted, differences, kernelTable } from '../kernel-table.js';
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

/**
 * mon's word is what lvsctl has heard from it, and the table as that wants it: those whom `minimum_servers` keeps are in
 * it although they are dead.
 */
export function healthNotice(lab: Lab, director: Host, checked: Checked): Notice {
  const judge = async (names: readonly string[], dead: boolean): Promise<string[]> => {
    const health = await healthOf(director);
    const overlay: Overlay = new Map(
      health.dead.map(({ since, by, ...at }) => [place(at), { dead: { since: since.at, by } }]),
    );
    const wanted = tableLines(desired(lab.cluster, overlay)).map(asPrinted).map(anyWeight);
    const found = (await kernelTable(director)).map(anyWeight);
    if (differences(wanted, found).length > 0) return [];
    return names.filter(name =>
      placesOn(lab, name, checked.get(name) ?? []).every(one => overlay.has(one) === dead),
    );
  };
  return { dead: names => judge(names, true), alive: names => judge(names, false) };
}

async function healthOf(director: Host): Promise<Health> {
  const { stdout } = await director.run(`cat ${HEALTH}`);
  if (stdout === '') return HEALTHY;
  const { version: _, ...health } = JSON.parse(stdout) as Record<string, unknown>;
  return healthSchema.parse(health);
}

/** One that rises slowly has another one each moment. */
function anyWeight(line: string): string {
  return line.replace(/ -w [1-9]\d*/, ' -w +');
}

function placesOn(lab: Lab, name: string, services: readonly Service[]): string[] {
  return services.flatMap(service =>
    serversOn(lab, name, service).map(server =>
      place({
        service: serviceKey(service.virtual),
        server: endpoint(server.address, kernelPort(service, server)),
      }),
    ),
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
