import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const HEAD = 'version: 1\ndirectors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]\nservices:\n';
const PAIR = (by: string): string => `version: 1
directors: [ { name: midas, address: 192.0.2.1, interface: eth0 }, { name: estepe, address: 192.0.2.2, interface: eth0 } ]
failover: { by: ${by}, links: [ eth1 ] }
services:
`;
const WEB = '  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11 ] }\n';
const MAIL = '  - { address: 192.0.2.101, port: 25, scheduler: rr, servers: [ 192.0.2.21 ] }\n';
const SHOP = '  - { fwmark: 7, match: [ { address: 192.0.2.102, port: 443 } ], servers: [ 192.0.2.11 ] }\n';
const NAT = '  - { address: 192.0.2.100, port: 81, servers: [ { address: 192.0.2.31, forwarding: nat } ] }\n';

function director(t: ExecutionContext): KernelHost {
  const host = new KernelHost(t);
  host.put('/proc/sys/net/ipv4/ip_forward', '0\n');
  return host;
}

async function apply(
  t: ExecutionContext,
  host: KernelHost,
  text: string,
  ...more: string[]
): Promise<{ out: string; err: string }> {
  host.machine.changes.length = 0;
  return await host.applied(t, text, ...more);
}

function vips(host: KernelHost): string {
  return host.machine
    .held()
    .flatMap(one => /^eth0 (192\.0\.2\.1\d\d)\/32$/.exec(one)?.[1] ?? [])
    .toSorted()
    .join(' ');
}

test('what comes: the table first, then marks and the address, and its neighbours are told', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB);
  t.is(vips(host), '192.0.2.100');
  const { out, err } = await apply(t, host, HEAD + WEB + MAIL + SHOP);
  t.true(
    out.includes(`+ firewall marks
+ 192.0.2.101/32  on eth0
+ 192.0.2.102/32  on eth0

7 to add, 0 to change, 0 to remove
`),
    out,
  );
  t.deepEqual(
    host.machine.changes.map(line => line.split(' ').slice(0, 4).join(' ')),
    [
      '-A -t 192.0.2.101:25 -s',
      '-a -t 192.0.2.101:25 -r',
      '-A -f 7 -s',
      '-a -f 7 -r',
      'nft -f -',
      'ip addr add 192.0.2.101/32',
      'ip addr add 192.0.2.102/32',
      'arping eth0 192.0.2.101 eth0',
    ],
  );
  t.true(err.includes('\nip addr add 192.0.2.101/32 dev eth0\n'), err);
  t.is((await apply(t, host, HEAD + WEB + MAIL + SHOP)).out, 'nothing to change\n');
  t.deepEqual(host.machine.changes, []);
});

test('plan names them where something runs', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB);
  host.put('/here/lvs.yaml', HEAD + WEB + SHOP);
  const { exitCode, out } = await host.run('plan', '-f', 'lvs.yaml');
  t.is(exitCode, 2);
  t.true(out.includes('+ firewall marks\n+ 192.0.2.102/32  on eth0\n\n4 to add'), out);
  await host.run('apply', '-f', 'lvs.yaml');
  t.deepEqual(await host.run('plan', '-f', 'lvs.yaml'), { exitCode: 0, out: 'nothing to change\n', err: '' });
});

test('what goes: the address first, then the table and its marks; rollback brings it back', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB + MAIL + SHOP);
  const { out } = await apply(t, host, HEAD + WEB);
  t.true(out.startsWith('− 192.0.2.101/32  on eth0\n− 192.0.2.102/32  on eth0\n− '), out);
  t.true(out.includes('\n− firewall marks\n\n'), out);
  t.deepEqual(host.machine.changes.slice(0, 2), [
    'ip addr del 192.0.2.101/32 dev eth0',
    'ip addr del 192.0.2.102/32 dev eth0',
  ]);
  t.is(host.machine.changes.at(-1), 'nft delete table inet lvsctl_marks');
  t.is(vips(host), '192.0.2.100');
  await host.run('rollback');
  t.is(vips(host), '192.0.2.100 192.0.2.101 192.0.2.102');
  t.regex(host.machine.marks!, /192\.0\.2\.102/);
});

test('settings that a new service needs come with it', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB);
  const { out } = await apply(t, host, HEAD + WEB + NAT);
  t.true(out.includes('~ /proc/sys/net/ipv4/ip_forward  0 → 1\n'), out);
  t.is(host.text('/proc/sys/net/ipv4/ip_forward'), '1\n');
});

test('a dry run names them as data, and changes nothing', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB);
  const { out } = await apply(t, host, HEAD + MAIL, '-n', '-o', 'json');
  t.deepEqual(JSON.parse(out).machine, {
    before: { addresses: [{ address: '192.0.2.100', prefix: 32, interface: 'eth0' }], settings: [] },
    after: { addresses: [{ address: '192.0.2.101', prefix: 32, interface: 'eth0' }], settings: [] },
  });
  t.deepEqual(host.machine.changes, []);
  t.is(vips(host), '192.0.2.100');
});

test('a trial takes its addresses and marks away again', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB + MAIL);
  await apply(t, host, HEAD + WEB + SHOP, '--confirm', '60s');
  t.is(vips(host), '192.0.2.100 192.0.2.102');
  host.time += 60_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(vips(host), '192.0.2.100 192.0.2.101');
  t.is(host.machine.marks, undefined);
});

test('what was there before lvsctl stays when its first generations are taken back', async t => {
  const host = director(t);
  host.machine.interfaces.get('eth0')!.push({ local: '192.0.2.100', prefixlen: 24 });
  const marks = 'table inet lvsctl_marks {\n\tchain mine {\n\t}\n}\n';
  host.machine.marks = marks;
  await apply(t, host, HEAD + WEB + SHOP, '--confirm', '60s');
  await apply(t, host, HEAD + WEB + SHOP + MAIL, '--confirm', '60s');
  t.is(vips(host), '192.0.2.101 192.0.2.102');
  host.time += 70_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(vips(host), '');
  t.true(host.machine.held().includes('eth0 192.0.2.100/24'));
  t.true(host.machine.marks.endsWith(marks), host.machine.marks);
});

test('what the kernel refuses is taken back with its addresses', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB + SHOP);
  const [rules, marks] = [host.kernel.rules(), host.machine.marks];
  host.kernel.lacks.add('mh');
  host.put('/here/lvs.yaml', HEAD + MAIL.replace('rr', 'mh'));
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1, err);
  t.is(host.kernel.rules(), rules);
  t.is(vips(host), '192.0.2.100 192.0.2.102');
  t.is(host.machine.marks!.trim().split('\n').at(-1), marks!.trim().split('\n').at(-1));
  host.machine.refused.set(/^ip addr add 192\.0\.2\.101/, 'RTNETLINK answers: Operation not supported');
  host.put('/here/lvs.yaml', HEAD + WEB + SHOP + MAIL);
  const refused = await host.run('apply', '-f', 'lvs.yaml');
  t.is(refused.exitCode, 1);
  t.regex(
    refused.err,
    /`ip addr add 192\.0\.2\.101\/32 dev eth0` failed: .*not supported; all of it is taken back/,
  );
  t.is(host.kernel.rules(), rules);
});

test('with vrrp addresses are keepalived’s', async t => {
  const host = director(t);
  host.machine.interfaces.get('eth0')!.push({ local: '192.0.2.100', prefixlen: 32 });
  await apply(t, host, PAIR('vrrp') + WEB);
  const { out } = await apply(t, host, PAIR('vrrp') + MAIL + SHOP);
  t.false(out.includes('on eth0'), out);
  t.is(vips(host), '192.0.2.100');
  t.not(host.machine.marks, undefined);
});

test('with heartbeat the standby gets marks and settings, the active one addresses too', async t => {
  const host = director(t);
  await apply(t, host, PAIR('heartbeat') + WEB);
  await apply(t, host, PAIR('heartbeat') + WEB + SHOP);
  t.is(vips(host), '');
  t.not(host.machine.marks, undefined);
  await host.run('director', 'start');
  t.is(vips(host), '192.0.2.100 192.0.2.102');
  await apply(t, host, PAIR('heartbeat') + WEB + MAIL);
  t.is(vips(host), '192.0.2.100 192.0.2.101');
});

test('a director that was stopped gets no address until it is started', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB);
  await host.run('director', 'stop');
  await apply(t, host, HEAD + WEB + MAIL);
  t.is(vips(host), '');
  await host.run('director', 'start');
  t.is(vips(host), '192.0.2.100 192.0.2.101');
});

test('--wait: an address stays as long as the servers behind it', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB + MAIL);
  const { out } = await apply(t, host, HEAD + WEB, '--wait', '5s');
  t.true(out.includes('− 192.0.2.101/32  on eth0\n'), out);
  const { changes } = host.machine;
  const at = (text: string): number => changes.findIndex(line => line.startsWith(text));
  t.true(at('-e -t 192.0.2.101:25 -r 192.0.2.21:25 -g -w 0') >= 0, changes.join());
  t.true(at('-e -t 192.0.2.101:25 -r 192.0.2.21:25 -g -w 0') < at('ip addr del 192.0.2.101'), changes.join());
  t.true(at('ip addr del 192.0.2.101') < at('-D -t 192.0.2.101:25'), changes.join());
  t.is(vips(host), '192.0.2.100');
});

test('a host that is no director of the cluster has a table and nothing else', async t => {
  const host = director(t);
  host.name = 'elsewhere';
  host.addresses = ['192.0.2.99'];
  await apply(t, host, HEAD + WEB + SHOP);
  t.is(vips(host), '');
  t.is(host.machine.marks, undefined);
});

test('no route to an address without an interface: told before anything changes', async t => {
  const host = director(t);
  host.answers.set('ip -o route get 192.0.2.100', { exitCode: 2, stderr: 'Network is unreachable' });
  host.put('/here/lvs.yaml', `version: 1\nservices:\n${WEB}`);
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.regex(err, /no route leads to 192\.0\.2\.100\n {2}help: the description has to name its interface/);
  t.is(host.kernel.rules(), '');
});

test('an address whose interface is another one now moves there', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB);
  const { out } = await apply(t, host, HEAD + WEB.replace('port: 80,', 'port: 80, interface: eth1,'));
  t.true(out.includes('− 192.0.2.100/32  on eth0\n+ 192.0.2.100/32  on eth1\n'), out);
  t.deepEqual(
    host.machine.held().filter(one => one.includes('.100/')),
    ['eth1 192.0.2.100/32'],
  );
});

test('a trial that is taken back leaves the addresses that had been there before it', async t => {
  const host = director(t);
  await apply(t, host, HEAD + WEB);
  host.machine.interfaces.get('eth0')!.push({ local: '192.0.2.101', prefixlen: 32 });
  await apply(t, host, HEAD + WEB + MAIL, '--confirm', '60s');
  await apply(t, host, HEAD + WEB + MAIL + SHOP, '--confirm', '60s');
  t.is(vips(host), '192.0.2.100 192.0.2.101 192.0.2.102');
  host.time += 70_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(vips(host), '192.0.2.100 192.0.2.101');
});

for (const [what, held] of [
  ['what held before it', HEAD + WEB],
  ['what was there before lvsctl', undefined],
] as const) {
  test(`a trial that is taken back to ${what} takes along what it has let go`, async t => {
    const host = director(t);
    host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
    if (held !== undefined) await apply(t, host, held);
    const before = host.kernel.rules();
    await apply(t, host, HEAD + WEB + MAIL, '--confirm', '60s');
    host.interrupted = () => true;
    const thresholds = host.kernel.thresholds.bind(host.kernel);
    host.kernel.thresholds = () => thresholds().replace(/(192\.0\.2\.21:25 .*?)0 +0 +$/m, '$13          0');
    host.put('/here/lvs.yaml', HEAD + WEB);
    await host.run('apply', '-f', 'lvs.yaml', '--confirm', '60s', '--wait', '300s');
    t.true(host.kernel.rules().includes('192.0.2.101:25'));
    host.interrupted = () => false;
    host.time += 70_000;
    t.is((await host.run('tick')).exitCode, 0);
    t.is(host.kernel.rules(), before);
    t.is(vips(host), held === undefined ? '' : '192.0.2.100');
  });
}
