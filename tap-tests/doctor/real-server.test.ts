import test from 'ava';
import { type DoctorRealServer, healthyServer } from '../support/doctor-real-server.js';
import { DESCRIPTION } from '../support/real-server-host.js';
import { type Breakage, tryOne } from './breakage.js';

const inside = (script: string) => (host: DoctorRealServer) => host.net.sh(script);
const setting = (path: string, value: number): string => `echo ${value} >/proc/sys/net/ipv4/conf/${path}`;
const SETTINGS: readonly Breakage<DoctorRealServer>[] = [
  {
    what: 'an interface that answers ARP',
    breaks: inside(`${setting('all/arp_ignore', 0)}; ${setting('eth0/arp_ignore', 0)}`),
    found: ['arp-answered net.ipv4.conf.*.arp_ignore'],
    left: [],
  },
  {
    what: 'interfaces of which the description knows nothing: one answers ARP by itself, one answers none',
    breaks: inside(
      `ip link add dummy-like type veth peer name far; ${setting('wire/arp_ignore', 4)}; ${setting('far/arp_ignore', 8)}`,
    ),
    found: ['arp-answered net.ipv4.conf.*.arp_ignore', 'arp-deaf net.ipv4.conf.*.arp_ignore'],
    left: [],
  },
  {
    what: 'VIPs that are announced',
    breaks: inside(`${setting('all/arp_announce', 0)}; ${setting('eth0/arp_announce', 1)}`),
    found: ['arp-announced net.ipv4.conf.*.arp_announce'],
    left: [],
  },
  {
    what: 'a setting for which another makes up',
    breaks: inside(`${setting('eth0/arp_ignore', 0)}; ${setting('eth0/arp_announce', 0)}`),
    found: [
      'set-up-incomplete net.ipv4.conf.eth0.arp_announce',
      'set-up-incomplete net.ipv4.conf.eth0.arp_ignore',
    ],
    left: [],
  },
];

const PLACES: readonly Breakage<DoctorRealServer>[] = [
  {
    what: 'VIPs that are gone',
    breaks: inside('ip addr del 10.0.0.50/32 dev lo; ip addr del 2001:db8::50/128 dev lo'),
    found: ['vip-not-taken 10.0.0.50', 'vip-not-taken 2001:db8::50'],
    left: [],
  },
  {
    what: 'a VIP where neighbours ask for it',
    breaks: inside('ip addr add 10.0.0.50/24 dev eth0'),
    found: ['set-up-refused set-up', 'vip-on-wire 10.0.0.50'],
  },
  {
    what: 'a VIP where neighbours ask for it, and none where they do not',
    breaks: inside(
      'ip addr add 10.0.0.50/32 dev eth0; ip addr del 10.0.0.50/32 dev lo; ip addr del 2001:db8::50/128 dev lo',
    ),
    found: ['set-up-refused set-up', 'vip-on-wire 10.0.0.50'],
  },
  {
    what: 'a VIP with the whole network',
    breaks: inside('ip addr add 10.0.0.50/29 dev lo scope host'),
    found: ['set-up-refused set-up', 'vip-prefix 10.0.0.50'],
  },
  {
    what: 'VIPs that may become sources',
    breaks: inside(
      'ip addr del 10.0.0.50/32 dev lo; ip addr add 10.0.0.50/32 dev lo; ip addr change 2001:db8::50/128 dev lo preferred_lft forever',
    ),
    found: ['vip-may-be-source 10.0.0.50', 'vip-may-be-source 2001:db8::50'],
  },
  {
    what: 'a route that makes the VIP a source',
    breaks: inside('ip route add 10.0.0.1/32 dev eth0 src 10.0.0.50'),
    found: ['server-uses-vip 10.0.0.50'],
  },
  {
    what: 'a VIP of an earlier set-up',
    breaks: async host => {
      await host.run('realserver-setup', '--vip', '10.0.0.50', '2001:db8::50', '10.0.0.51');
    },
    found: ['set-up-surplus set-up'],
    left: [],
  },
  {
    what: 'a VIP of an earlier set-up, and one that is gone',
    breaks: async host => {
      await host.run('realserver-setup', '--vip', '10.0.0.50', '2001:db8::50', '10.0.0.51');
      host.net.sh('ip addr del 10.0.0.50/32 dev lo');
    },
    found: ['set-up-surplus set-up', 'vip-not-taken 10.0.0.50'],
    left: [],
  },
  {
    what: 'no unit for the next boot',
    breaks: host => host.remove('/etc/systemd/system/multi-user.target.wants/lvs-realserver.service'),
    found: ['not-at-boot lvs-realserver.service'],
  },
];

for (const one of [...SETTINGS, ...PLACES]) {
  test(one.what, async t => {
    const host = await healthyServer(t);
    host.listen('tcp 0.0.0.0 80', 'tcp :: 80');
    await tryOne(t, host, one);
  });
}

test('of a real server that is whole there is nothing to say', async t => {
  const host = await healthyServer(t);
  host.listen('tcp 0.0.0.0 80', 'tcp :: 80');
  const said = await host.doctor();
  t.deepEqual([said.findings, said.unknown, said.exitCode], [[], [], 0]);
  t.deepEqual(
    said.passed.filter(one => /arp|vip|set-up|sysctl|source|reverse|listening|neighbour/.test(one)),
    [
      'set-up',
      'arp-settings',
      'vip-place',
      'source-address',
      'reverse-path',
      'listening',
      'set-up-at-boot',
      'sysctl-names',
      'sysctl-lines',
      'sysctl-files',
      'arp-answers',
      'neighbour-answers',
    ],
  );
});

test('the printed commands mend a VIP that is in the wrong way where it is', async t => {
  const host = await healthyServer(t);
  host.listen('tcp 0.0.0.0 80', 'tcp :: 80');
  host.net.sh('ip addr add 10.0.0.50/24 dev eth0; ip addr add 10.0.0.50/29 dev lo scope host');
  host.net.sh('ip addr change 2001:db8::50/128 dev lo preferred_lft forever');
  const { findings, passed } = await host.doctor();
  t.is(findings.length, 5);
  t.false(passed.includes('set-up'));
  for (const { commands } of findings) for (const one of commands) host.net.run(['sh', '-c', one]);
  const { findings: left } = await host.doctor();
  t.deepEqual(left, []);
});

test('with its link down a real server is broken, and keeps the VIPs that it has', async t => {
  const host = await healthyServer(t);
  host.listen('tcp 0.0.0.0 80', 'tcp :: 80');
  // With the link the kernel takes away the IPv6 address by which the set-up knows this host.
  host.net.sh('ip link set eth0 down');
  const { codes, findings, exitCode } = await host.doctor('--fix');
  t.is(exitCode, 1);
  t.deepEqual(codes.toSorted(), ['interface-down', 'set-up-note']);
  const down = findings.find(one => one.code === 'interface-down')!;
  t.deepEqual([down.subject, down.commands], ['interface eth0', ['ip link set eth0 up']]);
  t.regex(host.net.sh('ip addr show dev lo'), /2001:db8::50\/128/);
  t.deepEqual(host.mended, []);
});

test('without its interface a real server is broken, and keeps the VIPs that it has', async t => {
  const host = await healthyServer(t);
  host.net.sh('ip link del eth0');
  // What the host is then known by is its name alone.
  host.addresses = ['127.0.0.1', '::1'];
  const { codes, exitCode } = await host.doctor('--fix');
  t.is(exitCode, 1);
  t.true(codes.includes('set-up-refused'), codes.join());
  t.regex(host.net.sh('ip addr show dev lo'), /10\.0\.0\.50\/32/);
  t.deepEqual(host.mended, []);
});

test('where the packet filter takes the VIPs, its rules are what counts', async t => {
  const host = await healthyServer(
    t,
    DESCRIPTION.replace('hosts:', 'real_servers: { vip_on: filter }\nhosts:'),
  );
  host.listen('tcp 10.0.0.11 80', 'tcp :: 80');
  t.deepEqual((await host.doctor()).findings, []);
  // A reload of the packet filter of others takes them away. The ARP settings are of no matter here.
  host.net.sh('nft flush ruleset; echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore');
  t.deepEqual((await host.doctor()).codes, ['vip-filter-missing']);
  t.deepEqual((await host.doctor('--fix')).findings, []);
  t.regex(host.net.sh('nft list ruleset'), /ip daddr 10\.0\.0\.50 /);
});

test('however long a mending command takes, it is not killed in its middle', async t => {
  const host = await healthyServer(t);
  host.net.sh('ip addr del 10.0.0.50/32 dev lo');
  await host.doctor('--fix');
  t.deepEqual(host.mended, [{ verb: 'realserver-setup', timeout: undefined }]);
});
