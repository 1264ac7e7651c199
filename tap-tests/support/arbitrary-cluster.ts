import fc from 'fast-check';
import { endpoint, familyOf } from '../../src/cluster/address.js';
import {
  CHECKERS,
  type Cluster,
  type Director,
  type Failover,
  FAILOVERS,
  type Host,
  type RealServers,
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
  links: fc.oneof(fc.constant([]), fc.uniqueArray(networkInterface, { minLength: 1, maxLength: 3 })),
  preempt: fc.boolean(),
  preemptDelay: time(0, 1_000_000),
  syncConnections: fc.boolean(),
  virtualRouterId: fc.integer({ min: 1, max: 255 }),
  advertInterval: time(10, 40_950),
  unicast: fc.boolean(),
  heartbeat: fc
    .record({ times: fc.uniqueArray(time(100, HOUR), { minLength: 4, maxLength: 4 }), udpPort: port })
    .map(({ times, udpPort }) => {
      const [keepalive, warntime, deadtime, initdead] = times.toSorted((a, b) => a - b);
      return {
        keepalive: keepalive!,
        warntime: warntime!,
        deadtime: deadtime!,
        initdead: initdead!,
        udpPort,
      };
    }),
  keyFile: path,
});

const kernelTime = time(0, 31 * 24 * HOUR, 1000);
const wish = fc.record({
  checker: fc.constantFrom(...CHECKERS),
  hosts: fc.array(host, { maxLength: 4 }),
  /** Whether the primary is one of the hosts, too, so that services may name it as a server. */
  directorServes: fc.boolean(),
  directors: fc.array(director, { maxLength: 4 }),
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
type Wish = Omit<
  typeof wish extends fc.Arbitrary<infer T> ? T : never,
  'gateway' | 'polling' | 'directorServes'
>;

/** Clusters that a description can say and that all checks accept. */
export const cluster: fc.Arbitrary<Cluster> = wish.map(({ gateway, polling, directorServes, ...rest }) => {
  const most = rest.failover.by === 'heartbeat' ? 2 : 4;
  const directors = granted(rest.directors).slice(0, most);
  const [primary] = directorServes ? directors : [];
  const hosts = rightHosts([...(primary ? [asHost(primary)] : []), ...rest.hosts], directors);
  const services = rightServices(rest, hosts);
  const right = {
    ...rest,
    ...(gateway ? { gateway } : {}),
    ...(polling ? { polling } : {}),
    hosts,
    directors,
    services,
  };
  const realServers = rightRealServers(right);
  // fast-check's records have no prototype, read ones have.
  return JSON.parse(JSON.stringify({ ...right, realServers, failover: rightFailover(right) })) as Cluster;
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

function asHost({ name, address }: Director): Host {
  return familyOf(address) === 'ipv4' ? { name, address } : { name, address6: address };
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
    const one = build(hosts);
    return checker === 'keepalived' ? forKeepalived(one) : one;
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

/** Without what keepalived refuses: a minimum, weights that are all 0, texts longer than its lines. */
function forKeepalived({ minimumServers: _none, servers, check, ...rest }: Service): Service {
  const { expect, ...shorter } = check;
  const [first, ...others] = servers;
  return {
    ...rest,
    servers: first ? [{ ...first, weight: first.weight || 1 }, ...others] : [],
    check: expect !== undefined && Buffer.byteLength(expect) > 190 ? shorter : check,
  };
}

/** The packet filter of a director that serves would keep all packets to itself. */
function rightRealServers(cluster: Cluster): RealServers {
  const { realServers, directors } = cluster;
  const serving = directors.some(one => isRealServer(cluster, one));
  return serving && realServers.vipOn === 'filter' ? { ...realServers, vipOn: 'lo' } : realServers;
}

function rightFailover(cluster: Omit<Cluster, 'failover'> & { failover: Failover }): Failover {
  const { failover, directors } = cluster;
  const possible = { none: true, vrrp: directors.length > 0, heartbeat: directors.length === 2 };
  const by = [failover.by, 'vrrp' as const, 'none' as const].find(one => possible[one])!;
  const serving = directors.length > 1 && directors.some(one => isRealServer(cluster, one));
  const moving = [...virtualAddresses(cluster).keys(), ...(cluster.gateway ? [cluster.gateway.address] : [])];
  const reachable = directors.every(one =>
    moving.every(vip => [one.address, one.address6].some(own => own && familyOf(own) === familyOf(vip))),
  );
  return {
    ...failover,
    by,
    preemptDelay: failover.preempt ? failover.preemptDelay : 0,
    syncConnections: failover.syncConnections || serving,
    unicast: failover.unicast && reachable,
  };
}
