import { inSameNetwork } from '../cluster/address.js';

/**
 * Whether a mask makes `network` of an address, as a persistent service of the kernel remembers its clients.
 *
 * @param netmask a prefix length, or the dotted mask where it is none (255.0.255.0)
 * @param network of the same family
 */
export function isMasked(address: string, netmask: number | string, network: string): boolean {
  if (typeof netmask === 'number') return inSameNetwork(address, network, netmask);
  const [parts, mask] = [address.split('.'), netmask.split('.')];
  const masked = parts.map((part, index) => Number(part) & Number(mask[index]));
  return masked.join('.') === network;
}
