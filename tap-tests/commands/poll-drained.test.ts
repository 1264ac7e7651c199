import test from 'ava';
import { POLLING } from '../../src/state/paths.js';
import { mon, servers } from '../support/alerted.js';
import { done } from '../support/operated.js';
import { FARM, Farm } from '../support/polled.js';

const SETTLED = '11=64 12=128 13=255';
const DRAIN = 'lvsctl/1 state=drain\n';
const MON = FARM.replace('services:', 'checker: mon\nservices:');

test.serial('agents that ask for no connections leave none to a server that is dead', async t => {
  const farm = await Farm.create(t, MON);
  t.is(await farm.polls(40), SETTLED);
  await mon(farm.host, 'failure', 'web', '192.0.2.13:80');
  for (const last of [11, 12]) farm.lies.set(last, DRAIN);
  t.is(await farm.polls(1), '11=64 12=128');
  for (const words of [[], ['-n', '-f', 'lvs.yaml']])
    t.regex(await done(t, farm.host, 'poll', ...words), /ignored, since no other server would be left/);
  farm.lies.delete(12);
  t.is(await farm.polls(1), '11=0 12=128');
});

test.serial(
  'where all others die or are drained before the next poll, who asked for no connections gets them',
  async t => {
    const farm = await Farm.create(t, MON);
    const { host } = farm;
    t.is(await farm.polls(40), SETTLED);
    farm.lies.set(13, DRAIN);
    t.is(await farm.polls(1), '11=64 12=128 13=0');
    t.regex(await done(t, host, 'status'), /13:80 .* its agent asks for no connections \(configured 1\)$/m);
    await mon(host, 'failure', 'web', '192.0.2.11:80');
    t.is(servers(host), '12=128 13=0');
    const { out } = await mon(host, 'failure', 'web', '192.0.2.12:80');
    t.notRegex(out, /kept/);
    t.is(servers(host), '13=96');
    t.is(await farm.polls(1), '13=255');
    await mon(host, 'up', 'web', '192.0.2.11:80');
    t.regex(await farm.polls(1), /^13=0 11=[1-9]/);
    await done(t, host, 'drain', 'web', '192.0.2.11', '--force');
    t.is(servers(host), '13=96 11=0');
  },
);

test.serial('nor to one that an operator has drained, or set to 0', async t => {
  for (const words of [
    ['drain', 'web', '192.0.2.13'],
    ['weight', 'web', '192.0.2.13', '0'],
  ]) {
    const farm = await Farm.create(t);
    t.is(await farm.polls(40), SETTLED);
    await done(t, farm.host, ...words);
    for (const last of [11, 12]) farm.lies.set(last, 'maint\n');
    t.is(await farm.polls(1), '11=64 12=128 13=0', words.join(' '));
  }
});

test.serial(
  'what an agent has asked for holds while it is silent, and until it says another word',
  async t => {
    const farm = await Farm.create(t);
    t.is(await farm.polls(40), SETTLED);
    farm.lies.set(12, DRAIN);
    t.is(await farm.polls(1), '11=64 12=0 13=255');
    for (const lie of [undefined, 'garbage\n', undefined]) {
      farm.lies.set(12, lie);
      t.is(await farm.polls(1), '11=64 12=0 13=255');
    }
    // Its host is down for an hour, and the director is booted meanwhile.
    farm.lies.set(12, undefined);
    farm.host.time += 3_600_000;
    farm.host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000002\n');
    t.regex(await farm.polls(2), / 12=0 /);
    farm.lies.delete(12);
    t.regex(await farm.polls(1), / 12=[1-9]/);
  },
);

test.serial('a counter line that was cut off is no load without counters', async t => {
  const farm = await Farm.create(t);
  t.is(await farm.polls(40), SETTLED);
  const load = ' 10:00:00 up 1 day,  load average: 5.00, 5.00, 5.00\n';
  for (const end of ['lvsctl/1 boot=a t_us=200', 'lvs', 'lvsctl/1']) {
    farm.lies.set(12, `${load}${end}`);
    t.is(await farm.polls(2), SETTLED, end);
  }
});

test.serial('weights of 0 for all, written by hand, empty no service', async t => {
  const farm = await Farm.create(t);
  const { host } = farm;
  t.is(await farm.polls(40), SETTLED);
  const whole = host.text(POLLING);
  const edited = whole.replaceAll(/(:80) \d+$/gm, '$1 0');
  host.put(POLLING, edited);
  await done(t, host, 'drain', 'web', '192.0.2.12', '--reason', 'x');
  t.is(servers(host), '11=1 12=0 13=1');
  await done(t, host, 'undrain', 'web', '192.0.2.12');
  t.is(await farm.polls(20), SETTLED);
  // As an editor of another system leaves it.
  host.put(POLLING, host.text(POLLING).replaceAll('\n', '\r\n').replace(':80 64', ':80   63 '));
  const { err } = await host.run('apply', '-f', 'lvs.yaml');
  t.notRegex(err, /damaged/);
  t.is(servers(host), '11=63 12=128 13=255');
  const last = host.text(POLLING).replace(/revision \d+/, `revision ${Number.MAX_SAFE_INTEGER}`);
  host.put(POLLING, last);
  await farm.polls(2);
  t.notRegex((await host.run('status')).err, /damaged/);
});
