import { addressBits, familyOf } from '../../cluster/address.js';
import type { Cluster, Director } from '../../cluster/cluster.js';
import { virtualAddresses } from '../../cluster/machines.js';
import type { DirectorPart } from '../output.js';
import { align } from '../text.js';

export interface AddressesView {
  /** `ADDRESS/PREFIX  INTERFACE`, with `-` for an interface that is found when the script runs. */
  readonly lines: readonly string[];
  readonly ipv6: boolean;
  readonly ipv4: boolean;
  /** Some interface has to be found. */
  readonly search: boolean;
}

/** An address that the active director has. */
export interface MovingAddress {
  readonly address: string;
  readonly prefix: number;
  /** Undefined where it is the one by which the address would be reached. */
  readonly interface: string | undefined;
}

/** The addresses that move with the active director: every VIP, then the servers' gateway. */
export function movingAddresses(cluster: Cluster, director: Director | undefined): MovingAddress[] {
  const vips = [...virtualAddresses(cluster)].map(([address, service]) => ({
    address,
    prefix: addressBits(familyOf(address)),
    interface: service.interface ?? director?.interface,
  }));
  return cluster.gateway ? [...vips, cluster.gateway] : vips;
}

/** The same for a script. */
export function addressesView({ cluster, director }: DirectorPart): AddressesView {
  const all = movingAddresses(cluster, director);
  const ipv6 = all.filter(({ address }) => familyOf(address) === 'ipv6').length;
  return {
    lines: align(all.map(one => [`${one.address}/${one.prefix}`, one.interface ?? '-'])),
    ipv6: ipv6 > 0,
    ipv4: ipv6 < all.length,
    search: all.some(one => one.interface === undefined),
  };
}
