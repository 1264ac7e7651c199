import test from 'ava';
import { writeEstimator, readKept } from '../../src/state/estimator.js';
import { ESTIMATOR, POLLING } from '../../src/state/paths.js';
import { KernelHost } from '../support/kernel-host.js';
import { mon } from '../support/alerted.js';
import { load, POLLED, polled, pollOnce } from '../support/polled.js';

process.env['TZ'] = 'UTC';

const UNMOVED = `
mail  rr  192.0.2.100:25/tcp  not measured: rr reads no weights

still  wlc  192.0.2.100:81/tcp  not measured: its law is static

hashed  sh  192.0.2.100:82/tcp  not measured: to sh a weight is no share of the connections
`;

test.serial(
  'each server has its answer, what is known, wanted and written, and what is in the table',
  async t => {
    const said: Record<string, string> = { '192.0.2.11': load('3.00'), '192.0.2.13': load('0.00') };
    const host = await polled(t, said);
    await pollOnce(t, host);
    host.time += 3000;
    const { exitCode, out, err } = await host.run('weights', 'explain');
    t.is(exitCode, 0, err);
    t.is(
      out,
      `director  midas
polled    at 12:00:00, 3s ago; the schedule is */5 * * * * *

web  wrr  law auto  192.0.2.100:80/tcp
  SERVER                AGENT  AGE     SIGNAL  CAPACITY     TARGET  WEIGHT  TABLE  WHY
  192.0.2.11:80 (web1)  ok      3s  load 3.00         -  0.40 × 10       3      3  uptime × 0.75; little by little
  192.0.2.12:80 (web2)  none     -          -         -          -       4      4  nothing known
  192.0.2.13:80         ok      3s  load 0.00         -  1.60 × 10       5      5  uptime × 1.25; little by little
${UNMOVED}`,
    );
    t.is(err, '');
    const json = JSON.parse((await host.run('weights', 'explain', 'web', '-o', 'json')).out);
    t.is(json.services.length, 1);
    t.like(json, { version: 1, polled: { by: 'midas', age: 3000 }, schedule: '*/5 * * * * *' });
    t.like(json.services[0], { service: '192.0.2.100:80/tcp', name: 'web', law: 'auto' });
    t.like(json.services[0].servers[0], {
      server: '192.0.2.11:80',
      weight: 3,
      wanted: 3,
      configured: 10,
      cause: 'measured',
      poll: { agent: 'ok', age: 3000, weight: 3, basis: 'uptime', load: 3, wanted: 0.4, limits: ['slew'] },
    });
  },
);

test.serial(
  'a silent agent, a drain, a weight by hand and an edited file are told beside what was measured',
  async t => {
    const said: Record<string, string> = { '192.0.2.11': load('3.00'), '192.0.2.13': load('0.00') };
    const host = await polled(t, said);
    await pollOnce(t, host);
    t.is((await host.run('drain', 'web', 'web2', '--reason', 'kernel')).exitCode, 0);
    delete said['192.0.2.11'];
    host.time += 300_000;
    await pollOnce(t, host);
    host.put(POLLING, host.text(POLLING).replace(/(192\.0\.2\.13:80) \d+/, '$1 9'));
    const { out } = await host.run('weights', 'explain', 'web');
    const [, , , , , ...rows] = out.trimEnd().split('\n');
    t.is(rows.length, 3, out);
    t.regex(rows[0]!, /silent: ECONNREFUSED +5m +- +- +- +3 +3 +as it was × 0\.75; silent: held$/);
    t.regex(rows[1]!, /none .* 4 +0 +nothing known; drained by ada since 12:00:00: kernel$/);
    t.regex(rows[2]!, /uptime × 1\.25; the file polling has 9; DRIFT: weight 5, should be 9; measured/);
  },
);

test.serial(
  'what is known of a capacity is told while it is too little, and then in completions a second',
  async t => {
    const said: Record<string, string> = {};
    const host = await polled(
      t,
      said,
      `version: 1
polling: { schedule: '*/5 * * * * *' }
services: [ { name: web, address: 192.0.2.100, port: 80, scheduler: wlc, servers: [ 192.0.2.11, 192.0.2.12 ] } ]
`,
    );
    const seen = async (done: number, busy: number): Promise<string> => {
      host.time += 5000;
      for (const last of [11, 12]) {
        const at = host.time * 1000;
        said[`192.0.2.${last}`] =
          `${load('0.50')}lvsctl/1 boot=a1 t_us=${at} cpus=1 busy_us=${busy * 1_000_000} steal_us=0\n`;
        host.kernel.counted.set(`192.0.2.100:80 192.0.2.${last}:80`, [done, 0, 0, 0, 0]);
      }
      await pollOnce(t, host);
      return (await host.run('weights', 'explain')).out;
    };
    await seen(0, 0);
    t.regex(await seen(60, 3), /192\.0\.2\.11:80 +ok +0s +load 0\.50 +60 of 100 seen/);
    t.regex(
      await seen(120, 6),
      /192\.0\.2\.11:80 +ok +0s +load 0\.50 +20\.0\/s +1\.00 × 1 +1 +1 +capacity × 1\.00$/m,
    );
  },
);

test.serial('a share that an agent asks for, a drain, and the time to a connection are signals', async t => {
  const host = await polled(
    t,
    { '192.0.2.11': '75%\n', '192.0.2.12': 'drain\n', '192.0.2.13': load('0.10') },
    `version: 1
polling: { schedule: '* * * * *' }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wlc, servers: [ 192.0.2.11, 192.0.2.12, 192.0.2.13 ] }
  - { name: far, address: 192.0.2.100, port: 81, scheduler: wlc, law: latency, servers: [ 192.0.2.11, 192.0.2.12 ] }
`,
  );
  const { hear } = host.network;
  host.network = {
    hear,
    connect: ({ address }) => Promise.resolve(address === '192.0.2.11' ? 3.21 : undefined),
    ask: () => t.fail(),
  };
  await pollOnce(t, host);
  const { out } = await host.run('weights', 'explain');
  t.regex(out, /^ {2}192\.0\.2\.11:80 +ok +0s +75 % +- +0\.75 × 1 +.* share × 0\.75$/m);
  t.regex(
    out,
    /^ {2}192\.0\.2\.12:80 +asks for drain +0s +- +- +- +0 +0 +its agent asks for drain: no new connections; nothing known$/m,
  );
  t.regex(out, /^ {2}192\.0\.2\.11:81 +- +0s +3\.2 ms +- +1\.00 × 1 +1 +1 +latency × 1\.00$/m);
  t.regex(
    out,
    /^ {2}192\.0\.2\.12:81 +- +- +- +- +- +0 +0 +its agent asks for drain: no new connections; nothing known; silent: held$/m,
  );
});

test.serial('a dead server that is kept, and by what, is told beside what was measured', async t => {
  const text = `version: 1
checker: mon
polling: { schedule: '* * * * *' }
services: [ { name: web, address: 192.0.2.100, port: 80, scheduler: wlc, minimum_servers: 1, servers: [ 192.0.2.11, 192.0.2.12 ] } ]
`;
  const host = await polled(t, { '192.0.2.11': load('1.00'), '192.0.2.12': load('1.00') }, text);
  await pollOnce(t, host);
  for (const last of [11, 12]) t.is((await mon(host, 'failure', 'web', `192.0.2.${last}:80`)).exitCode, 0);
  const { out } = await host.run('weights', 'explain');
  const kept = 'uptime × 1\\.00; dead since 12:00:00, by mon; kept by minimum_servers; measured';
  t.regex(out, new RegExp(`192\\.0\\.2\\.11:80 .* 1 +1 +${kept}$`, 'm'));
  t.regex(out, /192\.0\.2\.12:80 .* 1 +– +uptime × 1\.00; dead since 12:00:00, by mon$/m);
});

test.serial('where nothing is polled, or nothing has been yet, that is said', async t => {
  const host = await polled(t, {});
  const never = await host.run('weights', 'explain', 'web');
  t.is(never.exitCode, 0);
  t.regex(never.out, /^polled {4}not yet; the schedule is \*\/5 \* \* \* \* \*$/m);
  t.is(never.out.match(/ not polled yet; configured$/gm)?.length, 3, never.out);
  const json = JSON.parse((await host.run('weights', 'explain', 'web', '-o', 'json')).out);
  t.is(json.polled, null);
  t.is(json.services[0].servers[0].poll, null);
  await host.applied(t, POLLED.replace(/^polling.*\n/m, '').replace(', law: static', ''));
  const none = await host.run('weights', 'explain');
  t.is(none.exitCode, 0);
  t.is(none.out, 'director  midas\npolled    never: what runs has no polling, so nothing is measured\n');
  const told = JSON.parse((await host.run('weights', 'explain', '-o', 'json')).out);
  t.is(told.schedule, null);
  t.like(told.services[0], { service: '192.0.2.100:80/tcp', unmoved: 'no-polling' });
});

test.serial("a server or service that the last poll did not know has no line of another's", async t => {
  const host = await polled(t, { '192.0.2.11': load('1.00') });
  await pollOnce(t, host);
  await host.applied(t, POLLED.replace('192.0.2.13, weight: 10 }', '192.0.2.13, weight: 10 }, 192.0.2.14'));
  const { out } = await host.run('weights', 'explain', 'web');
  t.regex(out, /192\.0\.2\.14:80 .* - +1 +not polled yet; configured$/m);
});

test.serial("another director's poll, and one that is overdue, are told as such", async t => {
  const host = await polled(t, { '192.0.2.11': load('1.00') });
  await pollOnce(t, host);
  host.name = 'estepe';
  host.time += 3_600_000;
  const { out } = await host.run('weights', 'explain');
  t.regex(out, /^polled {4}at 12:00, 60m ago, by midas: this director has not polled since; the schedule/m);
  t.regex(out, /^ {10}the next poll should have been at 12:00: none has come to its end since$/m);
  const json = JSON.parse((await host.run('weights', 'explain', '-o', 'json')).out);
  t.is(json.overdue, '2026-11-21T12:00:05.000Z');
});

test.serial(
  'a damaged estimate is told of, and counts as none; what is in it cannot act on a terminal',
  async t => {
    const host = await polled(t, { '192.0.2.11': load('1.00') });
    await pollOnce(t, host);
    const { value } = await readKept(host.files);
    await writeEstimator(host.files, { ...value!, silent: { web1: 'silent: \u202eevil' } });
    t.regex((await host.run('weights', 'explain')).out, / silent: \\u202eevil /);
    const whole = host.text(ESTIMATOR);
    for (const spoilt of [
      '',
      'garbage',
      whole.slice(0, -9),
      whole.replace('"basis":"uptime"', '"basis":"magic"'),
      whole.replace('silent: ', '\\u001b[31m'),
      whole.replace('"weighed":{', '"weighed":{"../../etc":[],'),
    ]) {
      t.not(spoilt, whole);
      host.put(ESTIMATOR, spoilt);
      const { exitCode, out, err } = await host.run('weights', 'explain', 'web');
      t.is(exitCode, 0, err);
      t.regex(err, /^warning: \/var\/lib\/lvsctl\/estimator\.json is damaged: .*; it counts as empty$/m);
      t.is(out.match(/not polled yet/g)?.length, 3);
      t.is(host.text(ESTIMATOR), spoilt);
    }
  },
);

test.serial('it changes nothing, asks nobody, and refuses what it cannot mean', async t => {
  const host = await polled(t, { '192.0.2.11': load('1.00') });
  await pollOnce(t, host);
  host.network = { hear: () => t.fail(), connect: () => t.fail(), ask: () => t.fail() };
  const [state, run, rules] = [host.everything('/var/lib'), host.everything('/run'), host.kernel.rules()];
  for (const [argv, code] of [
    [['explain'], 0],
    [['explain', '192.0.2.100:80/tcp'], 0],
    [['explain', 'nothing'], 64],
    [['explain', '$(reboot)'], 64],
    [['explain', '\u001b[31m'], 64],
    [['explain', '../web'], 64],
    [['explain', 'web', '--since', '6h'], 64],
    [['expound'], 64],
    [[], 64],
  ] as const) {
    const { exitCode, out, err } = await host.run('weights', ...argv);
    t.is(exitCode, code, err);
    t.notRegex(err, /\u001b/);
    if (code !== 0) t.is(out, '');
  }
  t.deepEqual(
    [host.everything('/var/lib'), host.everything('/run'), host.kernel.rules()],
    [state, run, rules],
  );
  const bare = new KernelHost(t);
  t.is((await bare.run('weights', 'explain')).exitCode, 1);
  await host.files.remove('/proc/net/ip_vs');
  t.is((await host.run('weights', 'explain')).exitCode, 69);
});

test.serial('a thousand servers are explained at once', async t => {
  const servers = Array.from({ length: 1000 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
  const host = await polled(
    t,
    Object.fromEntries(servers.map(one => [one, load('0.50')])),
    `version: 1
polling: {}
services: [ { name: web, address: 192.0.2.100, port: 80, scheduler: wlc, servers: [ ${servers.join(', ')} ] } ]
`,
  );
  await pollOnce(t, host);
  const begun = performance.now();
  const { out } = await host.run('weights', 'explain');
  const took = performance.now() - begun;
  t.is(out.match(/uptime × 1\.00/g)?.length, 1000);
  // On a machine that has other work, too.
  t.true(took < 15_000, `${took} ms`);
});
