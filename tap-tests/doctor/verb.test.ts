import test from 'ava';
import { TestHost } from '../support/context.js';
import { DoctorHost, healthy } from '../support/doctor-host.js';

const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }
`;
const KEEPALIVED = `version: 1
checker: keepalived
directors:
  - { name: midas, address: 192.0.2.1, interface: eth0 }
  - { name: estepe, address: 192.0.2.2, interface: eth0 }
failover: { by: vrrp, sync_connections: true }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }
`;

const REPORT = `midas: director, judged by generation 1, which runs here

server 192.0.2.12
  error[server-unreachable]: no route leads to it
    why   what clients send to it is lost
    help  a route, or its network's interface

net.ipv4.vs.expire_nodest_conn
  warning[dead-server-keeps-clients]: it is 0, and should be 1
    why   clients of a dead server hang until their own time-out, instead of being reset and served by another one
    mend  echo 1 > /proc/sys/net/ipv4/vs/expire_nodest_conn

1 error, 1 warning; N checks passed
`;

test('a finding says what, why and by which command', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  host.routes.set('192.0.2.12', null);
  const { exitCode, out, err } = await host.run('doctor');
  t.is(err, '');
  t.is(exitCode, 1);
  t.is(out.replace(/\d+ checks/, 'N checks'), REPORT);
});

test('--fix -n shows the commands and runs none; --fix prints each, and looks again', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  host.kernel.restore(['-d -t 192.0.2.100:80 -r 192.0.2.11:80']);
  const before = host.everything();
  const table = host.kernel.rules();
  const dry = await host.run('doctor', '--fix', '-n');
  const commands = '# echo 1 > /proc/sys/net/ipv4/vs/expire_nodest_conn\n# lvsctl director start --standby\n';
  t.is(dry.err, commands);
  t.is(dry.exitCode, 1);
  t.deepEqual(host.everything(), before);
  t.is(host.kernel.rules(), table);
  const { err, out, exitCode } = await host.run('doctor', '--fix');
  t.is(err, commands);
  t.regex(out, /\n0 errors, 0 warnings; /);
  t.is(exitCode, 0);
});

test('a command that fails is told, the others are run, and what is left counts', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.folder = '777 0';
  host.kernel.restore(['-d -t 192.0.2.100:80 -r 192.0.2.11:80']);
  host.says.set('chmod', { exitCode: 1, stderr: 'chmod:\u001b[31m Read-only file system\n' });
  const { err, exitCode, out } = await host.run('doctor', '--fix');
  t.regex(err, /^warning: `chmod go-w \/var\/lib\/lvsctl` failed: chmod:\\u001b\[31m Read-only/m);
  t.regex(out, /error\[state-open\][^]*\n1 error, 0 warnings; /);
  t.is(exitCode, 1);
});

test('what is seen only once something else is mended is mended, too', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.kernel.restore(['-D -t 192.0.2.100:80']);
  host.remove('/proc/net/ip_vs');
  const { programs } = host;
  host.programs = (program, args, options) => {
    if (program === 'modprobe' && args[0] === 'ip_vs') host.put('/proc/net/ip_vs', '');
    return programs(program, args, options);
  };
  const { err, codes } = await host.doctor('--fix');
  t.is(err, '# modprobe ip_vs\n# lvsctl director start --standby\n');
  t.deepEqual(codes, []);
});

test('--only names checks, and a wrong name is told', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  host.routes.set('192.0.2.12', null);
  t.deepEqual((await host.doctor('--only', 'settings', 'table')).codes, ['dead-server-keeps-clients']);
  t.deepEqual((await host.doctor('--only', 'table')).passed, ['table']);
  const { exitCode, err } = await host.run('doctor', '--only', 'tabel');
  t.is(exitCode, 64);
  t.regex(err, /there is no check "tabel"\n {2}help: did you mean table\?/);
});

test('-n without --fix is a mistake', async t => {
  const { exitCode, err } = await (await healthy(t, DESCRIPTION)).run('doctor', '-n');
  t.is(exitCode, 64);
  t.regex(err, /-n goes with --fix/);
});

test('where nothing runs the description is the measure, and that nothing runs is found', async t => {
  const host = new DoctorHost(t);
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION);
  const { out } = await host.run('doctor');
  t.regex(out, /^midas: director, judged by \/etc\/lvsctl\/lvs\.yaml\n/);
  const { codes } = await host.doctor();
  t.deepEqual(codes.filter(one => /not-/.test(one)).toSorted(), [
    'module-not-loaded',
    'not-applied',
    'not-configured',
  ]);
});

test('with neither, and on a machine that is no part of it, the words are those of every verb', async t => {
  const host = new DoctorHost(t);
  const nothing = await host.run('doctor');
  t.is(nothing.exitCode, 64);
  t.regex(nothing.err, /there is neither \/etc\/lvsctl\/lvs\.yaml nor/);
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION);
  host.name = 'nobody';
  const stranger = await host.run('doctor');
  t.is(stranger.exitCode, 64);
  t.regex(stranger.err, /this host is no part of the cluster/);
  t.is((await host.run('doctor', '--host', 'midas', '--only', 'modules')).out.split(':')[0], 'midas');
});

test('a damaged generation is told, and the description is the measure', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.put('/var/lib/lvsctl/generations/1.json', '{');
  const { findings } = await host.doctor();
  t.true(findings.some(({ code, what }) => code === 'state-unusable' && what.includes('generations/1.json')));
});

test('what cannot be found out is told with its reason, and keeps nothing else from being found', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  host.says.set('timedatectl', { exitCode: 1, stderr: 'Failed to connect to bus' });
  host.says.set('nft list ruleset', { missing: true, exitCode: undefined });
  host.says.set('ip -j link', { timedOut: true, exitCode: undefined });
  host.says.set('ip -o -force', { missing: true, exitCode: undefined });
  host.says.set('df', { exitCode: 1, stderr: 'df: \u001b[31mno\n' });
  const { unknown, codes, exitCode } = await host.doctor();
  t.is(exitCode, 0);
  t.deepEqual(codes, ['dead-server-keeps-clients']);
  t.deepEqual(
    unknown.map(({ check, why }) => `${check}: ${why}`),
    [
      'interfaces: ip gave no answer in 20 s',
      'routes: the program ip is missing, or may not be run',
      'firewall: the program nft is missing, or may not be run',
      'state: df -P -k /var/lib/lvsctl: df: \\u001b[31mno',
      'clock: timedatectl does not say whether the clock is kept right',
    ],
  );
  const { out } = await host.run('doctor');
  t.regex(out, /\nnot known\n {2}interfaces: ip gave no answer/);
  t.regex(out, /\n0 errors, 1 warning; \d+ checks passed, 5 not known\n$/);
});

test("a template of the administrator's that cannot be used keeps the doctor from what is made of it", async t => {
  const host = await healthy(t, DESCRIPTION);
  host.put('/etc/lvsctl/templates/director/sysctl.conf.hbs', '{{nonsense}}\n');
  const { out, exitCode } = await host.run('doctor');
  t.is(exitCode, 0);
  t.is(out.split('a template cannot be used').length, 3, out);
  t.regex(out, /\n {2}modules, settings, .*: a template cannot be used:\n {4}.*sysctl\.conf\.hbs/);
});

test('a standby that has not got the key of the failover yet is looked at all the same', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.name = 'estepe';
  host.put(
    '/here/pair.yaml',
    `version: 1
directors: [ { name: midas, address: 192.0.2.2, interface: eth0 }, { name: estepe, address: 192.0.2.1, interface: eth0 } ]
failover: { by: heartbeat }
services: [ { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11 ] } ]
`,
  );
  const { unknown } = await host.doctor('-f', 'pair.yaml');
  t.deepEqual(
    unknown.map(({ check }) => check),
    [],
  );
});

test('who may not look at everything hears it, and the exit code is 77', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.says.set('nft list ruleset', { exitCode: 1, stderr: 'Operation not permitted (you must be root)\n' });
  const { exitCode, unknown } = await host.doctor();
  t.is(exitCode, 77);
  t.is(unknown[0]!.check, 'firewall');
});

test('keepalived as checker: without -I, with another file, or dead it is found', async t => {
  const host = new DoctorHost(t);
  host.put('/here/lvs.yaml', KEEPALIVED);
  const look = async (...checks: string[]): Promise<string[]> => [
    ...(await host.doctor('-f', 'lvs.yaml', '--only', ...checks)).codes,
  ];
  t.deepEqual(await look('daemons'), ['checker-not-running']);
  host.process(7, '/usr/sbin/keepalived', '--dont-fork');
  t.deepEqual(await look('daemons'), ['restart-resets']);
  host.process(7, '/usr/sbin/keepalived', '--dont-fork', '--dont-release-ipvs', '-f', '/tmp/\u001b.conf');
  const { findings } = await host.doctor('-f', 'lvs.yaml', '--only', 'daemons');
  t.deepEqual(
    findings.map(({ what }) => what),
    ['it reads /tmp/\\u001b.conf, and not /etc/keepalived/keepalived.conf'],
  );
  host.process(7, '/usr/sbin/keepalived', '-nI');
  t.deepEqual(await look('daemons'), []);
  host.machine.interfaces.get('eth0')!.push({ local: '192.0.2.100', prefixlen: 32 });
  host.machine.daemons = 'backup sync daemon (mcast=eth0, syncid=51, maxlen=1472)\n';
  t.deepEqual(await look('sync'), ['sync-missing']);
  host.machine.daemons = 'master sync daemon (mcast=eth0, syncid=51, maxlen=1472)\n';
  t.deepEqual(await look('sync'), []);
});

test('what is due later and has no timer is found, and tick sets one', async t => {
  const host = await healthy(t, DESCRIPTION);
  t.is((await host.run('drain', 'web', '192.0.2.11', '--expires', '1h')).exitCode, 0);
  t.deepEqual((await host.doctor()).codes, ['timer-missing']);
  host.says.set('systemctl list-units', { stdout: 'lvsctl-due-1-2.timer loaded active waiting x\n' });
  t.deepEqual((await host.doctor()).codes, []);
  host.time += 3_700_000;
  t.deepEqual((await host.doctor('--only', 'timer')).codes, ['deadline-overdue']);
  t.deepEqual((await host.doctor('--fix')).codes, []);
});

test('many files that are missing are said at once', async t => {
  const host = await healthy(t, DESCRIPTION);
  for (const path of [
    '/etc/modules-load.d/lvsctl.conf',
    '/etc/sysctl.d/60-lvsctl.conf',
    '/etc/init.d/director.lvs.dr',
    '/usr/local/sbin/fill_table',
  ])
    host.remove(path);
  const { findings } = await host.doctor('--only', 'files');
  t.deepEqual(
    findings.map(({ subject, what }) => `${subject}: ${what.split(':')[0]!}`),
    ['rendered files: 4 are missing'],
  );
});

test('where nobody can be asked who has the VIP, that is not known, and not that nobody has it', async t => {
  const host = new DoctorHost(t);
  host.put('/here/lvs.yaml', KEEPALIVED);
  const look = async () => await host.doctor('-f', 'lvs.yaml', '--only', 'vips');
  t.deepEqual((await look()).codes, ['vip-nowhere']);
  host.says.set('arping', { missing: true, exitCode: undefined });
  const { codes, unknown } = await look();
  t.deepEqual([codes, unknown[0]?.why], [[], 'there is no arping to ask the neighbours with']);
});

test('a table that is being changed just now is no drift', async t => {
  const host = await healthy(t, DESCRIPTION);
  const server = '-t 192.0.2.100:80 -r 192.0.2.11:80';
  host.kernel.restore([`-d ${server}`]);
  let looks = 0;
  const { programs } = host;
  host.programs = (program, args, options) => {
    // The second look, and all after it, finds it whole.
    if (args[0] === '-Sn' && ++looks === 2) host.kernel.restore([`-a ${server} -g -w 1`]);
    return programs(program, args, options);
  };
  t.deepEqual((await host.doctor('--only', 'table')).codes, []);
  t.is(looks, 2);
});

test('an error that nobody has foreseen is a bug, and no finding', async t => {
  const host = await healthy(t, DESCRIPTION);
  host.runner = { ...host.runner, run: () => Promise.reject(new TypeError('a bug')) };
  await t.throwsAsync(host.run('doctor'), { instanceOf: TypeError });
});

test('without any program all is not known, and nothing breaks', async t => {
  const host = new TestHost(t);
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION);
  host.runner = {
    run: () =>
      Promise.resolve({ exitCode: undefined, stdout: '', stderr: '', missing: true, timedOut: false }),
    follow: () => Promise.reject(new Error('nothing is followed here')),
  };
  const { exitCode, out, err } = await host.run('doctor');
  t.is(err, '');
  t.is(exitCode, 1);
  t.regex(out, /error\[no-ipvs\][^]*table, sync: this kernel has no IPVS/);
});
