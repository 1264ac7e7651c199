import type { Flag, SchedulerName } from '../cluster/scheduler.js';
import type { Family, Forwarding, Persistence, Protocol, Tunnel } from '../cluster/service.js';

/** The kernel's IPVS table as data: what it holds, without counters. */
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
  readonly scheduler: SchedulerName;
  readonly flags: readonly Flag[];
  readonly persistence?: Persistence;
  readonly onePacket: boolean;
  readonly servers: readonly TableServer[];
}

export interface TableServer {
  readonly address: string;
  readonly port: number;
  readonly forwarding: Forwarding;
  readonly tunnel?: Tunnel;
  readonly weight: number;
  readonly upper: number;
  readonly lower: number;
}
