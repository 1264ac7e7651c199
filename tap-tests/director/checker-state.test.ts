import test from 'ava';
import { director as checked } from '../support/checked.js';
import { KernelHost, MON_PID } from '../support/kernel-host.js';
import { configured, OLD } from '../support/renewed.js';

const DEAD = 'mon does not run on this host, so that no dead server is taken out';
const HELP = '; `systemctl start mon` starts it';
const VERBS = [
  ['apply', '-f', 'lvs.yaml'],
  ['plan', '-f', 'lvs.yaml'],
  ['apply', '-f', 'lvs.yaml', '-n'],
];

/** What `status` says of the checker: its line, its JSON and its metric. */
async function told(host: KernelHost): Promise<[string | undefined, unknown, string | undefined]> {
  const { checker } = JSON.parse((await host.run('status', '-o', 'json')).out) as { checker?: unknown };
  const line = /^checker +(.*)$/m.exec((await host.run('status')).out)?.[1];
  const metrics = (await host.run('status', '--prometheus', '-')).out;
  return [line, checker, /^lvsctl_checker_running (.*)$/m.exec(metrics)?.[1]];
}

async function warnings(host: KernelHost): Promise<string[]> {
  const all: string[] = [];
  for (const words of VERBS) {
    const { exitCode, out, err } = await host.run(...words);
    if (exitCode !== 0 || !out.startsWith('nothing to change'))
      throw new Error(`${words.join(' ')}: ${out}${err}`);
    all.push(err);
  }
  return all;
}

test('mon that is dead is told by status, plan and apply, with what starts it', async t => {
  const host = await configured(t);
  t.deepEqual(await warnings(host), ['', '', '']);
  t.deepEqual(await told(host), [undefined, { name: 'mon', running: true }, '1']);
  host.put('/proc/7/cmdline', '/usr/bin/dbus-daemon\0--system\0');
  // systemd knows one that has written down nothing.
  t.deepEqual(await warnings(host), ['', '', '']);
  host.answers.set('systemctl is-active --quiet mon.service', { exitCode: 3 });
  t.deepEqual(await warnings(host), Array(3).fill(`warning: ${DEAD}${HELP}\n`));
  const problem = DEAD + HELP;
  t.deepEqual(await told(host), [problem, { name: 'mon', running: false, problem }, '0']);
});

test('an apply that is known to have nothing to do asks no program about a checker that runs', async t => {
  const host = await configured(t);
  await host.applied(t, OLD);
  host.called.length = 0;
  t.is((await host.applied(t, OLD)).err, '');
  t.deepEqual(host.called, []);
});

test('without systemd only that it does not run; nothing without a checker, without anything applied, elsewhere', async t => {
  const host = new KernelHost(t);
  host.put(MON_PID, '');
  t.deepEqual(await told(host), [undefined, undefined, undefined]);
  host.put('/here/lvs.yaml', OLD);
  t.false((await host.run('plan', '-f', 'lvs.yaml')).err.includes('does not run'));
  t.is((await host.applied(t, OLD)).err.split('\n').at(-2), `warning: ${DEAD}`);
  t.is((await told(host))[0], DEAD);
  host.name = 'elsewhere';
  await host.files.remove('/run/lvsctl/unchanged.json');
  t.deepEqual(await told(host), [undefined, undefined, undefined]);
  t.deepEqual(await warnings(host), ['', '', '']);
  host.name = 'midas';
  t.false((await host.applied(t, OLD.replace('checker: mon', 'checker: none'))).err.includes('does not run'));
  t.deepEqual(await told(host), [undefined, undefined, undefined]);
});

test('keepalived that is dead, and one that runs and checks nothing, are two things', async t => {
  const one = await checked(t);
  t.deepEqual(await warnings(one.host), ['', '', '']);
  t.is((await told(one.host))[2], '1');
  // Its parent starts another one at once.
  await one.keepalived.killChecker();
  t.is((await told(one.host))[2], '1');
  await one.disk.remove('/run/checkers.pid');
  for (const err of await warnings(one.host))
    t.regex(err, /^warning: keepalived runs on this host, but checks nothing, .*`lvsctl doctor`/m);
  t.regex((await told(one.host))[0]!, /checks nothing/);
  await one.keepalived.stop();
  for (const err of await warnings(one.host))
    t.regex(err, /^warning: keepalived does not run on this host, /m);
  await one.disk.replace('/run/systemd/system/x', '', 0o644);
  t.regex((await told(one.host))[0]!, /; `systemctl start keepalived` starts it$/);
  t.is((await told(one.host))[2], '0');
});
