import { rmSync } from 'node:fs';
import test from 'ava';
import { drain } from '../../src/state/operator.js';
import { KernelHost, VRRP_PAIR } from '../support/kernel-host.js';
import { DESCRIPTION, director, say, WEB, web } from '../support/status-host.js';

test('a service by any of its names; another one is an error that says what there is', async t => {
  const host = await director(t);
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr', '-A -t [2001:db8::200]:80 -s rr']);
  const others = ['192.0.2.200:80/tcp', '[2001:db8::200]:80/tcp', '[2001:0db8:0::200]:80/tcp'];
  for (const name of ['web', WEB, '192.0.2.100:80', 'fwmark:7', ...others]) {
    for (const more of [[], ['--stats']]) t.is((await host.run('status', name, ...more)).exitCode, 0, name);
  }
  for (const name of ['wev', '$(reboot)\u001b[2J', '']) {
    const { exitCode, err } = await host.run('status', name);
    t.is(exitCode, 64);
    t.regex(err, /there is no service .*\n {2}help: .*web/);
    t.false(err.includes('\u001b'));
  }
  const bare = await new KernelHost(t).run('status', 'web');
  t.is(bare.exitCode, 64);
  t.regex(bare.err, /help: the table is empty/);
});

test('hostile words stay words', async t => {
  const host = await director(t);
  const hostile = '\u001b[2J"; `reboot` \n$(x)\u202e';
  await say(host, (before, stamp) => drain(before, [web(11)], { author: hostile, reason: hostile }, stamp));
  await host.run('apply', '--reason', hostile);
  for (const words of [['status'], ['status', '-o', 'json'], ['status', '--prometheus', '-']]) {
    const { exitCode, out } = await host.run(...words);
    t.is(exitCode, 0);
    t.notRegex(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
  t.is((await host.run('status')).out.split('\n').length, 17);
});

const failing = test.macro<[string, object, number, RegExp]>({
  exec: async (t, line, answer, exitCode, message) => {
    const host = await director(t);
    host.answers.set(line, answer);
    for (const words of [['status'], ['status', '--stats'], ['status', '--prometheus', 'x.prom']]) {
      const outcome = await host.run(...words);
      t.is(outcome.exitCode, exitCode, outcome.err);
      t.regex(outcome.err, message);
      t.is(outcome.out, '');
      t.false(host.paths('/here').includes('/here/x.prom'));
    }
  },
  title: given => `a kernel that cannot be read: ${given}`,
});

test('no ipvsadm', failing, '*', { exitCode: undefined, missing: true }, 69, /ipvsadm is missing/);
test(
  'no right to',
  failing,
  '*',
  { exitCode: 2, stderr: "Can't initialize ipvs: Permission denied\n" },
  77,
  /only root may/,
);

test('a kernel without IPVS: 69; kept state that is damaged: 1, and its name', async t => {
  const host = await director(t);
  host.put('/var/lib/lvsctl/operator.json', '{');
  const damaged = await host.run('status');
  t.is(damaged.exitCode, 1);
  t.regex(damaged.err, /operator\.json is damaged/);
  rmSync(`${host.root}/var/lib/lvsctl/operator.json`);
  rmSync(`${host.root}/proc/net/ip_vs`);
  for (const words of [['status'], ['status', '--rate']]) {
    const { exitCode, err } = await host.run(...words);
    t.is(exitCode, 69);
    t.regex(err, /modprobe ip_vs/);
  }
});

test('on a standby it says who is active', async t => {
  const pair = DESCRIPTION.replace('services:', `${VRRP_PAIR}services:`);
  const host = await director(t, pair);
  const address = (...all: string[]): string =>
    JSON.stringify([{ ifname: 'eth0', addr_info: all.map(local => ({ local, prefixlen: 24 })) }]);
  host.answers.set('ip -j addr show', { stdout: address('192.0.2.1') });
  host.answers.set('arping -D -f -w 2 -I eth0 192.0.2.100', {
    exitCode: 1,
    stdout: 'Unicast reply from 192.0.2.100 [02:00:00:00:00:02]  1ms\n',
  });
  t.regex((await host.run('status')).out, /^director +midas, standby: estepe is active$/m);
  t.regex((await host.run('status', '--prometheus', '-')).out, /^lvsctl_active 0$/m);
  host.answers.set('ip -j addr show', { stdout: address('192.0.2.1', '192.0.2.100') });
  t.regex((await host.run('status')).out, /^director +midas, active$/m);
  host.answers.set('ip -j addr show', { missing: true, exitCode: undefined });
  const { exitCode, out, err } = await host.run('status');
  t.is(exitCode, 0);
  t.regex(out, /^director +midas$/m);
  t.regex(err, /whether this director is active is unknown: the program ip is missing/);
});
