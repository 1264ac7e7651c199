import { addressBits, familyOf } from '../../cluster/address.js';
import { virtualAddresses } from '../../cluster/machines.js';
import type { DirectorInput } from '../output.js';
import { align } from '../text.js';

export interface AddressesView {
  /** `ADDRESS/PREFIX  INTERFACE`, with `-` for an interface that is found when the script runs. */
  readonly lines: readonly string[];
  readonly ipv6: boolean;
  readonly ipv4: boolean;
  /** Some interface has to be found. */
  readonly search: boolean;
}

/** The addresses that move with the active director: every VIP, then the servers' gateway. */
export function addressesView({ cluster, director }: DirectorInput): AddressesView {
  const { gateway } = cluster;
  const rows = [...virtualAddresses(cluster)].map(([address, service]) => [
    `${address}/${addressBits(familyOf(address))}`,
    service.interface ?? director?.interface ?? '-',
  ]);
  if (gateway) rows.push([`${gateway.address}/${gateway.prefix}`, gateway.interface]);
  const ipv6 = rows.filter(([address]) => address!.includes(':')).length;
  return {
    lines: align(rows),
    ipv6: ipv6 > 0,
    ipv4: ipv6 < rows.length,
    search: rows.some(([, device]) => device === '-'),
  };
}
