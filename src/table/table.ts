import type { Family, Forwarding, Protocol, Tunnel } from '../cluster/service.js';

/**
 * The kernel's IPVS table as data: what it holds, without counters. Words are as the kernel has them, since others may
 * have put in what no description can say.
 */
export interface Table {
  readonly services: readonly TableService[];
  readonly timeouts: Timeouts;
}

/** Seconds, as ipvsadm(8) `--set` takes them; 0 leaves the kernel's value. */
export interface Timeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

export type TableKey =
  | { readonly kind: 'address'; readonly address: string; readonly port: number; readonly protocol: Protocol }
  | { readonly kind: 'fwmark'; readonly fwmark: number; readonly family: Family };

export interface TableService {
  readonly key: TableKey;
  /** `none` while the kernel has none. */
  readonly scheduler: string;
  /** In any order; `flag-1` to `flag-3` where ipvsadm has no name for it. */
  readonly flags: readonly string[];
  readonly persistence?: TablePersistence;
  /** A persistence engine on a service that is not persistent: the kernel keeps it, and it does nothing. */
  readonly idleEngine?: string;
  readonly onePacket: boolean;
  readonly servers: readonly TableServer[];
}

export interface TablePersistence {
  /** Milliseconds, a whole number of seconds. */
  readonly timeout: number;
  /** Prefix length; the dotted mask where it is no prefix (255.0.255.0). */
  readonly netmask: number | string;
  readonly engine?: string;
}

export interface TableServer {
  readonly address: string;
  readonly port: number;
  readonly forwarding: Forwarding;
  /** Present exactly where `forwarding` is `tunnel`. */
  readonly tunnel?: TableTunnel;
  /** ipvsadm(8) takes 0–65535; the kernel has a signed 32-bit number, and keepalived may go beyond. */
  readonly weight: number;
  readonly upper: number;
  readonly lower: number;
}

export interface TableTunnel extends Omit<Tunnel, 'checksum'> {
  /** `remote`: remote checksum offload, of gue alone. */
  readonly checksum: boolean | 'remote';
}

/** Connections of a server, as the kernel counts them. Never part of a table: two tables differ or not without them. */
export interface Connections {
  readonly active: number;
  readonly inactive: number;
}

/** By `serverPlace`. */
export type Activity = ReadonlyMap<string, Connections>;

/** One of the kernel's daemons that tell another director of connections, or listen to it. */
export interface SyncDaemon {
  readonly role: 'master' | 'backup';
  readonly interface: string;
  readonly id: number;
  /** Bytes. */
  readonly maxLength?: number;
  readonly group?: string;
  readonly port?: number;
  readonly ttl?: number;
}

/** All that the kernel of a director holds of IPVS, in its network namespace. */
export interface Live {
  readonly table: Table;
  readonly daemons: readonly SyncDaemon[];
  /** net.ipv4.vs by its last word; blanks between several numbers are single. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly activity: Activity;
}
