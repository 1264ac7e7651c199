import { bracketed, endpoint } from './address.js';
import type { FirewallMark, Match, Server, Service, Virtual } from './service.js';

/** What hosts, directors and services may be called: it becomes file names, tags and words of scripts. */
export const NAME = /^[A-Za-z0-9_.-]{1,63}$/;
/** Linux's IFNAMSIZ less the terminating zero. */
export const INTERFACE = /^[A-Za-z0-9_.-]{1,15}$/;

/** A name that NAME allows, and that is no path of its own. */
export function isName(text: string): boolean {
  return NAME.test(text) && !/^[.-]/.test(text);
}

export function isInterface(text: string): boolean {
  return INTERFACE.test(text) && !/^[.-]/.test(text);
}

/** What a service without a name is called: `VIP:port/protocol`, `[v6]:80/tcp`, `fwmark:7` (`fwmark:7/ipv6`). */
export function defaultServiceName(virtual: Virtual): string {
  if (virtual.kind === 'address') return `${endpoint(virtual.address, virtual.port)}/${virtual.protocol}`;
  return `fwmark:${virtual.fwmark}${virtual.family === 'ipv6' ? '/ipv6' : ''}`;
}

/** The kernel's identity of a service: a rename does not change it. */
export function serviceKey(virtual: Virtual | Omit<FirewallMark, 'match'>): string {
  return virtual.kind === 'address'
    ? `${endpoint(virtual.address, virtual.port)}/${virtual.protocol}`
    : `fwmark:${virtual.fwmark}/${virtual.family}`;
}

/** `192.168.45.13:80`, `[2001:db8::1]:80`: a server within its service. */
export function serverKey(server: Pick<Server, 'address' | 'port'>): string {
  return endpoint(server.address, server.port);
}

/** The port that the kernel has for a server: under direct routing and tunnel it puts the service's in its place. */
export function kernelPort(
  { virtual }: Pick<Service, 'virtual'>,
  { port, forwarding }: Pick<Server, 'port' | 'forwarding'>,
): number {
  if (forwarding === 'nat') return port;
  return virtual.kind === 'address' ? virtual.port : 0;
}

/** What a service is reached by: its VIP and port, or all that its mark matches. Never empty. */
export function entrances(service: Pick<Service, 'virtual'>): readonly Match[] {
  return service.virtual.kind === 'address' ? [service.virtual] : service.virtual.match;
}

/** The address alone where the port is 0 (every port), else the endpoint. */
export function readableEndpoint(address: string, port: number): string {
  return port === 0 ? bracketed(address) : endpoint(address, port);
}

/**
 * Texts as file names, mon tags and the like: every character outside `[A-Za-z0-9_.-]` becomes `_`; where two
 * would then be the same, the later gets `_2`, `_3`, … Deterministic in the order of the texts.
 */
export function fileNames(texts: Iterable<string>): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const text of texts) {
    if (names.has(text)) continue;
    const wanted = text.replace(/[^A-Za-z0-9_.-]/g, '_');
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
    taken.add(name);
    names.set(text, name);
  }
  return names;
}
