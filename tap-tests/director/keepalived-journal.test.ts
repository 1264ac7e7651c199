import test from 'ava';
import { HELD } from '../../src/state/paths.js';
import { rebuilt } from '../../src/state/journal-reader.js';
import { checkedDescription, type CheckedDirector, director } from '../support/checked.js';
import { Killed } from '../support/mortal.js';

const BOOT = '6f1c1d6e-0000-4000-8000-000000000001';
const [WEB, SHOP, DNS] = ['192.0.2.100:80/tcp', '192.0.2.101:443/tcp', '192.0.2.100:53/udp'];

const DOWN = [`down ${WEB} 192.0.2.11:80`, `down ${SHOP} 192.0.2.11:443`, `down ${DNS} 192.0.2.11:53`];

/** The deaths and returns that the journal has. */
async function turns(one: CheckedDirector): Promise<string[]> {
  const { out } = await one.host.run('log', '-o', 'json', '--event', 'down', 'up');
  return out
    .split('\n')
    .slice(0, -1)
    .map(line => {
      const { event, service, server, cause, ...more } = JSON.parse(line) as Record<string, string>;
      if (cause !== 'keepalived' || 'health' in more) throw new Error(line);
      return `${event} ${service} ${server}`;
    });
}

test('the deaths and returns that keepalived has found are written down by whoever looks next, once', async t => {
  const one = await director(t);
  t.deepEqual(await turns(one), []);
  one.keepalived.ill.add('192.0.2.11');
  await one.keepalived.settle();
  t.is((await one.host.run('status')).exitCode, 0);
  t.deepEqual(await turns(one), []);
  for (let n = 0; n < 2; n++) t.is(await one.tick(), 0);
  t.deepEqual(await turns(one), DOWN);
  t.deepEqual((await rebuilt(one.disk, BOOT)).overlays.health, { dead: [], rising: [] });
  one.keepalived.ill.clear();
  await one.keepalived.settle();
  t.is(await one.act('weight', 'web', 'web2', '5'), 0);
  t.deepEqual(await turns(one), [...DOWN, ...DOWN.map(line => line.replace('down', 'up'))]);
});

test('who died before keepalived could first be asked is told, too: after a boot, or where it began late', async t => {
  const one = await director(t);
  await one.disk.remove(HELD);
  one.keepalived.ill.add('192.0.2.11');
  await one.keepalived.settle();
  t.is(await one.tick(), 0);
  t.deepEqual(await turns(one), DOWN);
});

test('whom the description no longer has does not come back', async t => {
  const one = await director(t);
  one.keepalived.ill.add('192.0.2.11');
  await one.keepalived.settle();
  t.is(await one.tick(), 0);
  const before = await turns(one);
  const without = checkedDescription(text => text.replace('{ host: web1, weight: 3 }, web2', 'web2'));
  t.is(await one.apply(without), 0);
  await one.keepalived.settle();
  t.is(await one.tick(), 0);
  t.deepEqual(await turns(one), before);
  t.is(before.length, 3);
});

test('killed before it is kept, a death is told twice, and never lost', async t => {
  for (let at = 1; ; at++) {
    const one = await director(t);
    one.keepalived.ill.add('192.0.2.11');
    await one.keepalived.settle();
    one.before = (step, what) => {
      if (step === at) throw new Killed(what);
    };
    const isWhole = await one.tick().then(
      () => one.steps < at,
      (error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        return false;
      },
    );
    one.before = () => {};
    t.is(await one.tick(), 0);
    const found = await turns(one);
    t.is(new Set(found).size, 3, `killed at ${at}`);
    t.true(found.length === 3 || (!isWhole && found.length === 6), `killed at ${at}: ${found.join()}`);
    if (isWhole) {
      t.true(at > 3);
      return;
    }
  }
});
