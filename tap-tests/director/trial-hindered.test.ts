import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';
import { configured, MON_CF, NEW } from '../support/renewed.js';

const HEAD = 'version: 1\ndirectors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]\nservices:\n';
const WEB = '  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11 ] }\n';
const MAIL = '  - { address: 192.0.2.101, port: 25, scheduler: rr, servers: [ 192.0.2.21 ] }\n';
const SHOP = '  - { fwmark: 7, match: [ { address: 192.0.2.102, port: 443 } ], servers: [ 192.0.2.11 ] }\n';
const HUP = 'systemctl kill --kill-who=main --signal=HUP mon.service';

function director(t: ExecutionContext): KernelHost {
  const host = new KernelHost(t);
  host.put('/proc/sys/net/ipv4/ip_forward', '0\n');
  return host;
}

function vips(host: KernelHost): string[] {
  return host.machine
    .held()
    .filter(one => one.startsWith('eth0 192.0.2.1'))
    .toSorted();
}

const MARKS = '/etc/lvsctl/templates/director/marks.nft.hbs';

test('a trial ends though templates are broken: table and addresses; marks stay, which is told and written down', async t => {
  for (const [held, trial] of [
    [WEB + MAIL, WEB + SHOP],
    [WEB + SHOP, WEB + MAIL],
  ] as const) {
    const host = director(t);
    await host.applied(t, HEAD + held);
    const before = [host.kernel.rules(), vips(host)];
    await host.applied(t, HEAD + trial, '--confirm', '60s');
    const { marks } = host.machine;
    host.put(MARKS, '{{nonsense');
    host.time += 60_000;
    const { exitCode, err } = await host.run('tick');
    t.is(exitCode, 0, err);
    t.regex(err, /firewall marks and settings of this machine stay as they are: a template cannot be used/);
    t.regex(err, /generation 2 was not confirmed in time: it is taken back/);
    t.deepEqual([host.kernel.rules(), vips(host)], before);
    t.is(host.machine.marks, marks);
    const { out } = await host.run('log', '--event', 'reverted');
    t.regex(out, /nobody has confirmed it; a template cannot be used: firewall marks and settings stay/);
    host.remove(MARKS);
    t.is((await host.run('director', 'start')).exitCode, 0);
    if (held.includes(SHOP)) t.regex(host.machine.marks!, /192\.0\.2\.102/);
  }
});

test('a rollback is not kept by broken templates either; an apply is', async t => {
  const host = director(t);
  await host.applied(t, HEAD + WEB);
  const before = [host.kernel.rules(), vips(host)];
  await host.applied(t, HEAD + WEB + SHOP);
  host.put(MARKS, '{{nonsense');
  const { exitCode, err } = await host.run('rollback');
  t.is(exitCode, 0, err);
  t.is(err.match(/firewall marks and settings of this machine stay as they are/g)?.length, 1, err);
  t.deepEqual([host.kernel.rules(), vips(host)], before);
  host.put('/here/lvs.yaml', HEAD + WEB + SHOP);
  t.is((await host.run('apply', '-f', 'lvs.yaml')).exitCode, 78);
  t.deepEqual([host.kernel.rules(), vips(host)], before);
});

test('a trial whose end the kernel refuses at first: mon reads the files that have gone back', async t => {
  const host = await configured(t);
  const [rules, text] = [host.kernel.rules(), host.text(MON_CF)];
  await host.applied(t, NEW, '--confirm', '60s');
  host.called.length = 0;
  host.time = 60_000;
  host.answers.set('ipvsadm -R', { exitCode: 1, stderr: 'Memory allocation problem\n' });
  const { err } = await host.run('tick');
  t.regex(err, /Memory allocation problem/);
  t.is(host.text(MON_CF), text);
  t.true(host.called.includes(HUP), host.called.join());
  host.answers.clear();
  host.time += 60_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.deepEqual([host.kernel.rules(), host.text(MON_CF)], [rules, text]);
});
