import test, { type ExecutionContext } from 'ava';
import type { KernelHost } from '../support/kernel-host.js';
import { load, polled } from '../support/polled.js';

const WEB = `version: 1
polling: { schedule: '*/5 * * * * *', timeout: 2s }
services: [ { name: web, address: 192.0.2.100, port: 80, scheduler: wlc, servers: [ 192.0.2.11 ] } ]
`;
const HOUR = 3_600_000;

/** A director, and the seconds since noon at which its poller asks; something may happen at each question. */
async function asked(
  t: ExecutionContext,
  happen: (host: KernelHost, count: number) => void = () => {},
): Promise<{ readonly host: KernelHost; readonly at: readonly number[] }> {
  const host = await polled(t, {}, WEB);
  const noon = host.time;
  const at: number[] = [];
  host.network = {
    ...host.network,
    hear: () => {
      at.push((host.time - noon) / 1000);
      happen(host, at.length);
      return Promise.resolve({ text: load('0.20') });
    },
  };
  return { host, at };
}

const EACH_FIVE = [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50];

test.serial(
  'for a minute of cron it polls at the seconds of what runs, and ends before the next one begins',
  async t => {
    const { host, at } = await asked(t);
    const { exitCode, out, err } = await host.run('poll', '--for', '55s');
    t.is(exitCode, 0, err);
    t.deepEqual(at, EACH_FIVE);
    t.is(out.match(/192\.0\.2\.11:80/g)?.length, at.length);
  },
);

test.serial('cron is a little late: the second that has begun counts still', async t => {
  const { host, at } = await asked(t);
  host.time += 300;
  t.is((await host.run('poll', '--for', '12s')).exitCode, 0);
  t.deepEqual(at, [0.3, 5, 10]);
});

test.serial('a schedule of its own goes before that of what runs', async t => {
  const { host, at } = await asked(t);
  t.is((await host.run('poll', '--schedule', '*/20 * * * * *', '--for', '1m')).exitCode, 0);
  t.deepEqual(at, [0, 20, 40]);
});

test.serial('a schedule may be a word of crontab, and one that is empty is said to be', async t => {
  const { host, at } = await asked(t);
  t.is((await host.run('poll', '--schedule', '@hourly', '--for', '3h')).exitCode, 0);
  t.deepEqual(at, [0, 3600, 7200]);
  t.regex((await host.run('poll', '--schedule', '')).err, /--schedule "": it is empty$/m);
  t.regex((await host.run('poll', '--schedule', '@reboot')).err, /the words with @ are @hourly, @daily, /);
});

test.serial('polls that take longer than the schedule gives them come late, and never overlap', async t => {
  const { host, at } = await asked(t, slow => void (slow.time += 7000));
  t.is((await host.run('poll', '--for', '40s')).exitCode, 0);
  t.deepEqual(at, [0, 7, 14, 21, 28, 35]);
});

test.serial('a poll that fails is told, the next ones come, and the end says so', async t => {
  const { host, at } = await asked(t, (failing, count) => {
    if (count === 2) failing.answers.set('ipvsadm -Sn', { exitCode: 1, stderr: 'no memory\n' });
    if (count === 3) failing.answers.clear();
  });
  const { exitCode, err } = await host.run('poll', '--for', '20s');
  t.is(exitCode, 1);
  t.deepEqual(at, [0, 5, 10, 15]);
  t.is(err.match(/no memory/g)?.length, 1, err);
});

for (const [what, stepped, more] of [
  ['back', -HOUR, []],
  // What was due in the day that never was is made good once.
  ['forward', 24 * HOUR, [10]],
] as const) {
  test.serial(`a clock that is set ${what} in the middle does not stop it`, async t => {
    const { host, at } = await asked(t, (one, count) => {
      if (count === 3) one.stepped = stepped;
    });
    t.is((await host.run('poll', '--for', '55s')).exitCode, 0);
    t.deepEqual(
      at,
      [...EACH_FIVE, ...more].toSorted((a, b) => a - b),
    );
  });
}

test.serial('a signal ends it after the poll that is under way', async t => {
  const { host, at } = await asked(t, (one, count) => {
    if (count === 2) one.stop.abort();
  });
  const { exitCode, out } = await host.run('poll', '--schedule', '*/5 * * * * *');
  t.is(exitCode, 0);
  t.deepEqual(at, [0, 5]);
  t.is(out.match(/192\.0\.2\.11:80/g)?.length, 2);
});

for (const words of [
  ['--for', '0s'],
  ['--for', '55'],
  ['--for', '-5s'],
  ['--for', 'ever'],
  ['--schedule', ''],
  ['--schedule', '* * *'],
  ['--schedule', '61 * * * * *'],
  ['--schedule', '$(reboot) * * * *'],
  ['--schedule', '0 0 30 2 *'],
  ['--for', '5s', '--once'],
  ['--schedule', '* * * * *', '-n', '-f', 'lvs.yaml'],
]) {
  test.serial(`refused: ${words.join(' ')}`, async t => {
    const { host, at } = await asked(t);
    const { exitCode, err } = await host.run('poll', ...words);
    t.is(exitCode, 64, err);
    t.deepEqual(at, []);
  });
}

test.serial('without polling there is no schedule', async t => {
  const { host, at } = await asked(t);
  await host.applied(t, WEB.replace(/^polling.*\n/m, ''));
  const { exitCode, err } = await host.run('poll', '--for', '55s');
  t.is(exitCode, 64);
  t.regex(err, /no polling/);
  t.deepEqual(at, []);
});
