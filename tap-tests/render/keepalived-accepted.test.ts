import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { CHECK_TYPES, type Check, type CheckType } from '../../src/cluster/check.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { DEFAULT_FAILOVER, withCheckDefaults } from '../../src/cluster/defaults.js';
import { SCHEDULERS, type SchedulerName } from '../../src/cluster/scheduler.js';
import { FORWARDINGS, type Service } from '../../src/cluster/service.js';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';
import { cluster as anyCluster } from '../support/arbitrary-cluster.js';
import { SEED } from '../support/arbitrary.js';
import { cluster, ESTEPE, marked, MIDAS, server, service } from '../support/clusters.js';
import { complaints, keepalivedConf, keepalivedFragment } from '../support/keepalived.js';

const WEB = service('192.168.45.26:80', ['192.168.45.13', '192.168.45.43'], { name: 'web' });
const WEB6 = service('[2001:db8::26]:80', ['2001:db8::13', '2001:db8::43'], { name: 'web6' });
const VRRP = { ...DEFAULT_FAILOVER, by: 'vrrp' as const, syncConnections: true };
const GATEWAY = { address: '10.0.70.1', prefix: 24, interface: 'eth1' };
const DIRECTORS = [
  { ...MIDAS, address6: '2001:db8::23' },
  { ...ESTEPE, address6: '2001:db8::204' },
];

function checked(...services: Service[]): Cluster {
  return cluster({ checker: 'keepalived', services });
}

/** Services with the same servers and their own ports, so that one file holds them all. */
function each<T>(values: readonly T[], of: (value: T) => Partial<Service>): Service[] {
  return [WEB, WEB6].flatMap(base =>
    values.map((value, index): Service => {
      const { virtual } = base;
      if (virtual.kind !== 'address') return base;
      const port = 1000 + index;
      const servers = base.servers.map(one => ({ ...one, port }));
      return { ...base, name: `${base.name}-${index}`, virtual: { ...virtual, port }, servers, ...of(value) };
    }),
  );
}

const OPTIONS: Readonly<Record<CheckType, Partial<Check>>> = {
  tcp: {},
  http: {
    path: '/aZ09._~!&()*+,;=:@%25/?-',
    host: 'www.example.org',
    expect: '"$5" {or} #more!',
    status: [200, 204, 301],
  },
  https: { path: '/', host: 'www.example.org', expect: 'ok' },
  smtp: {},
  dns: { host: 'www.example.org.' },
  ping: {},
  // A program that is there and safe: keepalived looks.
  script: { command: ['/bin/true', '{address}', '{port}', '{service}', '#!%()*+,-./:=?@[]^_{}~'] },
  none: {},
};

test('keepalived accepts every kind of check, for both families, fast and slow', t => {
  const times = [
    { interval: 100, timeout: 100, retries: 0 },
    { interval: 5000, timeout: 1500, retries: 1 },
    { interval: 86_400_000, timeout: 3_600_000, retries: 100 },
  ];
  const checks = CHECK_TYPES.flatMap(type =>
    times.map(time => ({ ...withCheckDefaults({ type, ...OPTIONS[type] }), ...time })),
  );
  t.deepEqual(complaints({ checks: keepalivedConf(checked(...each(checks, check => ({ check })))) }), {});
});

test('keepalived accepts every scheduler with its flags, and every forwarding', t => {
  const schedulers = Object.keys(SCHEDULERS) as SchedulerName[];
  const flags = { sh: ['sh-fallback', 'sh-port'], mh: ['mh-fallback', 'mh-port'] } as const;
  const scheduled = each(schedulers, scheduler => ({ scheduler, flags: flags[scheduler as 'sh'] ?? [] }));
  const forwarded = each(FORWARDINGS, forwarding => ({
    forwarding,
    servers: [
      server('192.168.45.13', { port: 1, forwarding: 'nat' }),
      server('192.168.45.14', {
        forwarding: 'nat',
        weight: 65_535,
        upper: 4_294_967_295,
        lower: 4_294_967_295,
      }),
    ],
  }));
  const tunnels = each([true, false], checksum => ({
    forwarding: 'tunnel',
    servers: [
      server('192.168.45.13', {
        port: checksum ? 1000 : 1001,
        forwarding: 'tunnel',
        tunnel: { type: 'ipip', checksum: false },
      }),
      server('192.168.45.14', {
        port: checksum ? 1000 : 1001,
        forwarding: 'tunnel',
        tunnel: { type: 'gre', checksum },
      }),
      server('2001:db8::13', {
        port: checksum ? 1000 : 1001,
        forwarding: 'tunnel',
        tunnel: { type: 'gue', port: 6080, checksum },
      }),
    ],
  }));
  t.deepEqual(
    complaints({
      scheduled: keepalivedConf(checked(...scheduled)),
      forwarded: keepalivedConf(checked(...forwarded.filter(one => one.name.startsWith('web-')))),
      tunnels: keepalivedConf(checked(...tunnels)),
    }),
    {},
  );
});

test('keepalived accepts persistence, every port, one-packet scheduling and fallbacks', t => {
  const month = 31 * 86_400_000;
  const persistences = [1, 24, 32].map(netmask => ({ timeout: netmask === 1 ? month : 1000, netmask }));
  const everyPort = ['192.168.45.26', '2001:db8::26'].map(vip =>
    service(`[${vip}]:0`, [vip.replace('26', '13')], {
      persistence: { timeout: 300_000, netmask: vip.includes(':') ? 64 : 24 },
      check: withCheckDefaults({ type: 'ping' }),
      fallback: { address: vip.replace('26', '99'), port: 0 },
    }),
  );
  const datagrams = each([true, false], onePacket => ({ onePacket })).map(one => ({
    ...one,
    virtual: { ...one.virtual, protocol: 'udp' } as Service['virtual'],
    persistence: { timeout: 60_000, netmask: 32, engine: 'sip' as const },
  }));
  t.deepEqual(
    complaints({
      persistence: keepalivedConf(checked(...each(persistences, persistence => ({ persistence })))),
      'every port': keepalivedConf(checked(...everyPort)),
      datagrams: keepalivedConf(checked(...datagrams)),
      fallback: keepalivedConf(
        checked({ ...WEB, fallback: { address: '192.168.45.99', port: 80 }, onFailure: 'quiesce' }),
      ),
      'fallback alone': keepalivedConf(
        checked({ ...WEB, servers: [], fallback: { address: '192.168.45.99', port: 80 } }),
      ),
      'no server at all': keepalivedConf(checked({ ...WEB, servers: [] }, WEB6)),
      nothing: keepalivedConf(checked()),
    }),
    {},
  );
});

test('keepalived accepts marks of both families, with and without ports of their own', t => {
  const four = marked(7, '192.168.45.28', ['192.168.45.13', '192.168.45.43']);
  const six = marked(4_294_967_295, '2001:db8::28', ['2001:db8::13']);
  const fallback = { address: '192.168.45.99', port: 0 };
  const nat = ['10.0.70.4', '10.0.70.5'].map((address, index) =>
    server(address, { forwarding: 'nat', port: index * 8080 }),
  );
  const far = server('192.168.45.13', {
    port: 0,
    forwarding: 'tunnel',
    tunnel: { type: 'ipip', checksum: false },
  });
  t.deepEqual(
    complaints({
      both: keepalivedConf(checked({ ...four, fallback, persistence: { timeout: 1000, netmask: 24 } }, six)),
      nat: keepalivedConf(
        checked({ ...four, forwarding: 'nat', servers: nat, fallback: { ...fallback, port: 80 } }),
      ),
      'a tunnel to the other family': keepalivedConf(
        checked({ ...six, forwarding: 'tunnel', servers: [far] }),
      ),
      'one packet': keepalivedConf(checked({ ...four, onePacket: true })),
    }),
    {},
  );
});

test('keepalived accepts VRRP alone, with virtual servers, by multicast and unicast, with and without preemption', t => {
  const both = { directors: DIRECTORS, services: [WEB, WEB6], gateway: GATEWAY };
  const vrrp = (changes: Partial<Cluster['failover']>, more: Partial<Cluster> = {}): string =>
    keepalivedConf(cluster({ ...both, checker: 'keepalived', failover: { ...VRRP, ...changes }, ...more }));
  const vips = Array.from({ length: 600 }, (_, index) =>
    service(`10.9.${1 + (index >> 8)}.${index & 255}:80`, ['192.168.45.13'], { name: `v${index}` }),
  );
  t.deepEqual(
    complaints({
      'virtual servers alone': keepalivedConf(checked(WEB, WEB6)),
      'VRRP alone': vrrp({}, { checker: 'mon' }),
      both: vrrp({ links: ['eth2', 'eth1'] }),
      'IPv6 alone': vrrp(
        {},
        { services: [WEB6], gateway: { ...GATEWAY, address: '2001:db8:7::1', prefix: 64 } },
      ),
      unicast: vrrp({ unicast: true, advertInterval: 10 }),
      'unicast without a peer': vrrp({ unicast: true }, { directors: [MIDAS], services: [WEB] }),
      'preemption at once': vrrp({ preempt: true, advertInterval: 40_950 }),
      'preemption later': vrrp({ preempt: true, preemptDelay: 1_000_000, advertInterval: 1234 }),
      'no synchronisation': vrrp({ syncConnections: false }),
      'no address to move': vrrp({}, { services: [], checker: 'mon' }),
      'many addresses': vrrp({}, { services: vips }),
      mail: vrrp(
        {},
        { notify: { mail: ['root', 'a.b+c%d-e@mx-1.example.org'], command: ['/usr/bin/true'] } },
      ),
    }),
    {},
  );
});

test('keepalived accepts our part within a file that is someone else’s', t => {
  const own = cluster({
    checker: 'keepalived',
    directors: DIRECTORS,
    failover: VRRP,
    services: [{ ...WEB, check: withCheckDefaults({ type: 'script', ...OPTIONS.script }) }, WEB6],
  });
  const theirs = `global_defs {
  router_id theirs
  notification_email { a@example.org }
  vrrp_version 2
}
vrrp_instance THEIRS {
  interface eth2
  virtual_router_id 9
  virtual_ipaddress { 10.9.9.9 }
}
`;
  t.deepEqual(
    complaints({ before: keepalivedFragment(own) + theirs, after: theirs + keepalivedFragment(own) }),
    {},
  );
});

test('keepalived says so where it does not accept a file, so its silence means something', t => {
  const text = keepalivedConf(checked(WEB));
  t.regex(complaints({ typo: text.replace('protocol TCP', 'protocoll TCP') })['typo']!, /protocoll/);
  t.regex(
    complaints({ interface: keepalivedConf(cluster({ failover: { ...VRRP, links: ['eth9'] } })) })[
      'interface'
    ]!,
    /eth9/,
  );
});

test('keepalived accepts the examples', async t => {
  const ports = portNames('http 80/tcp\nssh 22/tcp\ndomain 53/udp');
  const texts: Record<string, string> = {};
  for (const name of ['campus.yaml', 'every-key.yaml']) {
    const { cluster, diagnostics } = await readDescription(
      readFileSync(`tap-tests/examples/${name}`),
      name,
      ports,
    );
    t.truthy(cluster, JSON.stringify(diagnostics));
    for (const director of cluster!.directors)
      texts[`${name} ${director.name}`] = keepalivedConf(cluster!, { director });
    texts[`${name} as a part`] = keepalivedFragment(cluster!);
  }
  t.deepEqual(complaints(texts), {});
});

/** What keepalived cannot have, and the description's checks refuse. */
function possible(one: Service): boolean {
  const weighty = one.servers.length === 0 || one.servers.some(server => server.weight > 0);
  return weighty && !one.servers.some(server => server.address === one.fallback?.address);
}

test('keepalived accepts whatever a description can say', t => {
  const texts: Record<string, string> = {};
  for (const [index, sample] of fc.sample(anyCluster, { numRuns: 300, seed: SEED }).entries()) {
    const one = { ...sample, services: sample.services.filter(possible) };
    if (one.checker !== 'keepalived' && one.failover.by !== 'vrrp') continue;
    texts[String(index)] = keepalivedConf(one);
    texts[`${index} as a part`] = keepalivedFragment(one);
  }
  const interfaces = ['eth0', 'eth1', 'bond0.100', '0', 'null', '1e3', 'a'.repeat(15)];
  t.true(Object.keys(texts).length > 100);
  t.deepEqual(complaints(texts, interfaces), {});
});
