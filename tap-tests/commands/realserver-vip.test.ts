import test from 'ava';
import { place } from '../../src/realserver/place.js';
import { DESCRIPTION, RealServerHost, VIP, VIP6 } from '../support/real-server-host.js';

function bare(t: ConstructorParameters<typeof RealServerHost>[0]): RealServerHost {
  const host = new RealServerHost(t);
  host.remove('/etc/lvsctl/lvs.yaml');
  return host;
}

test('--vip alone takes just these VIPs, on lo, and undoes them', async t => {
  const host = bare(t);
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup', '--vip', VIP, '--vip', VIP6, '--vip', VIP);
  t.is(exitCode, 0, err);
  t.is(host.net.sysctl('ipv4/conf/eth0/arp_announce'), '2');
  const lo = host.net.addresses('lo');
  t.true(lo.includes(` ${VIP}/32 scope host`) && lo.includes(` ${VIP6}/128 `), lo);
  t.is((await host.run('realserver-setup', '--vip', VIP6, VIP)).err, 'nothing to do\n');
  const less = await host.run('realserver-setup', '--vip', VIP);
  t.is(less.err, `# ip addr del ${VIP6}/128 dev lo\n`);
  await host.run('realserver-setup', '--undo');
  t.is(host.net.picture, before);
});

test('--vip by the packet filter takes all of TCP and UDP, without an address', async t => {
  const host = bare(t);
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup', '--vip', VIP, '--vip-on', 'filter');
  t.is(exitCode, 0, err);
  const rules = host.net.sh('nft list table ip lvsctl');
  t.regex(rules, /ip daddr 10\.0\.0\.50 (meta l4proto (6|tcp) )?tcp flags .* redirect/);
  t.regex(rules, /ip daddr 10\.0\.0\.50 meta l4proto (17|udp) redirect/);
  t.notRegex(host.net.addresses('lo'), /10\.0\.0\.50/);
  await host.run('realserver-setup', '--undo');
  t.is(host.net.picture, before);
});

test('several interfaces: the one in whose network the VIP is, or the one that is named', async t => {
  const host = bare(t);
  host.net.sh(`ip link add eth1 type veth peer name other; ip addr add 10.1.0.11/24 dev eth1
    ip link set eth1 addrgenmode none; ip link set other addrgenmode none; ip link set eth1 up; ip link set other up`);
  await host.run('realserver-setup', '--vip', '10.1.0.50');
  t.deepEqual(
    ['eth0', 'eth1'].map(device => host.net.sysctl(`ipv4/conf/${device}/arp_ignore`)),
    ['0', '1'],
  );
  const far = await host.run('realserver-setup', '--vip', '192.0.2.50');
  t.is(far.exitCode, 64);
  t.regex(
    far.err,
    /192\.0\.2\.50 is in no network of this host, which has eth0, eth1\n {2}help: .*--interface/,
  );
  t.is((await host.run('realserver-setup', '--vip', '192.0.2.50', '--interface', 'eth0')).exitCode, 0);
  t.deepEqual(
    ['eth0', 'eth1'].map(device => host.net.sysctl(`ipv4/conf/${device}/arp_ignore`)),
    ['1', '0'],
  );
});

const HOSTILE = [
  '',
  '10.0.0.50/32',
  '10.0.0.256',
  '010.0.0.5',
  '127.0.0.2',
  '::1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  'fe80::1',
  'ff02::1',
  '::ffff:10.0.0.50',
  '2001:db8::1%eth0',
  'localhost',
  '$(reboot)',
  '10.0.0.50 lo\nvip 10.0.0.11 10.0.0.51',
  '10.0.0.50;reboot',
  '-x',
  '--undo\u001b[2J',
  'x'.repeat(10_000),
];

for (const [index, vip] of HOSTILE.entries()) {
  test(`hostile VIP ${index} is refused before anything is run`, async t => {
    const host = bare(t);
    host.runner = {
      run: () => Promise.reject(new Error('nothing is to be run')),
      follow: () => Promise.reject(new Error('nothing is to be run')),
    };
    const { exitCode, err } = await host.run('realserver-setup', `--vip=${vip}`);
    t.is(exitCode, 64);
    t.true(err.length < 400 && !err.includes('\u001b'), err);
  });
}

test('options that do not go together are refused', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  for (const line of [
    `--vip ${VIP} -f /etc/lvsctl/lvs.yaml`,
    `--vip ${VIP} --host web1`,
    '--interface eth0',
    '--vip-on filter',
    '--undo --check',
    '--undo --persist',
    `--undo --vip ${VIP}`,
    '--undo -f x',
    `--vip ${VIP} --interface ../eth0`,
    `--vip ${VIP} --interface eth0;reboot`,
    `--vip ${VIP} --interface lo`,
    `--vip ${VIP} --vip-on eth0`,
    `--vip ${VIP6} --vip-on tunl0`,
  ]) {
    const { exitCode, err } = await host.run('realserver-setup', ...line.split(' '));
    t.is(exitCode, 64, `${line}: ${err}`);
  }
  t.is(host.net.picture, before);
});

test('an interface that does not exist is named before anything is touched', async t => {
  const host = bare(t);
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup', '--vip', VIP, '--interface', 'eth9');
  t.is(exitCode, 78);
  t.is(err, 'lvsctl: this host has no interface eth9\nnothing was changed\n');
  const check = await host.run('realserver-setup', '--vip', VIP, '--interface', 'eth9', '--check');
  t.deepEqual([check.exitCode, check.err], [78, 'lvsctl: this host has no interface eth9\n']);
  t.is(host.net.picture, before);
});

test('a VIP of a family that the host has no address of is refused', async t => {
  const host = bare(t);
  host.net.sh('ip -6 addr flush dev eth0');
  const { exitCode, err } = await host.run('realserver-setup', '--vip', VIP6);
  t.is(exitCode, 64);
  t.regex(
    err,
    /this host has no IPv6 address of its own, at which a director could reach it for 2001:db8::50/,
  );
});

test('the network or broadcast address of an own network is no VIP', async t => {
  const host = bare(t);
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup', '--vip', '10.0.0.255');
  t.is(exitCode, 78);
  t.regex(err, /the VIP 10\.0\.0\.255 is the broadcast address of 10\.0\.0\.11\/24 on eth0/);
  t.is(host.net.picture, before);
});

test('with its link down a host keeps the VIP of the family that has gone', async t => {
  const host = new RealServerHost(t);
  await host.run('realserver-setup');
  host.net.sh('ip link set eth0 down');
  host.addresses = ['127.0.0.1', '10.0.0.11'];
  const before = host.net.picture;
  const described = await host.run('realserver-setup');
  t.is(described.exitCode, 0, described.err);
  t.is(host.net.picture, before);
  t.regex(described.err, /^warning: 2001:db8::11, by which this host is known, is not here now/);
  t.is((await host.run('realserver-setup', '--check')).exitCode, 0);
  host.remove('/etc/lvsctl/lvs.yaml');
  const { exitCode } = await host.run('realserver-setup', '--vip', VIP, '--vip', VIP6);
  t.is(exitCode, 64);
  t.is(host.net.picture, before);
});

test('a VIP that is the fixed address of the host is refused', async t => {
  const host = bare(t);
  const before = host.net.picture;
  const only = await host.run('realserver-setup', '--vip', '10.0.0.11');
  t.is(only.exitCode, 64);
  t.regex(
    only.err,
    /this host has no IPv4 address but 10\.0\.0\.11, which cannot be its own and a VIP at once/,
  );
  host.net.sh('ip addr add 10.0.0.12/24 dev eth0');
  const second = await host.run('realserver-setup', '--vip', '10.0.0.12');
  t.is(second.exitCode, 78);
  t.regex(second.err, /the VIP 10\.0\.0\.12 is an address of eth0 here/);
  host.net.sh('ip addr del 10.0.0.12/24 dev eth0');
  t.is(host.net.picture, before);
});

test('a director that serves is known by --vip, too', async t => {
  const host = new RealServerHost(t);
  const text = DESCRIPTION.replace('name: midas, address: 10.0.0.1,', 'name: web1, address: 10.0.0.11,');
  host.put('/etc/lvsctl/lvs.yaml', text);
  host.net.sh(`ip addr add ${VIP}/24 dev eth0`);
  t.is((await host.run('realserver-setup', '--vip', VIP)).exitCode, 0);
});

test('the place of a VIP needs no host', t => {
  const held = [
    { address: '127.0.0.1', prefix: 8, interface: 'lo' },
    { address: '10.0.0.50', prefix: 32, interface: 'lo' },
    { address: 'fe80::1', prefix: 64, interface: 'eth0' },
    { address: '2001:db8::11', prefix: 64, interface: 'eth0' },
    { address: '10.0.0.11', prefix: 24, interface: 'eth0' },
    { address: '10.9.0.11', prefix: 24, interface: 'eth1' },
  ];
  const wish = { on: 'lo', interface: undefined } as const;
  t.deepEqual(place({ ...wish, vips: ['10.0.0.50', '2001:db8::50'] }, held), {
    takings: [
      { vip: '10.0.0.50', rip: '10.0.0.11', interfaces: ['eth0'], on: 'lo' },
      // An IPv6 address may be temporary: what names this host is the other.
      { vip: '2001:db8::50', rip: '10.0.0.11', interfaces: ['eth0'], on: 'lo' },
    ],
  });
  t.true('problem' in place({ ...wish, vips: ['192.0.2.1'] }, held));
  t.true('problem' in place({ ...wish, vips: ['10.0.0.50'] }, []));
});
