import test from 'ava';
import { died, type Health, readHealth, returned, writeHealth } from '../../src/state/health.js';
import { HEALTH } from '../../src/state/paths.js';
import { FakeFiles } from '../support/fake-files.js';
import { after, OTHER, spoil, textOf, WEB } from './support.js';

const HEALTHY: Health = { dead: [], rising: [] };

test('a server that dies is dead since then; told twice is told once', t => {
  const dead = died(HEALTHY, WEB, 'mon', after(0));
  t.deepEqual(dead, { dead: [{ ...WEB, since: after(0), by: 'mon' }], rising: [] });
  t.is(died(dead, WEB, 'mon', after(10)), dead);
});

test('a server that returns rises slowly where it is to; one that was not dead does not', t => {
  const dead = died(died(HEALTHY, OTHER, 'mon', after(0)), WEB, 'mon', after(1));
  t.deepEqual(returned(dead, WEB, 9000, after(2)), {
    dead: [{ ...OTHER, since: after(0), by: 'mon' }],
    rising: [{ ...WEB, since: after(2), over: 9000 }],
  });
  t.deepEqual(returned(died(HEALTHY, WEB, 'mon', after(0)), WEB, 0, after(2)), HEALTHY);
  t.is(returned(HEALTHY, WEB, 9000, after(2)), HEALTHY);
});

test('a server that dies again while it rises does not rise any more', t => {
  const back = returned(died(HEALTHY, WEB, 'mon', after(0)), WEB, 9000, after(2));
  t.deepEqual(died(back, WEB, 'mon', after(3)).rising, []);
});

test('health is read as it was written', async t => {
  const files = new FakeFiles();
  t.deepEqual(await readHealth(files), { value: HEALTHY, isAbsent: true });
  const one = returned(
    died(died(HEALTHY, WEB, 'mon', after(0)), OTHER, 'mon', after(1)),
    WEB,
    9000,
    after(2),
  );
  await writeHealth(files, one);
  t.deepEqual(await readHealth(files), { value: one });
});

test('a file that cannot be used counts as empty and stays: the checkers say it anew', async t => {
  for (const content of [
    '',
    '{',
    '{"version":1}',
    '{"version":2}',
    '{"version":1,"dead":[{}],"rising":[]}',
  ]) {
    const files = new FakeFiles();
    await spoil(files, HEALTH, content);
    const { value, damage } = await readHealth(files);
    t.deepEqual(value, HEALTHY);
    t.is(damage?.path, HEALTH);
    t.is(await textOf(files, HEALTH), content);
  }
});
