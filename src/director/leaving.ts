import { serviceKey } from '../cluster/naming.js';
import { LONGEST } from '../cluster/duration.js';
import { type Lingering, removeLingering } from '../state/lingering.js';
import { tableLines } from '../table/format.js';
import { serverPlace } from '../table/identity.js';
import type { Plan } from '../table/plan.js';
import type { MachineChange, PlacedAddress } from '../table/machine.js';
import { withQuiet } from '../table/quiet.js';
import type { Activity, TableKey, TableService } from '../table/table.js';
import type { Door } from './door.js';
import { machineChange } from './host/change.js';
import { readLive } from './kernel.js';
import { readChecked } from './keepalived/held.js';
import { targetFor } from './running.js';
import { keep } from './door.js';
import type { Target } from './target.js';

/** Servers that go and keep their connections until then, and the services that go with theirs. */
export interface Leaving {
  /** By `serverPlace`; whether inactive connections count, as UDP has no others. */
  readonly servers: ReadonlyMap<string, { readonly inactive: boolean }>;
  /** By `serviceKey`. */
  readonly services: ReadonlySet<string>;
  /** Lines of ipvsadm(8): each service with those of its servers that go. */
  readonly lines: readonly string[];
  /** The addresses that go with them. */
  readonly addresses: readonly PlacedAddress[];
}

/**
 * The target with all that goes still there, at weight 0.
 *
 * @param addresses that go with it
 */
export function lingering(
  goal: Target,
  { steps }: Plan,
  addresses: readonly PlacedAddress[],
): { readonly target: Target; readonly leaving: Leaving } {
  const services = new Map(goal.wanted.services.map(one => [serviceKey(one.key), one]));
  const going = new Map<string, TableService>();
  const goes = (service: TableService, servers: TableService['servers']): void => {
    const key = serviceKey(service.key);
    going.set(key, { ...service, servers: [...(going.get(key)?.servers ?? []), ...servers] });
  };
  const gone = new Set<string>();
  for (const { change } of steps) {
    if (change.kind === 'remove-server') goes(services.get(serviceKey(change.key))!, [change.server]);
    if (change.kind !== 'remove-service' || change.service.servers.length === 0) continue;
    gone.add(serviceKey(change.service.key));
    goes(change.service, change.service.servers);
  }
  const { table: wanted, quiet } = withQuiet(goal.wanted, [...going.values()]);
  const servers = quiet.flatMap(({ key, servers: some }) =>
    some.map(one => [serverPlace(key, one), { inactive: countsInactive(key) }] as const),
  );
  return {
    target: { ...goal, wanted },
    leaving: {
      servers: new Map(servers),
      services: gone,
      lines: tableLines({ ...wanted, services: quiet }),
      addresses,
    },
  };
}

/** After the time that the one who waits takes for it. */
const SPARE = 10_000;

/** What is kept of it until its time is up; undefined where nothing stays. @param wait milliseconds */
export function remembered(
  { services, lines, addresses }: Leaving,
  generation: number,
  wait: number,
  { stamp }: Pick<Door, 'stamp'>,
): Lingering | undefined {
  if (lines.length === 0 && addresses.length === 0) return undefined;
  const due = { since: stamp.now, ms: Math.min(wait + SPARE, LONGEST) };
  return { generation, due, services: [...services], lines, addresses };
}

/** Addresses go with the servers behind them: what changes at once, and what goes later. */
export function inTwo(machine: MachineChange | undefined): {
  readonly now: MachineChange | undefined;
  readonly later: readonly PlacedAddress[];
} {
  if (!machine) return { now: machine, later: [] };
  const { before, after } = machine;
  return { now: { before: { ...before, addresses: [] }, after }, later: before.addresses };
}

/** Closed TCP connections stay inactive for two minutes; a mark may stand for UDP. */
export function countsInactive(key: TableKey): boolean {
  return key.kind === 'fwmark' || key.protocol === 'udp';
}

/** How many connections these servers still have. */
export function held({ servers }: Pick<Leaving, 'servers'>, activity: Activity): number {
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
 * @returns whether they are gone
 */
export async function removeLeaving(door: Door, number: number): Promise<boolean> {
  const { ports, stamp, warn } = door;
  const running = await readChecked(ports, stamp.now, warn);
  const { current, lingering: left } = running;
  if (current?.number !== number) return false;
  if (!left) return true;
  const { table } = await readLive(ports);
  const target = targetFor(current.cluster, { ...running, lingering: { ...left, isOver: true } });
  const machine = await machineChange(door, current.cluster, current.cluster, {
    left: left.addresses,
  });
  const why = { event: 'removed', cause: `lvsctl ${door.verb} --wait` } as const;
  await keep(door, number, target, table, why, machine);
  // Killed before this, they come back at weight 0, and go when their time is up.
  await removeLingering(ports.files);
  return true;
}
