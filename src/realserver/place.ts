import { familyOf, inSameNetwork, isLoopback } from '../cluster/address.js';
import type { VipOn } from '../cluster/cluster.js';
import { list } from '../diagnostic/quote.js';
import type { Taking } from '../render/targets/realserver.js';

/** An address that an interface of this host has. */
export interface Held {
  readonly address: string;
  readonly prefix: number;
  readonly interface: string;
}

/** VIPs for this host, without a description. */
export interface Wish {
  /** Canonical. */
  readonly vips: readonly string[];
  readonly on: VipOn;
  /** Where the clients are heard; undefined: found. */
  readonly interface: string | undefined;
}

export type Placed =
  | { readonly takings: readonly Taking[] }
  | { readonly problem: string; readonly help?: string };

/**
 * By which of its addresses this host takes each VIP, and where it hears the clients: on the interface that is named,
 * else those in whose network the VIP is, else the only one there is.
 */
export function place({ vips, on, interface: named }: Wish, held: readonly Held[]): Placed {
  const wired = held.filter(isOwn);
  const own = wired.filter(one => !vips.includes(one.address));
  const takings: Taking[] = [];
  for (const vip of new Set(vips)) {
    const family = familyOf(vip);
    if (on === 'tunl0' && family === 'ipv6')
      return { problem: `tunl0 is a device for IPv4, and ${vip} is IPv6`, help: 'use --vip-on lo' };
    const same = own.filter(one => familyOf(one.address) === family);
    if (same.length === 0) {
      const kind = family === 'ipv4' ? 'IPv4' : 'IPv6';
      const given = wired.filter(one => familyOf(one.address) === family).map(one => one.address);
      if (given.length === 0) {
        return {
          problem: `this host has no ${kind} address of its own, at which a director could reach it for ${vip}`,
        };
      }
      return {
        problem: `this host has no ${kind} address but ${list(given, 'and')}, which cannot be its own and a VIP at once`,
        help: 'a VIP is an address at which clients reach the director',
      };
    }
    const interfaces = named === undefined ? hearing(vip, same) : [named];
    if (interfaces.length !== 1 && interfaces.every(device => !hasNetworkOf(vip, device, same))) {
      return {
        problem: `${vip} is in no network of this host, which has ${interfaces.join(', ')}`,
        help: 'name the interface that hears the clients: --interface',
      };
    }
    // Whatever its family, it only has to be an address that the host has at each boot: IPv6 ones may be temporary.
    const candidates = [...own, ...same].filter(one => interfaces.includes(one.interface));
    const rip = candidates.find(one => familyOf(one.address) === 'ipv4') ?? candidates[0] ?? same[0]!;
    takings.push({ vip, rip: rip.address, interfaces, on });
  }
  return { takings };
}

/** Loopback, link-local and real servers' places for VIPs are nobody's way to this host. */
function isOwn({ address, interface: device }: Held): boolean {
  return (
    !isLoopback(address) && !/^fe[89ab]/.test(address) && !/^(lo|dummy\d*|tunl\d*|ip6tnl\d*)$/.test(device)
  );
}

function hearing(vip: string, same: readonly Held[]): string[] {
  const near = same.filter(one => inSameNetwork(vip, one.address, one.prefix));
  return [...new Set((near.length > 0 ? near : same).map(one => one.interface))];
}

function hasNetworkOf(vip: string, device: string, same: readonly Held[]): boolean {
  return same.some(one => one.interface === device && inSameNetwork(vip, one.address, one.prefix));
}
