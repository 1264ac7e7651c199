import test from 'ava';
import { ESTIMATOR, POLLING } from '../../src/state/paths.js';
import { servers } from '../support/alerted.js';
import { done } from '../support/operated.js';
import { Farm, load, WORK } from '../support/polled.js';

const SETTLED = '11=64 12=128 13=255';
const MINUTE = 12;

/** What an agent may say that is no answer. */
const GARBAGE: Readonly<Record<string, string>> = {
  garbage: '\u0000\u001b[31m\uffff$(reboot)\n',
  'a megabyte of garbage': 'x'.repeat(1_000_000),
  'a line without an end': ' 14:02:11 up 1 day, load average: 1.42',
  nothing: '',
  'a load below 0': ' 14:02:11 up 1 day, load average: -3.00, 1.10, 0.97\n',
  'a load of a thousand million': load('1000000000.00'),
  'counters below 0': `${load('0.20')}lvsctl/1 boot=a t_us=-5 cpus=1 busy_us=7\n`,
  'counters that no host has': `${load('0.20')}lvsctl/1 boot=a t_us=99999999999999999 cpus=1 busy_us=7\n`,
  'busy time that is no number': `${load('0.20')}lvsctl/1 boot=a t_us=5 cpus=1 busy_us=NaN\n`,
  'stolen time below 0': `${load('0.20')}lvsctl/1 boot=a t_us=5 cpus=1 busy_us=7 steal_us=-7\n`,
  'no processor': `${load('0.20')}lvsctl/1 boot=a t_us=5 cpus=0 busy_us=7\n`,
  'a boot that is a path': `${load('0.20')}lvsctl/1 boot=../../etc t_us=5 cpus=1 busy_us=7\n`,
};

test.serial(
  'whatever an agent says that is no answer: the weight is held, and the journal says so once',
  async t => {
    const farm = await Farm.create(t);
    await farm.polls(40);
    let times = 0;
    for (const [what, said] of Object.entries(GARBAGE)) {
      times += 1;
      farm.lies.set(12, said);
      t.is(await farm.polls(MINUTE), SETTLED, what);
      t.deepEqual(farm.journal('agent'), Array(times).fill('192.0.2.12: silent: not-understood'), what);
      farm.lies.clear();
      t.is(await farm.polls(3), SETTLED, what);
      t.deepEqual(farm.journal('agent-well'), Array(times).fill('192.0.2.12: answers, and asks for nothing'));
    }
  },
);

const COUNTERS = 'its counters go back, or count more than there was';
const CLOCK = 'its clock does not go as fast as the one here';

/** What a host would have counted in each five seconds, in microseconds, and why that is not believed. */
const LIES: Readonly<Record<string, readonly [time: number, busy: number, why: string]>> = {
  'has a year of busy time': [5e6, 3e13, COUNTERS],
  'has 58 days, of which it was busy as others are': [5e12, 1e12, CLOCK],
  'has ten times the time': [50e6, 10e6, CLOCK],
  'has a tenth of the time': [0.5e6, 0.1e6, CLOCK],
  'has no time, in which it was busy': [0, 0.5e6, CLOCK],
};

for (const [what, [time, busy, why]] of Object.entries(LIES)) {
  test.serial(`an agent that ${what} in each poll is not believed, and the journal says so once`, async t => {
    const farm = await Farm.create(t);
    await farm.polls(40);
    let kept = '';
    for (let n = 1; n <= 90; n++) {
      const counters = `boot=a t_us=${200e6 + n * time} cpus=1 busy_us=${40e6 + n * busy}`;
      farm.lies.set(12, `${load('0.20')}lvsctl/1 ${counters}\n`);
      const table = await farm.polls(1);
      // A clock that is slow is known for sure within ten minutes.
      if (n > 45) t.is(table, kept, `${n}`);
      if (why === COUNTERS) t.is(table, SETTLED, `${n}`);
      kept = table;
    }
    t.deepEqual(farm.journal('agent'), [`192.0.2.12: not believed: ${why}`]);
    t.deepEqual(farm.journal('agent-well'), []);
  });
}

test.serial(
  'an agent that says that it is hardly ever busy gets no more than the floor leaves of the others',
  async t => {
    const farm = await Farm.create(t);
    const idle = { ...WORK, 12: { rate: 10, busy: 0.000001 } };
    const [, ...found] = /^11=(\d+) 12=(\d+) 13=(\d+)$/.exec(await farm.polls(200, idle))!;
    const [first, liar, third] = found.map(Number);
    t.is(liar, 255);
    t.true(first! >= 8 && third! >= 8, found.join(' '));
  },
);

test.serial(
  'where the network cannot be reached nothing moves, for hours, and the journal names each once',
  async t => {
    const farm = await Farm.create(t);
    await farm.polls(40);
    for (const last of [11, 12, 13]) farm.lies.set(last, undefined);
    t.is(await farm.polls(60), SETTLED);
    farm.host.time += 6 * 3_600_000;
    t.is(await farm.polls(5), SETTLED);
    t.deepEqual(
      farm.journal('agent'),
      [11, 12, 13].map(last => `192.0.2.${last}: silent: EHOSTUNREACH`),
    );
    farm.lies.clear();
    t.is(await farm.polls(1), SETTLED);
    t.is(farm.journal('agent-well').length, 3);
  },
);

test.serial(
  'weights that somebody has edited are made anew by the next poll, and the journal says so once',
  async t => {
    const farm = await Farm.create(t);
    const { host } = farm;
    await farm.polls(40);
    for (const weight of [0, 1, 65_535]) {
      host.put(POLLING, host.text(POLLING).replace(/(192\.0\.2\.13:80) \d+/, `$1 ${weight}`));
      t.is(await farm.polls(2), SETTLED);
    }
    const told = `${POLLING} or ${ESTIMATOR} was edited by hand`;
    t.deepEqual(farm.journal('remeasured'), [told, told, told]);
  },
);

const SPOILT: readonly ((text: string) => string)[] = [
  () => '',
  () => 'garbage\n',
  text => text.slice(0, -2),
  text => `${text}192.0.2.100:80/tcp 192.0.2.66:80 70000\n`,
  text => `${text}../../etc/passwd $(reboot) 1\n`,
];

for (const [index, spoil] of SPOILT.entries()) {
  test.serial(`a file of weights that cannot be read (${index}) is kept aside, and made anew`, async t => {
    const farm = await Farm.create(t);
    const { host } = farm;
    await farm.polls(40);
    host.put(POLLING, spoil(host.text(POLLING)));
    // Nobody who comes before the next poll changes a weight for it.
    await done(t, host, 'drain', 'web', '192.0.2.11');
    t.is(servers(host), '11=0 12=128 13=255');
    await done(t, host, 'undrain', 'web', '192.0.2.11');
    t.is(await farm.polls(20), SETTLED);
    t.deepEqual(farm.journal('remeasured'), [`${POLLING} is not there, or was damaged`]);
    t.true(host.paths('/var/lib/lvsctl').includes(`${POLLING}.damaged-1`));
  });
}

test.serial(
  'an estimate or weights that are gone: the weights stay, and the journal says so once',
  async t => {
    for (const path of [ESTIMATOR, POLLING]) {
      const farm = await Farm.create(t);
      const { host } = farm;
      await farm.polls(40);
      host.remove(path);
      t.regex(await done(t, host, 'poll', '-n', '-f', 'lvs.yaml'), /13:80 .* 255\b/);
      host.time += 5000;
      await done(t, host, 'apply', '-f', 'lvs.yaml', '--reason', 'again');
      t.is(servers(host), SETTLED);
      t.is(await farm.polls(1), SETTLED);
      const why = path === ESTIMATOR ? 'is not there' : 'is not there, or was damaged';
      t.deepEqual(farm.journal('remeasured'), [`${path} ${why}`]);
      t.is(await farm.polls(60), SETTLED);
    }
  },
);

test.serial(
  'without the estimate, too, who asked for no connections gets none while his host is down',
  async t => {
    const farm = await Farm.create(t);
    await farm.polls(40);
    farm.lies.set(13, 'maint\n');
    await farm.polls(2);
    farm.lies.set(13, undefined);
    t.is(await farm.polls(2), '11=64 12=128 13=0');
    farm.host.remove(ESTIMATOR);
    t.regex(await farm.polls(90), / 13=0$/);
    farm.lies.delete(13);
    t.regex(await farm.polls(90), /^11=[67]\d 12=1[234]\d 13=255$/);
  },
);

test.serial('a wrong clock is told once, whatever else its agent says between', async t => {
  const farm = await Farm.create(t);
  await farm.polls(40);
  for (let n = 1; n <= 60; n++) {
    const counters = `lvsctl/1 boot=a t_us=${200e6 + n * 15e6} cpus=1 busy_us=${40e6 + n * 3e6}\n`;
    farm.lies.set(12, `${load('0.20')}${n % 2 === 0 ? counters : ''}`);
    await farm.polls(1);
  }
  t.deepEqual(farm.journal('agent'), [`192.0.2.12: not believed: ${CLOCK}`]);
  t.deepEqual(farm.journal('agent-well'), []);
});

test.serial('an estimate that cannot be read is kept aside, told once, and the weights stay', async t => {
  for (const spoil of [
    (): string => 'garbage',
    (text: string): string => text.replace('"factor":', '"factor":-'),
    (text: string): string => text.replace(/"completions":[\d.e+-]+/, '"completions":1e308'),
    (text: string): string => text.replace(/"connections":\d+/, '"connections":1e400'),
  ]) {
    const farm = await Farm.create(t);
    const { host } = farm;
    await farm.polls(40);
    const whole = host.text(ESTIMATOR);
    t.not(spoil(whole), whole);
    host.put(ESTIMATOR, spoil(whole));
    host.time += 5000;
    const { exitCode, err } = await host.run('poll');
    t.is(exitCode, 0, err);
    t.regex(
      err,
      /^warning: \/var\/lib\/lvsctl\/estimator\.json is damaged: .* it is kept as \S+\.damaged-1$/m,
    );
    t.is(servers(host), SETTLED);
    t.is(await farm.polls(3), SETTLED);
    t.is(farm.journal('remeasured').length, 1);
    t.is(await farm.polls(60), SETTLED);
  }
});

test.serial(
  'an estimate that somebody has edited, however much, leaves sane weights that soon are right',
  async t => {
    for (const [from, to] of [
      [/"factor":[\d.e+-]+/g, '"factor":1e300'],
      [/"factor":[\d.e+-]+/g, '"factor":1e-300'],
      [/"heard":[\d.e+-]+/g, '"heard":1e300'],
      [/"weight":\d+/g, '"weight":0'],
      [/"active":\d+/g, '"active":9007199254740991'],
    ] as const) {
      const farm = await Farm.create(t);
      const { host } = farm;
      await farm.polls(40);
      const whole = host.text(ESTIMATOR);
      const edited = whole.replace(from, to);
      t.not(edited, whole);
      host.put(ESTIMATOR, edited);
      for (let n = 0; n < 3; n++) {
        const now = await farm.polls(1);
        t.regex(now, /^11=[1-9]\d* 12=[1-9]\d* 13=[1-9]\d*$/, to);
        t.notRegex(now, /\d{4}|NaN/);
      }
      t.regex(await farm.polls(100), /^11=[67]\d 12=1[2-5]\d 13=255$/, to);
      t.is(servers(host).split(' ').length, 3);
    }
  },
);
