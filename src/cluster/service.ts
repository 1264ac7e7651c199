import type { Check } from './check.js';
import type { Flag, SchedulerName } from './scheduler.js';

export type Family = 'ipv4' | 'ipv6';
export type Protocol = 'tcp' | 'udp' | 'sctp';
export type Forwarding = 'direct' | 'nat' | 'tunnel';
export type Law = 'auto' | 'static' | 'uptime' | 'capacity' | 'latency' | 'lowest-latency';
export type OnFailure = 'remove' | 'quiesce';

export const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp', 'sctp'];
export const FORWARDINGS: readonly Forwarding[] = ['direct', 'nat', 'tunnel'];
export const LAWS: readonly Law[] = ['auto', 'static', 'uptime', 'capacity', 'latency', 'lowest-latency'];
export const FAILURE_ACTIONS: readonly OnFailure[] = ['remove', 'quiesce'];

/** A VIP with its port. Addresses everywhere in the model are canonical (RFC 5952 for IPv6). */
export interface VirtualAddress {
  readonly kind: 'address';
  readonly address: string;
  /** 0 means every port; the kernel then demands persistence. */
  readonly port: number;
  readonly protocol: Protocol;
}

/** Several addresses and ports as one service, recognised by the mark that the packet filter gives. */
export interface FirewallMark {
  readonly kind: 'fwmark';
  readonly fwmark: number;
  readonly family: Family;
  /** What gets the mark; these are also the service's VIPs. Never empty. */
  readonly match: readonly Match[];
}

export interface Match {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export type Virtual = VirtualAddress | FirewallMark;

export interface Persistence {
  /** Milliseconds, a whole number of seconds. */
  readonly timeout: number;
  /** Prefix length of the clients that stay together; 32 or 128 = each address for itself. */
  readonly netmask: number;
  readonly engine?: 'sip';
}

export interface Tunnel {
  readonly type: 'ipip' | 'gre' | 'gue';
  /** UDP port, gue only. */
  readonly port?: number;
  /** gre and gue only. */
  readonly checksum: boolean;
}

export interface Server {
  /** The name of `hosts` by which the description calls it. */
  readonly host?: string;
  readonly address: string;
  readonly port: number;
  /** 0–65535. */
  readonly weight: number;
  readonly forwarding: Forwarding;
  /** Present exactly where `forwarding` is `tunnel`. */
  readonly tunnel?: Tunnel;
  /** Connections above which the kernel gives the server no more; 0 = no limit. */
  readonly upper: number;
  /** Connections below which it gets some again; 0 = the kernel's own rule. */
  readonly lower: number;
}

/** Where clients go when no server is left. */
export interface Fallback {
  readonly address: string;
  readonly port: number;
}

export interface Service {
  /** As declared, or `VIP:port/protocol`, `[v6]:80/tcp`, `fwmark:7`. */
  readonly name: string;
  readonly virtual: Virtual;
  /** Where the VIP lives on a director; absent = the director's own interface. */
  readonly interface?: string;
  /** What servers without a word of their own use, and the fallback. */
  readonly forwarding: Forwarding;
  readonly scheduler: SchedulerName;
  readonly flags: readonly Flag[];
  readonly persistence?: Persistence;
  readonly onePacket: boolean;
  readonly check: Check;
  readonly onFailure: OnFailure;
  /** Absent = 1, or 0 where there is a fallback. */
  readonly minimumServers?: number;
  readonly fallback?: Fallback;
  /** Milliseconds over which a returning server's weight rises. */
  readonly slowStart?: number;
  /** Absent = the polling's law. */
  readonly law?: Law;
  readonly servers: readonly Server[];
}
