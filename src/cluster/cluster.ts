import type { Law, Service } from './service.js';

export type Checker = 'none' | 'mon' | 'keepalived';
export type FailoverBy = 'none' | 'vrrp' | 'heartbeat';
export type VipOn = 'lo' | 'dummy0' | 'tunl0' | 'filter';

export const CHECKERS: readonly Checker[] = ['none', 'mon', 'keepalived'];
export const FAILOVERS: readonly FailoverBy[] = ['none', 'vrrp', 'heartbeat'];
export const VIP_PLACES: readonly VipOn[] = ['lo', 'dummy0', 'tunl0', 'filter'];

/**
 * The one model of a cluster: what every format is read into and everything is made from.
 * Addresses are canonical, durations milliseconds, defaults filled in.
 */
export interface Cluster {
  readonly checker: Checker;
  readonly hosts: readonly Host[];
  /** First = primary. May be empty: then any host that is not a real server is the director `director`. */
  readonly directors: readonly Director[];
  readonly failover: Failover;
  /** Moves with the VIPs: default route of the NAT servers. */
  readonly gateway?: Attachment;
  readonly realServers: RealServers;
  readonly notify: Notify;
  /** Absent = weights are not polled. */
  readonly polling?: Polling;
  readonly ipvs: IpvsSettings;
  readonly keepalived: { readonly config: string };
  readonly mon: MonPlaces;
  readonly services: readonly Service[];
}

/** A machine that services name instead of repeating its addresses. */
export interface Host {
  readonly name: string;
  readonly address?: string;
  readonly address6?: string;
  readonly interface?: string;
  /** For agents that do not say. */
  readonly cpus?: number;
  /** Port of its load agent; absent = the polling's. */
  readonly agent?: number | 'none';
}

/** An address with its prefix length on an interface. */
export interface Attachment {
  readonly address: string;
  readonly prefix: number;
  readonly interface: string;
}

export interface Director {
  /** What its `uname -n` says. */
  readonly name: string;
  readonly address: string;
  readonly address6?: string;
  readonly interface: string;
  /** Its own address on the NAT servers' network. */
  readonly inner?: Attachment;
}

export interface Failover {
  readonly by: FailoverBy;
  /** Interfaces on which the directors hear each other; empty = each director's own. */
  readonly links: readonly string[];
  readonly preempt: boolean;
  /** Milliseconds. */
  readonly preemptDelay: number;
  readonly syncConnections: boolean;
  /** 1–255; also the id of the connection synchronisation. */
  readonly virtualRouterId: number;
  /** Milliseconds. */
  readonly advertInterval: number;
  readonly unicast: boolean;
  readonly heartbeat: HeartbeatTimes;
  readonly keyFile: string;
}

/** Milliseconds, except the port. */
export interface HeartbeatTimes {
  readonly keepalive: number;
  readonly warntime: number;
  readonly deadtime: number;
  readonly initdead: number;
  readonly udpPort: number;
}

export interface RealServers {
  /** Where they hear the clients' packets; absent = found when the script runs. */
  readonly interface?: string;
  readonly vipOn: VipOn;
  readonly content?: Content;
}

/** Identical content on the real servers, by rsync. */
export interface Content {
  readonly from: string;
  readonly to: string;
  /** Cron, five fields. */
  readonly schedule: string;
}

export interface Notify {
  readonly mail: readonly string[];
  /** Program and arguments; gets the event as JSON on standard input. */
  readonly command?: readonly string[];
}

export interface Polling {
  /** Cron, with an optional first field for seconds. */
  readonly schedule: string;
  readonly port: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly law: Law;
}

export interface IpvsSettings {
  /** The connection table has 2^tableBits rows. */
  readonly tableBits: number;
  readonly ftpHelper: boolean;
  /** Milliseconds, whole seconds; 0 leaves the kernel's value. */
  readonly timeouts: { readonly tcp: number; readonly tcpFin: number; readonly udp: number };
}

/** Where mon's files are. */
export interface MonPlaces {
  readonly config: string;
  readonly base: string;
  readonly monitors: string;
  readonly alerts: string;
}
