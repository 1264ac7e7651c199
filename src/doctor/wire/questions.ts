import { familyOf, inSameNetwork } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { addressesOf, hostFinder, type Machine, virtualAddresses } from '../../cluster/machines.js';
import { receivers } from '../../cluster/fallback.js';
import type { HeldAddress } from '../../director/host/held.js';
import { isOnWire } from '../realserver/conduct.js';
import type { Task } from '../realserver/part.js';
import type { Question } from './neighbours.js';

/** A machine of the cluster, by one of its addresses. */
export interface Known {
  readonly name: string;
  readonly kind: 'director' | 'server';
  readonly address: string;
}

/** A VIP as it is asked for. */
export interface VipQuestion extends Question {
  /** This machine is a director and has it where neighbours ask for it: other answers are one too many. */
  readonly isHere: boolean;
}

/**
 * Where each VIP can be asked for from here: on the interface that has it, else the one that the description gives, else
 * one in whose network it is. Without an entry where there is none.
 *
 * @param held all addresses of this machine
 */
export function vipQuestions(
  cluster: Cluster,
  { director, anonymousDirector }: Machine,
  tasks: readonly Task[],
  held: readonly HeldAddress[],
): VipQuestion[] {
  const vips = virtualAddresses(cluster);
  const wired = held.filter(one => isOnWire(one.interface) && one.scope === 'global');
  const own = wired.filter(one => !vips.has(one.address));
  return [...vips].flatMap(([address, service]): VipQuestion[] => {
    const here = wired.find(one => one.address === address)?.interface;
    const given = director
      ? (service.interface ?? director.interface)
      : tasks.find(({ vip }) => vip === address)?.interface;
    const same = own.filter(one => familyOf(one.address) === familyOf(address));
    const device =
      here ?? given ?? same.find(one => inSameNetwork(address, one.address, one.prefix))?.interface;
    const usable = same.filter(one => one.interface === device);
    const from = usable.find(one => inSameNetwork(address, one.address, one.prefix)) ?? usable[0];
    if (device === undefined || from === undefined) return [];
    return [
      {
        address,
        interface: device,
        from: from.address,
        isLocal: held.some(one => one.address === address),
        isHere: here !== undefined && (director !== undefined || anonymousDirector),
      },
    ];
  });
}

/** The other machines of the cluster that may be on this machine's wires, directors first. */
export function knownMachines(cluster: Cluster, held: readonly HeldAddress[]): Known[] {
  const mine = new Set(held.map(one => one.address));
  const found = new Map<string, Known>();
  const add = (one: Known): void => {
    if (!mine.has(one.address) && !found.has(one.address)) found.set(one.address, one);
  };
  for (const { name } of cluster.directors)
    for (const address of addressesOf(cluster, name)) add({ name, kind: 'director', address });
  const hostOf = hostFinder(cluster);
  for (const service of cluster.services) {
    for (const server of receivers(service)) {
      const { address } = server;
      add({ name: hostOf(server)?.name ?? address, kind: 'server', address });
    }
  }
  return [...found.values()];
}

/**
 * How such a machine is asked for its own address on an interface; undefined where no answer can come. Directors answer
 * on every interface for each of their addresses, as the kernel does by itself.
 */
export function questionFor(
  { address, kind }: Known,
  device: string,
  held: readonly HeldAddress[],
): Question | undefined {
  const same = held.filter(
    one => one.interface === device && one.scope === 'global' && familyOf(one.address) === familyOf(address),
  );
  const near = same.find(one => inSameNetwork(address, one.address, one.prefix));
  const from = near ?? (kind === 'director' && familyOf(address) === 'ipv4' ? same[0] : undefined);
  return from && { address, interface: device, from: from.address, isLocal: false };
}
