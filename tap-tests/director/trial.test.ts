import test, { type ExecutionContext } from 'ava';
import { localTime } from '../../src/view/times.js';
import { KernelHost } from '../support/kernel-host.js';

function description(...weights: number[]): string {
  const servers = weights.map((weight, n) => `{ address: 192.0.2.${11 + n}, weight: ${weight} }`);
  return `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ ${servers.join(', ')} ] }
`;
}

/** Something of others, and a hand-made service that the description takes over. */
const BEFORE = [
  '-A -t 192.0.2.100:80 -s rr',
  '-a -t 192.0.2.100:80 -r 192.0.2.99:80 -m -w 7 -x 5',
  '-A -t 192.0.2.200:80 -s rr',
];

function director(t: ExecutionContext): KernelHost {
  const host = new KernelHost(t);
  host.kernel.restore(BEFORE);
  return host;
}

/** The weights of the one service, by the kernel. */
function weights(host: KernelHost): string {
  return [...host.kernel.rules().matchAll(/^-a -t 192\.0\.2\.100:80 .* -w (\d+)$/gm)]
    .map(one => one[1])
    .join(' ');
}

test('a trial sets its timer before anything changes, says until when, and is taken back', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  host.put('/here/lvs.yaml', description(2, 2));
  const { out } = await host.run('apply', '-f', 'lvs.yaml', '--confirm', '60s');
  t.true(
    out.endsWith(
      `it is taken back at ${localTime('1970-01-01T00:01:00.000Z')} unless \`lvsctl confirm\` comes before\n`,
    ),
    out,
  );
  t.is(host.called.length, 1);
  t.regex(host.called[0]!, /^setsid --fork sh -c .* 60\.000 \/usr\/bin\/node \/package\/main\.js tick$/);
  host.time = 59_999;
  await host.run('tick');
  t.is(weights(host), '2 2');
  t.is(host.called.length, 2, 'the tick that comes too early sets the timer again');
  host.time = 60_000;
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.true(err.includes('generation 2 was not confirmed in time: it is taken back'), err);
  t.is(weights(host), '1 1');
  t.is(host.called.length, 2, 'nothing is to come');
  t.regex((await host.run('history')).out, /^\* 1 .*\n$/m);
  t.regex((await host.run('history')).out, /^ {2}2 .*never confirmed$/m);
});

test('confirmed in time it stays', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  await host.applied(t, description(2, 2), '--confirm', '60s');
  t.is((await host.run('confirm', '-n')).out, 'generation 2 would be confirmed\n');
  t.is((await host.run('confirm')).out, 'generation 2 is confirmed\n');
  host.time = 3_600_000;
  await host.run('tick');
  t.is(weights(host), '2 2');
  const { exitCode, err } = await host.run('confirm');
  t.is(exitCode, 1);
  t.true(err.includes('nothing waits to be confirmed'), err);
});

test('confirm after the time is too late, whether or not the timer came', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  await host.applied(t, description(2, 2), '--confirm', '60s');
  host.time = 61_000;
  const { exitCode } = await host.run('confirm');
  t.is(exitCode, 1);
  t.is(weights(host), '1 1');
});

test('the first trial goes back to what was there before lvsctl, and leaves others alone', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1), '--confirm', '60s', '--prune');
  await host.applied(t, description(1, 2), '--confirm', '60s');
  host.kernel.restore(['-A -t 192.0.2.222:80 -s rr']);
  host.time = 60_000;
  await host.run('tick');
  t.is(
    host.kernel.rules(),
    `-A -t 192.0.2.100:80 -s rr
-a -t 192.0.2.100:80 -r 192.0.2.99:80 -m -w 7
-A -t 192.0.2.200:80 -s rr
-A -t 192.0.2.222:80 -s rr
`,
  );
  t.regex(host.kernel.thresholds(), /192\.0\.2\.99:80 +5 /);
});

test('a trial that replaces another goes back to what held before both; an apply confirms', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  await host.applied(t, description(2, 2), '--confirm', '60s');
  host.time = 50_000;
  await host.applied(t, description(3, 3), '--confirm', '60s');
  host.time = 70_000;
  await host.run('tick');
  t.is(weights(host), '3 3');
  host.time = 110_000;
  await host.run('tick');
  t.is(weights(host), '1 1');
  await host.applied(t, description(4, 4), '--confirm', '60s');
  await host.applied(t, description(4, 4));
  host.time = 999_000;
  await host.run('tick');
  t.is(weights(host), '4 4');
});

test('after a reboot a trial is settled by the wall clock', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  await host.applied(t, description(2, 2), '--confirm', '60s');
  host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000002\n');
  host.time = 60_000;
  await host.run('tick');
  t.is(weights(host), '1 1');
});

test('without a timer no trial begins', async t => {
  const host = director(t);
  host.put('/run/systemd/system/.keep', '');
  host.failing = { exitCode: 1, stderr: 'Failed to connect to bus' };
  host.put('/here/lvs.yaml', description(1));
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml', '--confirm', '1m');
  t.is(exitCode, 1);
  t.true(err.includes('no timer can be set: systemd-run says Failed to connect to bus'), err);
  t.deepEqual(host.batches, []);
  t.false(host.paths().some(path => path.startsWith('/var/lib/')));
  delete host.failing;
  t.is((await host.run('apply', '-f', 'lvs.yaml', '--confirm', '1m')).exitCode, 0);
  t.deepEqual(host.called.slice(-2), [
    'systemctl list-units --plain --no-legend lvsctl-due-*.timer',
    'systemd-run --quiet --collect --unit=lvsctl-due-4711-0 --on-active=60.000 --timer-property=AccuracySec=100ms -- /usr/bin/node /package/main.js tick',
  ]);
});

test('the timer before goes only once there is the new one', async t => {
  const host = director(t);
  host.put('/run/systemd/system/.keep', '');
  host.answers.set('systemctl list-units --plain --no-legend lvsctl-due-*.timer', {
    stdout: 'lvsctl-due-12-3.timer loaded active waiting /usr/bin/node /package/main.js tick\n',
  });
  await host.applied(t, description(1), '--confirm', '1m');
  t.regex(host.called[0]!, /^systemd-run /);
  t.deepEqual(host.called.slice(1), ['systemctl stop lvsctl-due-12-3.timer']);
  host.called.length = 0;
  host.failing = { exitCode: 1, stderr: 'Failed to connect to bus' };
  t.is((await host.run('apply', '-f', 'lvs.yaml', '--confirm', '2m')).exitCode, 1);
  t.false(
    host.called.some(line => line.startsWith('systemctl stop')),
    host.called.join('\n'),
  );
});

test('rollback makes the one before the newest, with what was said of its servers since', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  await host.applied(t, description(2, 2));
  const said = { author: 'eve', since: { at: '1970-01-01T00:00:00.000Z', boot: '', up: 0 } };
  const entry = {
    service: '192.0.2.100:80/tcp',
    server: '192.0.2.12:80',
    drain: said,
    revision: 1,
    host: 'midas',
  };
  host.put('/var/lib/lvsctl/operator.json', JSON.stringify({ version: 1, entries: [entry] }));
  t.true((await host.run('rollback', '-n')).out.includes('weight 2 → 0'));
  const { out } = await host.run('rollback', '--reason', 'too heavy');
  t.true(out.endsWith('generation 3 runs\n'), out);
  t.is(weights(host), '1 0');
  await host.run('rollback', '2');
  t.is(weights(host), '2 0');
  const { out: history } = await host.run('history');
  t.is(
    history.replaceAll(/19(70|69)\S+ \S+ \S+/g, 'TIME'),
    `  N  TIME                       AUTHOR  WHAT
* 4  TIME  ada     rollback to 2
  3  TIME  ada     rollback to 1; too heavy
  2  TIME  ada     apply
  1  TIME  ada     apply
`,
  );
  t.is((await host.run('history', '--show', '2')).out.split('\n').slice(2).join('\n'), description(2, 2));
  t.like(JSON.parse((await host.run('history', '-o', 'json')).out).generations[0], {
    number: 4,
    runs: true,
    by: 'rollback to 2',
  });
});

test('rollback to nothing, and to what is no number, is told', async t => {
  const host = director(t);
  t.regex((await host.run('rollback')).err, /nothing has been applied yet/);
  t.is((await host.run('history')).out, 'nothing has been applied yet\n');
  await host.applied(t, description(1));
  t.regex((await host.run('rollback')).err, /generation 1 replaced no other/);
  t.regex((await host.run('rollback', '7')).err, /there is no generation 7\n {2}help: kept are 1 to 1/);
  for (const word of ['0', '01', '../1', '1e3', ''])
    t.is((await host.run('rollback', word)).exitCode, 64, word);
});

test('what was said of a server that is gone for good is forgotten', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  const said = { author: 'eve', since: { at: '1970-01-01T00:00:00.000Z', boot: '', up: 0 } };
  const entries = ['192.0.2.11:80', '192.0.2.12:80'].map(server => ({
    service: '192.0.2.100:80/tcp',
    server,
    drain: said,
    revision: 1,
    host: 'midas',
  }));
  host.put('/var/lib/lvsctl/operator.json', JSON.stringify({ version: 1, entries }));
  await host.applied(t, description(1), '--confirm', '60s');
  t.is(JSON.parse(host.text('/var/lib/lvsctl/operator.json')).entries.length, 2, 'it may come back');
  await host.run('confirm');
  t.is(JSON.parse(host.text('/var/lib/lvsctl/operator.json')).entries.length, 1);
});

test('a drain that ends by its time is settled by tick, and written down', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  const boot = '6f1c1d6e-0000-4000-8000-000000000001';
  const since = { at: '1970-01-01T00:00:00.000Z', boot, up: 0 };
  const drain = { author: 'eve', since, expires: { since, ms: 5000 } };
  const entry = { service: '192.0.2.100:80/tcp', server: '192.0.2.12:80', drain, revision: 1, host: 'midas' };
  host.put('/var/lib/lvsctl/operator.json', JSON.stringify({ version: 1, entries: [entry] }));
  await host.applied(t, description(1, 1));
  t.is(weights(host), '1 0');
  host.time = 5000;
  await host.run('tick');
  t.is(weights(host), '1 1');
  t.true(host.text('/var/lib/lvsctl/journal.jsonl').includes('"event":"drain-ends"'));
});

test('the one timer stands for what comes first, also where a trial would come later', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1), '--confirm', '60s');
  host.time = 20_000;
  await host.applied(t, description(2, 2), '--confirm', '300s');
  t.regex(host.called.at(-1)!, / 40\.000 /);
  host.time = 60_000;
  await host.run('tick');
  t.is(weights(host), '2 2');
  t.regex(host.called.at(-1)!, / 260\.000 /);
});

test('a trial that the kernel refuses leaves the one before it, and its timer', async t => {
  const host = director(t);
  await host.applied(t, description(1, 1));
  await host.applied(t, description(2, 2), '--confirm', '60s');
  host.kernel.lacks.add('wrr');
  host.put(
    '/here/lvs.yaml',
    `${description(3, 3)}  - { address: 192.0.2.100, port: 81, scheduler: wrr, servers: [ 192.0.2.11 ] }\n`,
  );
  t.is((await host.run('apply', '-f', 'lvs.yaml', '--confirm', '1h')).exitCode, 1);
  t.regex(host.called.at(-1)!, / (60|59)\.\d+ /);
  t.is(weights(host), '2 2');
  host.time = 61_000;
  host.kernel.lacks.clear();
  await host.run('tick');
  t.is(weights(host), '1 1');
});

test('after any number of trials, none confirmed, what was there before lvsctl comes back', async t => {
  const host = director(t);
  for (let weight = 1; weight <= 52; weight++)
    await host.applied(t, description(weight, 1), '--confirm', '60s');
  host.time = 60_000;
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.true(host.kernel.rules().includes('-r 192.0.2.99:80 -m -w 7'));
});
