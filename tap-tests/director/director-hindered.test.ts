import { rmSync } from 'node:fs';
import test from 'ava';
import { ALL, booted, PAIR, vips } from '../support/director-down.js';
import { KernelHost } from '../support/kernel-host.js';

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

test('with heartbeat only a standby that serves leaves packets alone: both daemons run on the active one', async t => {
  const serving = PAIR.replace('BY', 'heartbeat').replace('servers: [', 'servers: [ 192.0.2.1,');
  const host = await booted(t, serving);
  const setting = '/proc/sys/net/ipv4/vs/backup_only';
  host.put(setting, '0\n');
  await host.run('director', 'start', '--standby');
  t.is(host.text(setting), '1\n');
  t.is((await host.run('director', 'start')).exitCode, 0);
  t.is(host.text(setting), '0\n');
  t.is((await host.run('director', 'status')).out, 'running\n');
  const again = await host.run('apply', '-f', 'lvs.yaml');
  t.is(again.out, 'nothing to change\n', again.err);
  t.notRegex((await host.run('director', 'start')).err, /backup_only/);
  await host.run('director', 'stop');
  t.is(host.text(setting), '1\n');
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
  t.is(start.exitCode, 69);
  t.regex(start.err, /this kernel has no IPVS: `modprobe ip_vs` failed: modprobe: FATAL/);
});
