import fc from 'fast-check';
import { addressBits, familyOf } from '../../src/cluster/address.js';
import { CHECK_KEYS, CHECK_TYPES, type Check } from '../../src/cluster/check.js';
import type { Host } from '../../src/cluster/cluster.js';
import { DEFAULT_CHECK_TIMES, withCheckDefaults } from '../../src/cluster/defaults.js';
import { defaultServiceName, entrances, serverKey } from '../../src/cluster/naming.js';
import { FLAGS, type Flag, SCHEDULERS, type SchedulerName } from '../../src/cluster/scheduler.js';
import {
  FAILURE_ACTIONS,
  type Family,
  FORWARDINGS,
  LAWS,
  type Persistence,
  PROTOCOLS,
  type Server,
  type Service,
  type Tunnel,
  type Virtual,
} from '../../src/cluster/service.js';
import { distinct } from './arbitrary.js';
import {
  address,
  command,
  expectedText,
  hostName,
  name,
  networkInterface,
  port,
  time,
  urlPath,
} from './arbitrary-values.js';

const DAY = 86_400_000;
const family = fc.constantFrom<Family>('ipv4', 'ipv4', 'ipv6');
const servicePort = fc.oneof(fc.constant(0), port, port, port);
const protocol = fc.constantFrom('tcp', ...PROTOCOLS);
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined });

const virtual: fc.Arbitrary<Virtual> = family.chain(own => {
  const match = fc.record({ address: address('vip', own), port: servicePort, protocol });
  return fc.oneof(
    { weight: 3, arbitrary: match.map(one => ({ kind: 'address' as const, ...one })) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('fwmark' as const),
        fwmark: fc.integer({ min: 1, max: 4_294_967_295 }),
        family: fc.constant(own),
        match: fc.array(match, { minLength: 1, maxLength: 3 }),
      }),
    },
  );
});

const tunnel: fc.Arbitrary<Tunnel> = fc.oneof(
  fc.constant({ type: 'ipip' as const, checksum: false }),
  fc.record({ type: fc.constant('gre' as const), checksum: fc.boolean() }),
  fc.record({ type: fc.constant('gue' as const), port, checksum: fc.boolean() }),
);

const serverWish = fc.record({
  host: fc.option(fc.nat(9), { nil: undefined }),
  four: address('server', 'ipv4'),
  six: address('server', 'ipv6'),
  joinsFamilies: fc.boolean(),
  port: servicePort,
  weight: fc.oneof(fc.constantFrom(0, 1, 1, 65_535), fc.integer({ min: 0, max: 65_535 })),
  forwarding: maybe(fc.constantFrom(...FORWARDINGS)),
  tunnel,
  limits: fc.tuple(fc.integer({ min: 0, max: 2_147_483_647 }), fc.integer({ min: 0, max: 2_147_483_647 })),
});
type ServerWish = typeof serverWish extends fc.Arbitrary<infer T> ? T : never;

const serviceWish = fc.record({
  name: maybe(name),
  virtual,
  interface: maybe(networkInterface),
  forwarding: fc.constantFrom('direct', ...FORWARDINGS),
  scheduler: fc.constantFrom(...(Object.keys(SCHEDULERS) as SchedulerName[])),
  flags: fc.subarray(Object.keys(FLAGS) as Flag[]),
  persistence: maybe(
    fc.record({ timeout: time(1000, 31 * DAY, 1000), netmask: fc.nat(127), engine: fc.boolean() }),
  ),
  onePacket: fc.boolean(),
  check: fc.record({
    type: fc.constantFrom(...CHECK_TYPES),
    port: maybe(port),
    interval: fc.oneof(fc.constant(DEFAULT_CHECK_TIMES.interval), time(100, DAY)),
    timeout: fc.oneof(fc.constant(DEFAULT_CHECK_TIMES.timeout), time(100, 3_600_000)),
    retries: fc.nat(100),
    path: urlPath,
    host: maybe(hostName),
    expect: maybe(expectedText),
    status: maybe(fc.array(fc.integer({ min: 100, max: 599 }), { minLength: 1, maxLength: 3 })),
    command,
  }),
  onFailure: fc.constantFrom(...FAILURE_ACTIONS),
  minimumServers: maybe(fc.nat(1000)),
  fallback: maybe(
    fc.record({ four: address('fallback', 'ipv4'), six: address('fallback', 'ipv6'), port: servicePort }),
  ),
  slowStart: maybe(time(0, DAY)),
  law: maybe(fc.constantFrom(...LAWS)),
  servers: fc.array(serverWish, { maxLength: 5 }),
});
type ServiceWish = typeof serviceWish extends fc.Arbitrary<infer T> ? T : never;

/** Services that the checks accept, given the hosts of their cluster; names and entrances may still collide. */
export const service: fc.Arbitrary<(hosts: readonly Host[]) => Service> = serviceWish.map(
  wish => hosts => granted(wish, hosts),
);

/** What can be had of a wish: the kernel's and the checks' rules are kept by leaving out what breaks them. */
function granted(wish: ServiceWish, hosts: readonly Host[]): Service {
  const { virtual, scheduler, forwarding, fallback } = wish;
  const own = virtual.kind === 'fwmark' ? virtual.family : familyOf(virtual.address);
  const onlyUdp = entrances(wish).every(one => one.protocol === 'udp');
  const everyPort = virtual.kind === 'address' && virtual.port === 0;
  const stays = virtual.kind === 'fwmark' ? 0 : virtual.port;
  const wanted =
    wish.persistence ?? (everyPort ? { timeout: 300_000, netmask: 127, engine: false } : undefined);
  const servers = distinct(
    wish.servers.flatMap(one => server(one, wish, own, stays, hosts) ?? []),
    serverKey,
  );
  const persistence: Persistence | undefined = wanted && {
    timeout: wanted.timeout,
    netmask: (wanted.netmask % addressBits(own)) + 1,
    ...(wanted.engine && onlyUdp ? { engine: 'sip' } : {}),
  };
  return {
    name: wish.name ?? defaultServiceName(virtual),
    virtual,
    ...(wish.interface === undefined ? {} : { interface: wish.interface }),
    forwarding,
    scheduler,
    flags: wish.flags.filter(flag => FLAGS[flag] === scheduler).toSorted(),
    ...(persistence ? { persistence } : {}),
    onePacket: wish.onePacket && onlyUdp,
    check: check(wish.check, servers.some(one => one.port === 0) && entrances(wish)[0]!.port === 0),
    onFailure: wish.onFailure,
    ...(wish.minimumServers === undefined
      ? {}
      : { minimumServers: Math.min(wish.minimumServers, servers.length) }),
    ...(fallback
      ? {
          fallback: {
            address: own === 'ipv4' ? fallback.four : fallback.six,
            port: forwarding === 'nat' && fallback.port !== 0 ? fallback.port : stays,
          },
        }
      : {}),
    ...(wish.slowStart === undefined ? {} : { slowStart: wish.slowStart }),
    ...(wish.law === undefined || SCHEDULERS[scheduler] !== 'share' ? {} : { law: wish.law }),
    servers,
  };
}

/** Undefined where the wish is a host without a usable address. */
function server(
  wish: ServerWish,
  of: ServiceWish,
  own: Family,
  stays: number,
  hosts: readonly Host[],
): Server | undefined {
  const forwarding = wish.forwarding ?? of.forwarding;
  const tunnelled = forwarding === 'tunnel';
  const host = wish.host === undefined ? undefined : hosts[wish.host];
  const mixed = tunnelled && wish.joinsFamilies;
  const bare = (own === 'ipv4') === mixed ? wish.six : wish.four;
  const ofHost = own === 'ipv6' ? host?.address6 : host?.address;
  const found = host ? (ofHost ?? (tunnelled ? (host.address ?? host.address6) : undefined)) : bare;
  if (found === undefined) return undefined;
  const [upper, lower] = wish.limits;
  return {
    ...(host ? { host: host.name } : {}),
    address: found,
    // Port 0 is every port: only of a service that has every port itself.
    port: forwarding === 'nat' && wish.port !== 0 ? wish.port : stays,
    weight: wish.weight,
    forwarding,
    ...(tunnelled ? { tunnel: wish.tunnel } : {}),
    upper,
    lower: Math.min(upper, lower),
  };
}

function check(wish: ServiceWish['check'], portless: boolean): Check {
  const { type, interval, timeout, retries } = wish;
  const reads = (key: string): boolean => CHECK_KEYS[type].includes(key);
  const port = wish.port ?? (portless && type !== 'script' ? 80 : undefined);
  const options = {
    ...(reads('port') ? { port } : {}),
    ...(reads('path') ? { path: wish.path } : {}),
    ...(reads('host') ? { host: wish.host ?? (type === 'dns' ? 'www.example.org' : undefined) } : {}),
    ...(reads('expect') ? { expect: wish.expect } : {}),
    ...(reads('status') ? { status: wish.status } : {}),
    ...(reads('command') ? { command: wish.command } : {}),
  };
  const said = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return withCheckDefaults({ type, interval, timeout, retries, ...said });
}
