import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Family } from './service.js';

/**
 * The canonical text of an address that a host can have, or undefined.
 *
 * Accepted: four-part decimal IPv4 and any IPv6 of RFC 4291, without zone; not the unspecified, multicast and
 * broadcast ones, nor IPv6 that embeds IPv4 (`::ffff:1.2.3.4`). IPv6 comes out as RFC 5952 writes it, which is also
 * how the kernel's tools print it.
 */
export function canonicalAddress(text: string): string | undefined {
  const kind = isIP(text);
  if (kind === 4) {
    // Most addresses by far: canonical as soon as isIP accepts them.
    const first = Number(text.slice(0, text.indexOf('.')));
    return first === 0 || first >= 224 ? undefined : text;
  }
  if (kind !== 6 || text.includes('%')) return undefined;
  const address = ipaddr.IPv6.parse(text);
  const range = address.range();
  if (range === 'unspecified' || range === 'multicast' || range === 'ipv4Mapped') return undefined;
  // ::/96, the long dead "IPv4-compatible" addresses, which tools print in two ways; ::1 is the exception.
  const compatible = address.parts.slice(0, 6).every(part => part === 0);
  return compatible && range !== 'loopback' ? undefined : address.toString();
}

/** The family of a canonical address. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** Whether a canonical address means the machine itself: as a server, the director, for which no host has to be set up. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** Bits in an address of the family: 32 or 128. */
export function addressBits(family: Family): 32 | 128 {
  return family === 'ipv4' ? 32 : 128;
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`: as ipvsadm(8) reads and prints it. */
export function endpoint(address: string, port: number): string {
  return `${bracketed(address)}:${port}`;
}

/** The address alone, IPv6 in brackets. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Whether two canonical addresses lie in one network of the given prefix length. */
export function inSameNetwork(address: string, other: string, prefix: number): boolean {
  if (familyOf(address) !== familyOf(other)) return false;
  const network = ipaddr.parse(other);
  return ipaddr.parse(address).match([network, prefix] as [ipaddr.IPv4, number] & [ipaddr.IPv6, number]);
}
