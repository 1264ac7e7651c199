import type { Check, CheckType } from '../cluster/check.js';
import { CHECK_TYPES } from '../cluster/check.js';
import { CHECKERS, type Cluster, type Director, FAILOVERS } from '../cluster/cluster.js';
import {
  DEFAULT_FAILOVER,
  DEFAULT_IPVS,
  DEFAULT_KEEPALIVED,
  DEFAULT_MON,
  DEFAULT_POLLING,
  withCheckDefaults,
} from '../cluster/defaults.js';
import type { Server, Service } from '../cluster/service.js';

const DIRECTORS: readonly Director[] = [1, 2].map(number => ({
  name: `director${number}`,
  address: `192.0.2.${number}`,
  address6: `2001:db8::${number}`,
  interface: 'eth0',
  inner: { address: `198.51.100.${number}`, prefix: 24, interface: 'eth1' },
}));

const SERVER: Server = {
  address: '192.0.2.10',
  port: 80,
  weight: 1,
  forwarding: 'direct',
  upper: 20,
  lower: 10,
};

const CHECK_OPTIONS: Readonly<Record<CheckType, Partial<Check>>> = {
  tcp: {},
  http: { path: '/', host: 'www.example.org', expect: 'ok', status: [200] },
  https: { path: '/', host: 'www.example.org', expect: 'ok', status: [200] },
  smtp: {},
  dns: { host: 'www.example.org' },
  ping: {},
  script: { command: ['/bin/true', '{address}'] },
  none: {},
};

/** A service with everything a service can have, for each kind of check and both kinds of identity. */
const SERVICES: readonly Service[] = CHECK_TYPES.flatMap((type, index): Service[] => {
  const service: Service = {
    name: `sample-${type}`,
    virtual: { kind: 'address', address: `192.0.2.${100 + index}`, port: 80, protocol: 'tcp' },
    interface: 'eth0',
    forwarding: 'direct',
    scheduler: 'mh',
    flags: ['mh-port'],
    persistence: { timeout: 300_000, netmask: 24, engine: 'sip' },
    onePacket: true,
    check: withCheckDefaults({ type, port: 80, ...CHECK_OPTIONS[type] }),
    onFailure: 'quiesce',
    minimumServers: 1,
    fallback: { address: '192.0.2.99', port: 80 },
    slowStart: 30_000,
    law: 'capacity',
    servers: [
      SERVER,
      { ...SERVER, address: '198.51.100.10', forwarding: 'nat' },
      {
        ...SERVER,
        address: '203.0.113.10',
        forwarding: 'tunnel',
        tunnel: { type: 'gue', port: 6080, checksum: true },
      },
    ],
  };
  const six = `2001:db8::${100 + index}`;
  return [
    service,
    {
      ...service,
      name: `sample-mark-${type}`,
      virtual: {
        kind: 'fwmark',
        fwmark: index + 1,
        family: 'ipv6',
        match: [
          { address: six, port: 80, protocol: 'tcp' },
          { address: six, port: 0, protocol: 'udp' },
        ],
      },
      servers: [{ ...SERVER, address: '2001:db8::10', port: 0 }],
    },
  ];
});

/** Clusters that between them have everything a description can say: what templates may name is read off them. */
export function sampleClusters(): Cluster[] {
  return CHECKERS.flatMap(checker =>
    FAILOVERS.flatMap(by =>
      (['lo', 'filter'] as const).map(vipOn => ({
        checker,
        hosts: [{ name: 'web', address: '192.0.2.10', interface: 'eth0', cpus: 2, agent: 2357 }],
        directors: DIRECTORS,
        failover: {
          ...DEFAULT_FAILOVER,
          by,
          links: ['eth0', 'eth2'],
          unicast: true,
          preempt: true,
          preemptDelay: 30_000,
          syncConnections: true,
        },
        gateway: { address: '198.51.100.254', prefix: 24, interface: 'eth1' },
        realServers: {
          interface: 'eth0',
          vipOn,
          content: { from: 'files.example.org:/srv/www/', to: '/srv/www/', schedule: '*/10 * * * *' },
        },
        notify: { mail: ['root@localhost'], command: ['/usr/local/sbin/page'] },
        polling: { ...DEFAULT_POLLING, schedule: '*/5 * * * * *' },
        ipvs: { ...DEFAULT_IPVS, ftpHelper: true },
        keepalived: DEFAULT_KEEPALIVED,
        mon: DEFAULT_MON,
        services: SERVICES,
      })),
    ),
  );
}
