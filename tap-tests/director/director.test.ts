import { rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const HEAD = 'version: 1\ndirectors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]\n';
const WEB = '  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }\n';
const WEB6 = '  - { address: "2001:db8::100", port: 80, scheduler: rr, servers: [ "2001:db8::11" ] }\n';
const SHOP =
  '  - { name: shop, fwmark: 7, match: [ { address: 192.0.2.101, port: 443 } ], servers: [ 192.0.2.11 ] }\n';
const ALL = `${HEAD}gateway: { address: 192.0.3.254/24, interface: eth1 }\nservices:\n${WEB}${WEB6}${SHOP}`;
const PAIR = `version: 1
directors: [ { name: midas, address: 192.0.2.1, interface: eth0 }, { name: estepe, address: 192.0.2.2, interface: eth0 } ]
failover: { by: BY, links: [ eth1 ] }
services:
${WEB}`;
const VIPS = ['eth0 192.0.2.100/32', 'eth0 192.0.2.101/32', 'eth0 2001:db8::100/128', 'eth1 192.0.3.254/24'];

/** A director that has applied a description, and has none of its table or addresses now: it has booted since. */
async function booted(t: ExecutionContext, description: string): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000001\n');
  for (const name of ['ndisc_notify', 'dad_transmits']) host.put(`/proc/sys/net/ipv6/conf/eth0/${name}`, '1\n');
  host.put('/here/lvs.yaml', description);
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  host.kernel.restore(
    host.kernel
      .rules()
      .match(/^-A \S+ \S+( -6)?/gm)!
      .map(line => line.replace('-A', '-D')),
  );
  for (const [name, all] of host.machine.interfaces) host.machine.interfaces.set(name, all.slice(0, 1));
  host.machine.marks = undefined;
  host.machine.daemons = '';
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  for (const name of ['ndisc_notify', 'dad_transmits']) host.put(`/proc/sys/net/ipv6/conf/eth0/${name}`, '1\n');
  rmSync(`${host.root}/sys`, { recursive: true, force: true });
  host.machine.changes.length = 0;
  return host;
}

function vips(host: KernelHost): string[] {
  return host.machine.held()
    .filter(one => !/127\.0\.0\.1|192\.0\.[23]\.1\//.test(one))
    .toSorted();
}

test('start: marks, settings and table, then addresses, then the neighbours are told', async t => {
  const host = await booted(t, ALL);
  const { exitCode, out, err } = await host.run('director', 'start');
  t.is(exitCode, 0, err);
  t.is(out, '');
  t.deepEqual(vips(host), VIPS);
  const at = (text: string): number => host.machine.changes.findIndex(line => line.startsWith(text));
  const order = ['modprobe ip_vs', 'nft -f', 'net/ipv4/vs', '-A -t', 'ip addr add', 'arping'].map(at);
  t.false(order.includes(-1), host.machine.changes.join('\n'));
  t.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    host.machine.changes.join('\n'),
  );
  t.true(host.machine.changes.includes('ip addr add 2001:db8::100/128 dev eth0 preferred_lft 0'));
  t.true(host.machine.changes.indexOf('net/ipv6/conf/eth0/dad_transmits = 0') < at('ip addr add 2001'));
  t.is(host.machine.changes.at(-1), 'arping eth0 192.0.2.100 eth0 192.0.2.101 eth1 192.0.3.254');
  t.regex(host.machine.marks!, /ip daddr 192\.0\.2\.101 tcp dport 443 +meta mark set 7/);
  t.true(err.includes('# ip addr add 192.0.2.100/32 dev eth0\n'), err);
  t.true(err.includes('# ipvsadm -A -t 192.0.2.100:80 -s wrr\n'), err);
  t.true(err.includes("# nft -f - <<'END'\n# "), err);
  t.true(err.includes('# echo 1 > /proc/sys/net/ipv4/vs/expire_nodest_conn\n'), err);
  t.deepEqual(
    err.split('\n').filter(line => !/^# |^$/.test(line)),
    [],
  );
});

test('twice is once: only marks, which are replaced whole, and the neighbours come again', async t => {
  const host = await booted(t, ALL);
  await host.run('director', 'start');
  host.machine.changes.length = 0;
  t.is((await host.run('director', 'start')).exitCode, 0);
  t.deepEqual(
    host.machine.changes.map(line => line.split(' ')[0]),
    ['nft', 'arping'],
  );
  await host.run('director', 'stop');
  host.machine.changes.length = 0;
  t.is((await host.run('director', 'stop')).exitCode, 0);
  t.deepEqual(host.machine.changes, []);
});

test('stop: addresses first, and connections wait for the next start', async t => {
  const host = await booted(t, ALL);
  await host.run('director', 'start');
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
  host.machine.changes.length = 0;
  const { exitCode, err } = await host.run('director', 'stop');
  t.is(exitCode, 0, err);
  t.deepEqual(host.machine.changes, [
    'ip addr del 192.0.2.100/32 dev eth0',
    'ip addr del 2001:db8::100/128 dev eth0',
    'ip addr del 192.0.2.101/32 dev eth0',
    'ip addr del 192.0.3.254/24 dev eth1',
    'net/ipv4/vs/expire_nodest_conn = 0',
    '-D -f 7',
    '-D -t 192.0.2.100:80',
    '-D -t [2001:db8::100]:80',
    'nft delete table inet lvsctl_marks',
  ]);
  t.is(host.kernel.rules(), '-A -t 192.0.2.200:80 -s rr\n', "others' services stay");
  t.deepEqual(vips(host), []);
});

test('a drained server is drained after stop and start', async t => {
  const host = await booted(t, ALL);
  const since = { at: '1970-01-01T00:00:00.000Z', boot: '', up: 0 };
  const entry = {
    service: '192.0.2.100:80/tcp',
    server: '192.0.2.11:80',
    drain: { author: 'ada', since },
    revision: 1,
    host: 'midas',
  };
  host.put('/var/lib/lvsctl/operator.json', JSON.stringify({ version: 1, entries: [entry] }));
  for (const what of ['start', 'stop', 'start']) {
    const { exitCode, err } = await host.run('director', what);
    t.is(exitCode, 0, err);
  }
  t.true(host.kernel.rules().includes('-r 192.0.2.11:80 -g -w 0\n'), host.kernel.rules());
  t.true(host.kernel.rules().includes('-r 192.0.2.12:80 -g -w 1\n'));
});

test('status: the word, the codes of LSB, and what is missing', async t => {
  const host = await booted(t, ALL);
  const stopped = await host.run('director', 'status');
  t.like(stopped, { exitCode: 3, out: 'stopped\n' });
  t.true(stopped.err.includes('missing: the firewall marks\n'), stopped.err);
  t.true(stopped.err.includes('missing: the service fwmark:7/ipv4\n'), stopped.err);
  await host.run('director', 'start');
  const changes = host.machine.changes.length;
  t.deepEqual(await host.run('director', 'status'), { exitCode: 0, out: 'running\n', err: '' });
  host.machine.interfaces.get('eth0')!.find(one => one.local === '2001:db8::100')!.dadfailed = true;
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  t.deepEqual(await host.run('director', 'status'), {
    exitCode: 3,
    out: 'stopped\n',
    err: 'missing: /proc/sys/net/ipv4/vs/expire_nodest_conn = 1\nmissing: 2001:db8::100/128 on eth0\n',
  });
  t.deepEqual(JSON.parse((await host.run('director', 'status', '-o', 'json')).out), {
    version: 1,
    state: 'stopped',
    missing: ['/proc/sys/net/ipv4/vs/expire_nodest_conn = 1', '2001:db8::100/128 on eth0'],
  });
  t.is(host.machine.changes.length, changes, 'it changes nothing');
});

test('an address that the kernel gave up as a duplicate is added anew', async t => {
  const host = await booted(t, ALL);
  await host.run('director', 'start');
  host.machine.interfaces.get('eth0')!.find(one => one.local === '2001:db8::100')!.dadfailed = true;
  host.machine.changes.length = 0;
  await host.run('director', 'start');
  t.deepEqual(host.machine.changes.slice(1, -1), [
    'ip addr del 2001:db8::100/128 dev eth0',
    'ip addr add 2001:db8::100/128 dev eth0 preferred_lft 0',
  ]);
});

test('a VIP on lo is a real server’s matter; one with another prefix is there, and goes as it is', async t => {
  const host = await booted(t, HEAD + 'services:\n' + WEB);
  host.machine.interfaces.get('lo')!.push({ local: '192.0.2.100', prefixlen: 32 });
  host.machine.interfaces.get('eth0')!.push({ local: '192.0.2.100', prefixlen: 24 });
  await host.run('director', 'start');
  t.deepEqual(vips(host), ['eth0 192.0.2.100/24', 'lo 192.0.2.100/32']);
  await host.run('director', 'stop');
  t.deepEqual(vips(host), ['lo 192.0.2.100/32']);
});

test('without a director in the description interfaces are found by the route', async t => {
  const host = await booted(
    t,
    'version: 1\nservices:\n' + WEB + WEB.replace('192.0.2.100', '192.0.3.100').replace('80', '81'),
  );
  t.is((await host.run('director', 'start')).exitCode, 0);
  t.deepEqual(vips(host), ['eth0 192.0.2.100/32', 'eth1 192.0.3.100/32']);
  await host.run('director', 'stop');
  t.deepEqual(vips(host), []);
});

test('a failure on the way ends a start before any address is added', async t => {
  for (const [pattern, said, told] of [
    [
      /^modprobe ip_vs_wrr/,
      'modprobe: FATAL: Module not found',
      /`modprobe ip_vs_wrr` failed: .*; not started$/m,
    ],
    [/^nft -f/, 'Error: syntax', /failed: Error: syntax; not started$/m],
    [
      /^sh -c/,
      'sh: 1: cannot create',
      /`echo 1 > \/proc\/sys\/net\/ipv4\/vs\/\w+` failed: .*; not started$/m,
    ],
  ] as const) {
    const host = await booted(t, ALL);
    host.machine.refused.set(pattern, said);
    const { exitCode, err } = await host.run('director', 'start');
    t.is(exitCode, 1, err);
    t.regex(err, told);
    t.deepEqual(vips(host), []);
  }
});

test('an address that cannot be taken away keeps the table', async t => {
  const host = await booted(t, ALL);
  await host.run('director', 'start');
  const rules = host.kernel.rules();
  host.machine.refused.set(/^ip addr del 192\.0\.2\.100/, 'RTNETLINK answers: Device or resource busy');
  const { exitCode, err } = await host.run('director', 'stop');
  t.is(exitCode, 1);
  t.regex(err, /an address is still here, so all else stays too\n {2}help: without the table/);
  t.is(host.kernel.rules(), rules);
  t.deepEqual(vips(host), ['eth0 192.0.2.100/32'], 'the others are gone');
});

test('with vrrp addresses and daemons are keepalived’s; stop is refused while it has some', async t => {
  const host = await booted(t, PAIR.replace('BY', 'vrrp'));
  t.is((await host.run('director', 'start')).exitCode, 0);
  t.deepEqual(vips(host), []);
  t.is(host.machine.daemons, '');
  t.is((await host.run('director', 'status')).out, 'running\n');
  host.machine.interfaces.get('eth0')!.push({ local: '192.0.2.100', prefixlen: 32 });
  const { exitCode, err } = await host.run('director', 'stop');
  t.is(exitCode, 1);
  t.regex(err, /keepalived has addresses here/);
  t.not(host.kernel.rules(), '');
  host.machine.interfaces.get('eth0')!.pop();
  t.is((await host.run('director', 'stop')).exitCode, 0);
  t.is(host.kernel.rules(), '');
});

test('with heartbeat both receive connections, and the active one sends them', async t => {
  const host = await booted(t, PAIR.replace('BY', 'heartbeat'));
  t.is((await host.run('director', 'start', '--standby')).exitCode, 0);
  t.deepEqual(vips(host), []);
  t.is(host.machine.daemons, 'backup sync daemon (mcast=eth1, syncid=51, maxlen=1472)\n');
  t.not(host.kernel.rules(), '');
  t.is((await host.run('director', 'status')).exitCode, 3);
  host.machine.changes.length = 0;
  await host.run('director', 'start');
  t.deepEqual(host.machine.changes, [
    'ipvsadm --start-daemon master --mcast-interface eth1 --syncid 51',
    'ip addr add 192.0.2.100/32 dev eth0',
    'arping eth0 192.0.2.100',
  ]);
  t.is((await host.run('director', 'status')).out, 'running\n');
  await host.run('director', 'stop');
  t.regex(host.machine.daemons, /^backup .*\n$/);
  host.machine.daemons = 'backup sync daemon (mcast=eth1, syncid=5)\n';
  await host.run('director', 'start');
  t.regex(host.machine.daemons, /^backup .*syncid=51.*\nmaster .*syncid=51.*\n$/);
});

test('settings that were edited in the file stay as they are there', async t => {
  const host = await booted(t, PAIR.replace('BY', 'vrrp'));
  host.put(
    '/etc/sysctl.d/60-lvsctl.conf',
    '# ours\nnet.ipv4.vs.sync_threshold = 2 0\n-net/ipv4/vs/pmtu_disc=1\n',
  );
  await host.run('director', 'start');
  t.is(host.text('/proc/sys/net/ipv4/vs/sync_threshold'), '2\t0\n');
  t.is(host.text('/proc/sys/net/ipv4/vs/pmtu_disc'), '1\n');
  t.is(host.text('/proc/sys/net/ipv4/vs/sync_refresh_period'), '0\n');
});

test('a dry run says each command, and changes nothing', async t => {
  const host = await booted(t, ALL);
  const state = host.everything('/var/lib/lvsctl');
  const { exitCode, out, err } = await host.run('director', 'start', '-n');
  t.is(exitCode, 0, err);
  t.deepEqual(host.machine.changes, []);
  t.deepEqual(host.everything('/var/lib/lvsctl'), state);
  const real = await host.run('director', 'start');
  t.is(out, real.err);
  host.machine.changes.length = 0;
  const stop = JSON.parse((await host.run('director', 'stop', '-n', '-o', 'json')).out);
  t.like(stop, { version: 1, action: 'stop', dryRun: true });
  t.is(stop.commands[0], 'ip addr del 192.0.2.100/32 dev eth0');
  t.deepEqual(host.machine.changes, []);
});

test('nothing applied, no director, --standby elsewhere: told, with the code', async t => {
  const host = new KernelHost(t);
  for (const what of ['start', 'stop', 'status']) {
    const { exitCode, out, err } = await host.run('director', what);
    t.is(exitCode, 1, err);
    t.is(out, '');
    t.regex(err, /nothing has been applied/);
  }
  t.is((await host.run('director', 'stop', '--standby')).exitCode, 64);
  t.is((await host.run('director', 'restart')).exitCode, 64);
  const server = await booted(t, ALL);
  server.name = 'web1';
  server.addresses = ['192.0.2.11'];
  const refused = await server.run('director', 'start');
  t.is(refused.exitCode, 64);
  t.regex(refused.err, /this host is a real server, and no director/);
  t.is((await server.run('director', 'start', '--host', 'midas')).exitCode, 0);
});

test('a kernel without the module: start loads it, stop has nothing to empty', async t => {
  const host = await booted(t, ALL);
  rmSync(`${host.root}/proc/net/ip_vs`);
  const { exitCode, err } = await host.run('director', 'status');
  t.is(exitCode, 3, err);
  t.is((await host.run('director', 'stop')).exitCode, 0);
  host.machine.refused.set(/^modprobe/, 'modprobe: FATAL: Module ip_vs not found');
  const start = await host.run('director', 'start');
  t.is(start.exitCode, 1);
  t.regex(start.err, /`modprobe ip_vs` failed: modprobe: FATAL/);
});
