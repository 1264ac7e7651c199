import type { Kind } from '../kind.js';

/** What may be wrong with a director's addresses, routes and synchronisation. */
export const NETWORK_KINDS = {
  'vip-nowhere': {
    severity: 'error',
    about: 'With failover, and no director is seen to have a virtual address.',
    why: 'no client reaches any service',
    mend: 'the daemon of the failover, whose log says why',
    safe: false,
  },
  'vip-missing': {
    severity: 'error',
    about: "The active director lacks a virtual address, or the servers' gateway address.",
    why: 'clients of this address reach nobody',
    mend: '`lvsctl director start`, or the daemon of the failover',
    safe: false,
  },
  'vip-failed': {
    severity: 'error',
    about: 'The kernel does not use an IPv6 address: another machine had it when it was added.',
    why: 'clients of this address reach the other machine, or nobody',
    mend: 'the other machine gives it up, then `lvsctl director start`',
    safe: false,
  },
  'vip-elsewhere': {
    severity: 'warning',
    about: 'A virtual address is on another interface than the description says.',
    why: 'clients on the other network may not reach it, and lvsctl takes this director for a standby',
    mend: 'the address is removed there, then `lvsctl director start`',
    safe: false,
  },
  'vip-aside': {
    severity: 'error',
    about:
      'A director that is no real server has a virtual address on lo, dummy or tunl, as real servers have.',
    why: 'it answers ARP for it even as a standby, and takes clients from the active director',
    mend: '`ip addr del`, or the description names it as a server, too',
    safe: false,
  },
  'interface-absent': {
    severity: 'error',
    about: 'An interface that the description names does not exist.',
    why: 'its addresses cannot be added, and keepalived or heartbeat does not start',
    mend: 'the name in the description, or the missing interface',
    safe: false,
  },
  'interface-down': {
    severity: 'error',
    about:
      "An interface that the description names, or that has a real server's own address, is off or has no link.",
    why: 'nothing is heard there',
    mend: '`ip link set … up`, the cable, the switch',
    safe: false,
  },
  'server-unreachable': {
    severity: 'error',
    about: 'No route leads to a server.',
    why: 'what clients send to it is lost',
    mend: "a route, or its network's interface",
    safe: false,
  },
  'server-not-on-link': {
    severity: 'error',
    about: 'A server of direct routing is behind a router.',
    why: 'its frames are only re-addressed, and the router sends them back to the director or nowhere',
    mend: 'a tunnel for it, or a director with an interface in its network',
    safe: false,
  },
  'vip-as-source': {
    severity: 'error',
    about: "Packets of the director's own to a server have a virtual address as their source.",
    why: 'a real server has that address itself and answers itself: every check of it fails',
    mend: "the director's own address comes first on the interface, and VIPs have the prefix /32 or /128",
    safe: false,
  },
  'sync-missing': {
    severity: 'error',
    about: 'A sync daemon does not run.',
    why: 'connections are reset at a take-over',
    mend: "with heartbeat `ipvsadm --start-daemon`, with vrrp keepalived's start",
    safe: true,
    more: 'ipvsadm(8)',
  },
  'sync-differs': {
    severity: 'error',
    about: 'A sync daemon runs on another interface, or with another id, than failover needs.',
    why: 'the directors do not hear each other: connections are reset at a take-over',
    mend: 'with heartbeat `ipvsadm --stop-daemon` and `--start-daemon`',
    safe: true,
    more: 'ipvsadm(8)',
  },
  'sync-superfluous': {
    severity: 'note',
    about: 'A sync daemon runs that nothing of the cluster asks for.',
    why: 'it costs a little, and somebody may rely on it',
    mend: '`ipvsadm --stop-daemon`',
    safe: false,
  },
} as const satisfies Record<string, Kind>;
