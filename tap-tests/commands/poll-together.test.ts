import { rmSync } from 'node:fs';
import test from 'ava';
import { ESTIMATOR, POLLING } from '../../src/state/paths.js';
import { mon, servers } from '../support/alerted.js';
import { CheckedDirector } from '../support/checked.js';
import { FARM, Farm, load, pollOnce, WORK } from '../support/polled.js';

const SETTLED = '11=64 12=128 13=255';
const DAY = 86_400_000;

test.serial('weights come to what the servers can do', async t => {
  const farm = await Farm.create(t);
  t.is(await farm.polls(40), SETTLED);
});

test.serial(
  'a description that changes between polls, or in the middle of one, moves nobody else',
  async t => {
    const farm = await Farm.create(t);
    const { host } = farm;
    await farm.polls(40);
    await host.applied(t, FARM.replace('192.0.2.13 ]', '192.0.2.13, 192.0.2.14 ]'));
    // No poll has weighed the new one: it has what the others have in the mean, not the 1 of the description.
    t.regex(servers(host), /^11=64 12=12\d 13=255 14=149$/);
    const more = await farm.polls(1, { ...WORK, 14: { rate: 1, busy: 0.1 } });
    t.regex(more, /^11=64 12=12\d 13=255 14=\d+$/);
    await host.applied(t, FARM.replace('192.0.2.11, ', ''));
    t.regex(await farm.polls(1), /^12=12\d 13=255$/);
    const { hear } = host.network;
    let isChanged = false;
    host.network = {
      ...host.network,
      hear: async (...asked) => {
        if (!isChanged) {
          isChanged = true;
          await host.applied(t, FARM);
        }
        return await hear(...asked);
      },
    };
    t.regex(await farm.polls(1), /^12=12\d 13=255 11=\d+$/);
    t.true(isChanged);
  },
);

test.serial(
  'the director that takes over starts from the weights that it has, whatever its kernel has counted',
  async t => {
    const farm = await Farm.create(t);
    const { host } = farm;
    await farm.polls(40);
    host.name = 'estepe';
    host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000002\n');
    host.booted = host.time - 100_000;
    farm.forget();
    for (let n = 0; n < 20; n++) t.is(await farm.polls(1), SETTLED);
    t.true(JSON.parse(host.text(ESTIMATOR)).host === 'estepe');
  },
);

test.serial(
  'a boot of the director changes no weight, though its kernel has counted more by then than before',
  async t => {
    const farm = await Farm.create(t);
    const { host } = farm;
    await farm.polls(40);
    host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000002\n');
    host.booted = host.time;
    for (const last of [11, 12]) farm.said[`192.0.2.${last}`] = '';
    // A hundred times what all that time would have brought the third.
    t.is(await farm.polls(1, { ...WORK, 13: { rate: 5000, busy: 0.2 } }), SETTLED);
    t.is(await farm.polls(5), SETTLED);
  },
);

test.serial(
  'what another director has counted means nothing to this one, though it be in the same boot, as a container is',
  async t => {
    const farm = await Farm.create(t);
    await farm.polls(40);
    farm.host.name = 'estepe';
    t.is(await farm.polls(1, { ...WORK, 13: { rate: 5000, busy: 0.2 } }), SETTLED);
    t.is(await farm.polls(5), SETTLED);
  },
);

test.serial(
  'whoever says nothing after a boot is held, however long this boot has lasted by then',
  async t => {
    const farm = await Farm.create(t);
    const { host } = farm;
    host.booted = host.time;
    await farm.polls(40);
    host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000002\n');
    host.booted = host.time - DAY;
    farm.lies.set(13, undefined);
    t.is(await farm.polls(3), SETTLED);
  },
);

test.serial(
  'a server that is configured with 0 gets 0 in the file of weights too, whatever it can do',
  async t => {
    const farm = await Farm.create(t, FARM.replace('192.0.2.13 ]', '{ address: 192.0.2.13, weight: 0 } ]'));
    t.is(await farm.polls(20), '11=128 12=255 13=0');
    t.regex(farm.host.text(POLLING), / 192\.0\.2\.13:80 0\n/);
  },
);

test.serial('a drained server that is busy with other work loses nothing of what is known of it', async t => {
  const farm = await Farm.create(t);
  await farm.polls(40);
  t.is((await farm.host.run('drain', 'web', '192.0.2.13')).exitCode, 0);
  t.is(await farm.polls(10, { ...WORK, 13: { rate: 0, busy: 0.5 } }), '11=64 12=128 13=0');
  t.regex(farm.host.text(POLLING), / 192\.0\.2\.13:80 255\n/);
});

test.serial('of two polls at once one says that it has nothing to do', async t => {
  const farm = await Farm.create(t);
  const { host } = farm;
  await farm.polls(1);
  const { hear } = host.network;
  let second = '';
  host.network = {
    ...host.network,
    hear: async (...asked) => {
      if (second === '') {
        second = 'asked';
        const outcome = await host.run('poll');
        second = `${outcome.exitCode} ${outcome.out}${outcome.err}`;
      }
      return await hear(...asked);
    },
  };
  await farm.polls(1);
  t.is(second, '0 nothing to do: another poll has not ended yet\n');
});

test.serial('a clock that is set a day forward or back moves nothing', async t => {
  const farm = await Farm.create(t);
  const { host } = farm;
  await farm.polls(40);
  for (const stepped of [DAY, -DAY, 0]) {
    host.stepped = stepped;
    t.is(await farm.polls(3), SETTLED);
  }
  farm.lies.set(13, undefined);
  host.stepped = DAY;
  t.is(await farm.polls(3), SETTLED);
});

test.serial('a server that is booted keeps its weight until its capacity is known anew', async t => {
  const farm = await Farm.create(t);
  await farm.polls(40);
  const booted = { ...WORK, 12: { rate: 10, busy: 0.2, boot: 'b' } };
  for (let n = 0; n < 12; n++) t.is(await farm.polls(1, booted), SETTLED);
});

test.serial("counters that wrap, the kernel's or the agent's, move nothing", async t => {
  const farm = await Farm.create(t);
  await farm.polls(40);
  farm.forget();
  t.is(await farm.polls(5), SETTLED);
  farm.lies.set(12, `${load('0.20')}lvsctl/1 boot=a t_us=1000000000 cpus=1 busy_us=5\n`);
  t.is(await farm.polls(1), SETTLED);
});

test.serial(
  'no poll raises the 0 of a drained server, or brings a dead one back; who returns rises slowly to what was measured',
  async t => {
    const farm = await Farm.create(t, FARM.replace('version: 1', 'version: 1\nchecker: mon'));
    const { host } = farm;
    host.time += 1_000_000;
    await farm.polls(40);
    const drained = await host.run('drain', 'web', '192.0.2.12');
    t.is(drained.exitCode, 0, drained.err);
    t.is((await mon(host, 'failure', 'web', '192.0.2.13:80')).exitCode, 0);
    t.is(servers(host), '11=64 12=0');
    t.is(await farm.polls(3), '11=64 12=0');
    t.is((await host.run('weight', 'web', '192.0.2.11', '7')).exitCode, 0);
    t.is(await farm.polls(3), '11=7 12=0');
    t.is((await mon(host, 'up', 'web', '192.0.2.13:80')).exitCode, 0);
    const rise: number[] = [];
    for (let n = 0; n < 20; n++) {
      const [, weight] = /13=(\d+)/.exec(await farm.polls(1))!;
      rise.push(Number(weight));
    }
    t.true(rise[0]! <= 52, String(rise));
    t.deepEqual(
      rise,
      rise.toSorted((a, b) => a - b),
    );
    t.is(rise.at(-1), 255);
    t.regex(servers(host), /^11=7 12=0 /);
  },
);

test.serial(
  'where keepalived is the checker weights reach it through its track files, and its dead stay out',
  async t => {
    const one = new CheckedDirector(t);
    const { host } = one;
    const said: Record<string, string> = { '192.0.2.11': load('3.00'), '192.0.2.12': load('0.00') };
    host.network = {
      ...host.network,
      hear: ({ address }) => Promise.resolve({ text: said[address]! }),
    };
    await one.begin(`version: 1
checker: keepalived
polling: { schedule: '*/5 * * * * *', law: uptime }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { address: 192.0.2.11, weight: 10 }, { address: 192.0.2.12, weight: 10 } ] }
`);
    const web = '192.0.2.100:80';
    t.is(one.weights(web), '11:10 12:10');
    await pollOnce(t, host);
    t.is(one.weights(web), '11:3 12:5');
    t.is(await one.track('web_192.0.2.11'), '-7');
    t.is(await one.track('web_192.0.2.12'), '-5');
    await one.keepalived.settle();
    t.is(one.weights(web), '11:3 12:5');
    one.keepalived.ill.add('192.0.2.12');
    await one.keepalived.settle();
    await pollOnce(t, host);
    t.is(one.weights(web).replace(/:.*/, ''), '11');
    one.keepalived.ill.clear();
    await one.keepalived.settle();
    t.regex(one.weights(web), /^11:\d+ 12:[1-9]\d*$/);
    t.not(one.weights(web), '11:10 12:10');
  },
);

test.serial('the first poll after a boot finds nothing below /run, and does its work', async t => {
  const farm = await Farm.create(t);
  await farm.polls(1);
  rmSync(`${farm.host.root}/run/lvsctl`, { recursive: true });
  t.is(await farm.polls(1), '11=1 12=1 13=1');
  t.true(farm.host.text(POLLING).includes('192.0.2.13:80 1'));
});
