import { mkdirSync, symlinkSync } from 'node:fs';
import test from 'ava';
import { readJournal } from '../state/support.js';
import { alerted, mon, servers } from '../support/alerted.js';
import { KernelHost } from '../support/kernel-host.js';

const WEB1 = '192.0.2.11:80';
const WEB2 = '192.0.2.12:80';

test('the type decides, then the flags; acknowledged, switched off and tests change nothing', async t => {
  const host = await alerted(t);
  for (const kind of ['ack', 'disable', 'test']) {
    const { exitCode, out } = await mon(host, kind, 'web', WEB1);
    t.deepEqual([exitCode, out], [0, 'nothing to do: the alert tells of no failure and no return\n']);
  }
  host.monAlertType = undefined;
  for (const flag of ['-a', '-D']) t.is((await host.run('alert', flag, 'web', WEB1)).exitCode, 0);
  t.is(servers(host), '11=3 12=1');
  for (const flags of [[], ['-T'], ['-O']]) {
    await host.run('alert', ...flags, 'web', WEB1);
    t.is(servers(host), '12=1');
    host.time += 1000;
    await host.run('alert', '-u', 'web', WEB1);
    t.is(servers(host), '12=1 11=3');
    host.time += 1000;
  }
  for (const kind of ['trap', 'traptimeout']) {
    await mon(host, kind, 'web', WEB1);
    t.is(servers(host), '12=1');
    host.time += 1000;
    host.monAlertType = 'up';
    await host.run('alert', 'web', WEB1);
    host.time += 1000;
  }
  host.monAlertType = 'panic';
  const { exitCode, err } = await host.run('alert', 'web', WEB1);
  t.is(exitCode, 64);
  t.regex(err, /MON_ALERTTYPE is "panic", which is no kind of alert\n {2}help: there are failure/);
});

test('flags of another mon are accepted, hostile words are refused or mean nothing', async t => {
  const host = await alerted(t);
  host.monAlertType = 'failure';
  const odd = ['-x', '-h', '-u', '-s', '$(reboot)', '-g', '`x`; rm -rf /', '-t', 'now', '--new', '7'];
  t.is((await host.run('alert', ...odd, 'web', WEB1)).exitCode, 0);
  t.is(servers(host), '12=1');
  for (const words of [
    [],
    ['web'],
    ['-h', 'web', WEB1],
    ['web', '-r'],
    ['we b', WEB1],
    ['web', '$(id)'],
    ['web', '../x'],
    ['web', ''],
    ['web\n', WEB1],
    ['web', 'x'.repeat(300)],
  ]) {
    const { exitCode, err } = await host.run('alert', ...words);
    t.is(exitCode, 64, words.join(' '));
    t.regex(err, /SERVICE and SERVER|cannot be a (service|server)/);
  }
  host.time += 1000;
  const { exitCode } = await mon(host, 'failure', 'web', WEB2, {
    input: `x\n\u001b[2J\u202e${'A'.repeat(5000)}"}\n`,
  });
  t.is(exitCode, 0);
  const { entries } = await readJournal(host.files);
  t.regex(entries.at(-1)!.cause, /^mon: \\u001b\[2J\\u202eA{100}/);
  t.true(entries.at(-1)!.cause.length < 250);
});

test('an unknown service is told; a server that is gone is no failure; neither changes anything', async t => {
  const host = await alerted(t);
  const before = host.kernel.rules();
  const unknown = await mon(host, 'failure', 'wbe', WEB1);
  t.is(unknown.exitCode, 1);
  t.regex(
    unknown.err,
    /an alert about wbe, 192\.0\.2\.11:80 changes nothing: there is no service "wbe"\n {2}help: did you mean "web"\?/,
  );
  const gone = await mon(host, 'failure', 'web', '192.0.2.77:80');
  t.is(gone.exitCode, 0);
  t.regex(gone.err, /warning: an alert about web, 192\.0\.2\.77:80 changes nothing/);
  t.is(host.kernel.rules(), before);
  t.deepEqual(host.paths('/run/lvsctl/inbox'), []);
});

test('where nothing has been applied yet it says so', async t => {
  const host = new KernelHost(t);
  const { exitCode, err } = await mon(host, 'failure', 'web', WEB1);
  t.is(exitCode, 1);
  t.regex(err, /nothing has been applied on this director yet/);
});

test('a dry run says what would change, and leaves no alert', async t => {
  const host = await alerted(t);
  const before = host.everything('/run/lvsctl');
  const { exitCode, out } = await host.run('alert', '--dry-run', 'web', 'web1');
  t.is(exitCode, 0);
  t.regex(out, /192\.0\.2\.11:80/);
  t.regex(out, /web: web1 \(192\.0\.2\.11:80\) is dead: out of the table\n$/);
  t.deepEqual(host.everything('/run/lvsctl'), before);
  t.is(servers(host), '11=3 12=1');
});

test('with the turn all that waits is heard, once the turn is given up; without it nothing is done', async t => {
  const host = await alerted(t);
  const dropped = (server: string): void => {
    const at = {
      at: new Date(host.time).toISOString(),
      boot: '6f1c1d6e-0000-4000-8000-000000000001',
      up: host.time,
    };
    const event = { finding: 'failure', service: 'web', server, at };
    const name = `${server.replaceAll('.', '').padStart(18, '0')}-0123456789ab.json`;
    host.put(`/run/lvsctl/inbox/${name}`, JSON.stringify({ version: 1, event }));
  };
  dropped('192.0.2.11');
  for (const word of ['7', 'x', '', '-1']) {
    const { exitCode, err } = await host.run('alert', '--turn', word);
    t.is(exitCode, 64, err);
  }
  mkdirSync(`${host.root}/proc/self/fd`, { recursive: true });
  symlinkSync('/run/lvsctl/turn', `${host.root}/proc/self/fd/7`);
  const given: number[] = [];
  host.close = descriptor => {
    given.push(descriptor);
    // Who comes until now relies on it.
    dropped('192.0.2.12');
  };
  const { exitCode, out } = await host.run('alert', '--turn', '7');
  t.is(exitCode, 0);
  t.deepEqual(given, [7]);
  t.regex(out, /^web: web1 .* is dead/m);
  t.deepEqual(host.paths('/run/lvsctl/inbox'), []);
  // Of two that died in one moment the first is kept.
  t.is(servers(host), '11=3');
  t.is((await host.run('alert', '--turn', '7')).exitCode, 0);
});
