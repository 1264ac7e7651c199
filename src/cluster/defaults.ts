import type { Check, CheckType } from './check.js';
import type { Failover, IpvsSettings, MonPlaces, Polling, RealServers } from './cluster.js';
import type { Virtual } from './service.js';

/** Every default of the description, once. Durations are milliseconds. */
export const DEFAULT_FAILOVER: Failover = {
  by: 'none',
  links: [],
  preempt: false,
  preemptDelay: 0,
  syncConnections: false,
  virtualRouterId: 51,
  advertInterval: 1000,
  unicast: false,
  // The timings of the set-up that this project descends from.
  heartbeat: { keepalive: 2000, warntime: 10_000, deadtime: 30_000, initdead: 120_000, udpPort: 694 },
  keyFile: '/etc/lvsctl/failover.key',
};

export const DEFAULT_REAL_SERVERS: RealServers = { vipOn: 'lo' };

export const DEFAULT_POLLING: Polling = { schedule: '* * * * *', port: 2357, timeout: 2000, law: 'auto' };

/** The timeouts are the kernel's own (net/netfilter/ipvs/ip_vs_proto_tcp.c, _udp.c). */
export const DEFAULT_IPVS: IpvsSettings = {
  tableBits: 12,
  ftpHelper: false,
  timeouts: { tcp: 900_000, tcpFin: 120_000, udp: 300_000 },
};

export const DEFAULT_KEEPALIVED = { config: '/etc/keepalived/keepalived.conf' } as const;

/** Debian's places. */
export const DEFAULT_MON: MonPlaces = {
  config: '/etc/mon/mon.cf',
  base: '/etc/mon',
  monitors: '/usr/lib/mon/mon.d',
  alerts: '/usr/lib/mon/alert.d',
};

export const DEFAULT_CHECK_TIMES = { interval: 5000, timeout: 3000, retries: 1 } as const;

/** A persistent client is remembered for this long unless the description says otherwise (ipvsadm(8) `-p`). */
export const DEFAULT_PERSISTENCE_TIMEOUT = 300_000;

/** How a service is checked where the description does not say: by connecting where that means something, else by ping. */
export function defaultCheckType(virtual: Virtual): CheckType {
  const { port, protocol } = virtual.kind === 'fwmark' ? virtual.match[0]! : virtual;
  return protocol === 'tcp' && port !== 0 ? 'tcp' : 'ping';
}

/** The check with what its type needs filled in. */
export function withCheckDefaults(check: Partial<Check> & { readonly type: CheckType }): Check {
  const web = check.type === 'http' || check.type === 'https';
  return { ...DEFAULT_CHECK_TIMES, ...(web ? { path: '/' } : {}), ...check };
}
