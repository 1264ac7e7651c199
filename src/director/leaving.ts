import { serviceKey } from '../cluster/naming.js';
import { serverIdentity, serverPlace } from '../table/identity.js';
import type { Plan } from '../table/plan.js';
import type { MachineChange } from '../table/machine.js';
import type { Activity, Table, TableKey, TableService } from '../table/table.js';
import type { Door } from './door.js';
import { readLive } from './kernel.js';
import { readRunning, targetFor } from './running.js';
import { keep } from './settle.js';
import type { Target } from './target.js';

/** Servers that go and keep their connections until then, and the services that go with theirs. */
export interface Leaving {
  /** By `serverPlace`; whether inactive connections count, as UDP has no others. */
  readonly servers: ReadonlyMap<string, { readonly inactive: boolean }>;
  /** By `serviceKey`. */
  readonly services: ReadonlySet<string>;
  /** The addresses that go with them. */
  readonly machine?: MachineChange;
}

/** The target with all that goes still there, at weight 0. */
export function lingering(
  goal: Target,
  { steps }: Plan,
): { readonly target: Target; readonly leaving: Leaving } {
  const servers = new Map<string, { readonly inactive: boolean }>();
  const services = new Map(goal.wanted.services.map(one => [serviceKey(one.key), one]));
  const gone = new Set<string>();
  const linger = (service: TableService, others: TableService['servers']): void => {
    const { key } = service;
    const known = new Set(service.servers.map(one => serverIdentity(key, one)));
    const staying = others.filter(one => !known.has(serverIdentity(key, one)));
    for (const one of staying) servers.set(serverPlace(key, one), { inactive: countsInactive(key) });
    const quiet = staying.map(one => ({ ...one, weight: 0 }));
    services.set(serviceKey(key), { ...service, servers: [...service.servers, ...quiet] });
  };
  for (const { change } of steps) {
    if (change.kind === 'remove-server') linger(services.get(serviceKey(change.key))!, [change.server]);
    if (change.kind !== 'remove-service' || change.service.servers.length === 0) continue;
    gone.add(serviceKey(change.service.key));
    linger({ ...change.service, servers: [] }, change.service.servers);
  }
  const wanted: Table = { ...goal.wanted, services: [...services.values()] };
  return { target: { ...goal, wanted }, leaving: { servers, services: gone } };
}

/** What changes at once besides the table, and what goes with those that linger. */
export function lingeringAddresses({ before, after }: MachineChange): {
  readonly now: MachineChange;
  readonly later: MachineChange | undefined;
} {
  const none = { addresses: [], settings: [] };
  return {
    now: { before: { ...before, addresses: [] }, after },
    later:
      before.addresses.length > 0
        ? { before: { ...none, addresses: before.addresses }, after: none }
        : undefined,
  };
}

/** Closed TCP connections stay inactive for two minutes; a mark may stand for UDP. */
function countsInactive(key: TableKey): boolean {
  return key.kind === 'fwmark' || key.protocol === 'udp';
}

/** How many connections still hold those that go. */
export function held({ servers }: Leaving, activity: Activity): number {
  let sum = 0;
  for (const [at, { inactive }] of servers) {
    const found = activity.get(at);
    sum += (found?.active ?? 0) + (inactive ? (found?.inactive ?? 0) : 0);
  }
  return sum;
}

/**
 * Removes those that go, whatever connections they still have.
 *
 * @param number of the generation that made them go: where another runs by now, that one decides
 * @returns whether they have been removed
 */
export async function removeLeaving(
  door: Door,
  { services, machine }: Leaving,
  number: number,
): Promise<boolean> {
  const { ports, stamp, warn } = door;
  const running = await readRunning(ports.files, stamp.now, warn);
  if (running.current?.number !== number) return false;
  const { table } = await readLive(ports);
  const { wanted } = targetFor(running.current.cluster, running);
  const target: Target = { wanted, owned: key => services.has(key) };
  const why = { event: 'removed', cause: `lvsctl ${door.verb} --wait` };
  await keep(door, number, target, table, why, machine);
  return true;
}
