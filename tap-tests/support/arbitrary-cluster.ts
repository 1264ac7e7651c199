import fc from 'fast-check';
import { endpoint, familyOf } from '../../src/cluster/address.js';
import {
  CHECKERS,
  type Cluster,
  type Director,
  type Failover,
  FAILOVERS,
  type Host,
  VIP_PLACES,
} from '../../src/cluster/cluster.js';
import { DEFAULT_FAILOVER, DEFAULT_IPVS, DEFAULT_MON, DEFAULT_POLLING } from '../../src/cluster/defaults.js';
import { isRealServer, virtualAddresses } from '../../src/cluster/machines.js';
import { entrances } from '../../src/cluster/naming.js';
import { LAWS, type Service } from '../../src/cluster/service.js';
import { distinct } from './arbitrary.js';
import { service } from './arbitrary-service.js';
import {
  address,
  command,
  mail,
  name,
  networkInterface,
  path,
  port,
  schedule,
  scheduleWithSeconds,
  time,
} from './arbitrary-values.js';

const HOUR = 3_600_000;
/** Keys that may be missing are left out, as the model wants it. */
const sometimes = { requiredKeys: [] as [] };

const attachment = fc.oneof(address('gateway', 'ipv4'), address('gateway', 'ipv6')).chain(own =>
  fc.record({
    address: fc.constant(own),
    prefix: fc.integer({ min: 1, max: own.includes(':') ? 128 : 32 }),
    interface: networkInterface,
  }),
);

const host = fc
  .tuple(
    name,
    fc.record(
      {
        address: fc.oneof(address('server', 'ipv4'), address('director', 'ipv4')),
        address6: fc.oneof(address('server', 'ipv6'), address('director', 'ipv6')),
        interface: networkInterface,
        cpus: fc.integer({ min: 1, max: 4096 }),
        agent: fc.oneof(port, fc.constant('none' as const)),
      },
      sometimes,
    ),
  )
  .map(([own, rest]): Host => ({ name: own, ...rest }));

const director: fc.Arbitrary<Director> = fc.record(
  {
    name,
    address: fc.oneof(address('director', 'ipv4'), address('director', 'ipv6')),
    address6: address('director', 'ipv6'),
    interface: networkInterface,
    inner: attachment,
  },
  { requiredKeys: ['name', 'address', 'interface'] },
);

const failoverWish: fc.Arbitrary<Failover> = fc.record({
  by: fc.constantFrom(...FAILOVERS),
  links: fc.oneof(fc.constant([]), fc.array(networkInterface, { minLength: 1, maxLength: 3 })),
  preempt: fc.boolean(),
  preemptDelay: time(0, 1_000_000),
  syncConnections: fc.boolean(),
  virtualRouterId: fc.integer({ min: 1, max: 255 }),
  advertInterval: time(10, 40_950),
  unicast: fc.boolean(),
  heartbeat: fc.record({
    keepalive: time(100, HOUR),
    warntime: time(100, HOUR),
    deadtime: time(100, HOUR),
    initdead: time(100, HOUR),
    udpPort: port,
  }),
  keyFile: path,
});

const kernelTime = time(0, 31 * 24 * HOUR, 1000);
const wish = fc.record({
  checker: fc.constantFrom(...CHECKERS),
  hosts: fc.array(host, { maxLength: 4 }),
  directors: fc.array(director, { maxLength: 3 }),
  failover: fc.oneof(fc.constant(DEFAULT_FAILOVER), failoverWish),
  gateway: fc.option(attachment, { nil: undefined }),
  realServers: fc.record(
    {
      interface: networkInterface,
      vipOn: fc.constantFrom(...VIP_PLACES),
      content: fc.record({ from: path, to: path, schedule }),
    },
    { requiredKeys: ['vipOn'] },
  ),
  notify: fc.record({ mail: fc.array(mail, { maxLength: 2 }), command }, { requiredKeys: ['mail'] }),
  polling: fc.oneof(
    fc.constantFrom(undefined, DEFAULT_POLLING),
    fc.record({
      schedule: scheduleWithSeconds,
      port,
      timeout: time(100, 60_000),
      law: fc.constantFrom(...LAWS),
    }),
  ),
  ipvs: fc.oneof(
    fc.constant(DEFAULT_IPVS),
    fc.record({
      tableBits: fc.integer({ min: 8, max: 20 }),
      ftpHelper: fc.boolean(),
      timeouts: fc.record({ tcp: kernelTime, tcpFin: kernelTime, udp: kernelTime }),
    }),
  ),
  keepalived: fc.record({ config: path }),
  mon: fc.oneof(
    fc.constant(DEFAULT_MON),
    fc.record({ config: path, base: path, monitors: path, alerts: path }),
  ),
  services: fc.array(service, { maxLength: 5 }),
});
type Wish = Omit<typeof wish extends fc.Arbitrary<infer T> ? T : never, 'gateway' | 'polling'>;

/** Clusters that a description can say and that all checks accept. */
export const cluster: fc.Arbitrary<Cluster> = wish.map(({ gateway, polling, ...rest }) => {
  const directors = granted(rest.directors);
  const hosts = rightHosts(rest.hosts, directors);
  const services = rightServices(rest, hosts);
  const right = {
    ...rest,
    ...(gateway ? { gateway } : {}),
    ...(polling ? { polling } : {}),
    hosts,
    directors,
    services,
  };
  // fast-check's records have no prototype, read ones have.
  return JSON.parse(JSON.stringify({ ...right, failover: rightFailover(right) })) as Cluster;
});

function granted(directors: readonly Director[]): Director[] {
  return distinct(
    // An address that is both `address` and `address6` of two directors is one address.
    directors.filter(one => one.name !== 'director' && one.name !== 'realserver'),
    one => one.name,
    one => one.address,
    one => one.address6,
    one => one.inner?.address,
  ).filter((one, index, all) => !all.slice(0, index).some(other => sharesAddress(one, other)));
}

function sharesAddress(one: Director, other: Director): boolean {
  return [one.address, one.address6].some(own => own && [other.address, other.address6].includes(own));
}

/** No two hosts of one name or address; an address of a director only for the host of its name. */
function rightHosts(wishes: readonly Host[], directors: readonly Director[]): Host[] {
  const owner = new Map(
    directors.flatMap(one => [one.address, one.address6].map(key => [key, one.name] as const)),
  );
  const free = (key: string | undefined, own: string): boolean => (owner.get(key) ?? own) === own;
  const hosts = distinct(
    wishes.filter(one => free(one.address, one.name) && free(one.address6, one.name)),
    one => one.name,
    one => one.address,
    one => one.address6,
  );
  // A map's keys that look like numbers come first, whatever their order in the file.
  const order = Object.keys(Object.fromEntries(hosts.map(one => [one.name, 0])));
  return hosts.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

function rightServices({ services, checker }: Wish, hosts: readonly Host[]): Service[] {
  const built = services.map(build => {
    const { minimumServers, ...one } = build(hosts);
    return checker === 'keepalived' || minimumServers === undefined ? one : { ...one, minimumServers };
  });
  const taken = new Set<string>();
  return distinct(built, one => one.name).filter(({ virtual }) => {
    const ways = entrances({ virtual }).map(one => `${endpoint(one.address, one.port)}/${one.protocol}`);
    const keys = virtual.kind === 'fwmark' ? [`${virtual.fwmark} ${virtual.family}`, ...ways] : ways;
    if (keys.some(key => taken.has(key))) return false;
    for (const key of keys) taken.add(key);
    return true;
  });
}

function rightFailover(cluster: Omit<Cluster, 'failover'> & { failover: Failover }): Failover {
  const { failover, directors } = cluster;
  const needs = { none: true, vrrp: directors.length > 0, heartbeat: directors.length === 2 };
  const by = needs[failover.by] ? failover.by : 'none';
  const serving = directors.length > 1 && directors.some(one => isRealServer(cluster, one));
  const ipv6 = [...virtualAddresses(cluster).keys()].some(vip => familyOf(vip) === 'ipv6');
  return {
    ...failover,
    by,
    preemptDelay: failover.preempt ? failover.preemptDelay : 0,
    syncConnections: failover.syncConnections || serving,
    unicast: failover.unicast && !(ipv6 && directors.some(one => !one.address6)),
  };
}
