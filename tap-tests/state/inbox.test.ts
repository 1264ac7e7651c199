import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test from 'ava';
import * as z from 'zod';
import { drop, settled, takeAll } from '../../src/state/inbox.js';
import { INBOX } from '../../src/state/paths.js';
import { createClock } from '../../src/system/clock.js';
import type { Clock, Files } from '../../src/system/ports.js';
import { TestHost } from '../support/context.js';
import { failingAt, FakeFiles } from '../support/fake-files.js';
import { fails, spoil } from './support.js';

const EVENT = z.strictObject({ event: z.strictObject({ count: z.int() }) });

/** A clock that goes on by a quarter of a millisecond with each look. */
function ticking(): Clock {
  let now = 999.5;
  return { ...createClock(), elapsed: () => (now += 0.25) };
}

async function counts(files: Files): Promise<number[]> {
  return (await takeAll(files, EVENT)).taken.map(one => one.event.count);
}

test('events come out in the order in which they were dropped', async t => {
  const { files } = new TestHost(t);
  t.deepEqual(await takeAll(files, EVENT), { taken: [], damaged: [] });
  const clock = ticking();
  for (let count = 0; count < 20; count++) await drop(files, clock, { count });
  t.deepEqual(
    await counts(files),
    Array.from({ length: 20 }, (_, n) => n),
  );
});

test('an event stays until it is settled, whoever took it', async t => {
  const files = new FakeFiles();
  const clock = ticking();
  await drop(files, clock, { count: 1 });
  const { taken } = await takeAll(files, EVENT);
  await drop(files, clock, { count: 2 });
  t.deepEqual(await counts(files), [1, 2]);
  await settled(files, taken);
  t.deepEqual(await counts(files), [2]);
  await settled(files, taken);
  t.deepEqual(await counts(files), [2]);
});

test('who dies while settling leaves the later events, none of them twice and none lost', async t => {
  for (let n = 1; n <= 3; n++) {
    const files = new FakeFiles();
    const clock = ticking();
    for (let count = 1; count <= 3; count++) await drop(files, clock, { count });
    const { taken } = await takeAll(files, EVENT);
    await fails(t, settled(failingAt(files, n, 'EIO'), taken), 'file', /inbox/);
    t.deepEqual(await counts(files), [1, 2, 3].slice(n - 1));
  }
});

test('what is no event is named, and left to who holds the lock', async t => {
  const files = new FakeFiles();
  await drop(files, ticking(), { count: 1 });
  const names = ['000000000000000001-0123456789ab.json', '000000000000000002-0123456789ab.json'];
  await spoil(files, `${INBOX}/${names[0]}`, '{');
  await spoil(files, `${INBOX}/${names[1]}`, '{"version":1,"event":{"count":"1"}}');
  await spoil(files, `${INBOX}/.lvsctl-half`, '{');
  names.push('000000000000000003-0123456789ab.json');
  await files.makeFolder(`${INBOX}/${names[2]}`, 0o755);
  names.push('000000000000000004-0123456789ab.json');
  // It would be one.
  await spoil(files, `${INBOX}/${names[3]}`, `{"version":1,"event":{"count":1}}${' '.repeat(65_536)}`);
  const { taken, damaged } = await takeAll(files, EVENT);
  t.is(taken.length, 1);
  t.deepEqual(
    damaged.map(({ path }) => path),
    names.map(name => `${INBOX}/${name}`),
  );
});

test('an inbox that cannot be written to loses its event aloud', async t => {
  await fails(t, drop(failingAt(new FakeFiles(), 2, 'ENOSPC'), ticking(), {}), 'file', /inbox/);
});

test('many processes that drop at once lose nothing', async t => {
  const host = new TestHost(t);
  const [files, inbox, clock] = ['system/files', 'state/inbox', 'system/clock'].map(
    name => new URL(`../../src/${name}.js`, import.meta.url).href,
  );
  const code = `const [{ createFiles }, { drop }, { createClock }] = await Promise.all(
      [${JSON.stringify(files)}, ${JSON.stringify(inbox)}, ${JSON.stringify(clock)}].map(url => import(url)));
    for (let n = 0; n < 10; n++)
      await drop(createFiles(${JSON.stringify(host.root)}), createClock(), { count: Number(process.argv[1]) + n });`;
  const children = [0, 10, 20].map(first =>
    spawn(process.execPath, ['--input-type=module', '--eval', code, String(first)], { stdio: 'inherit' }),
  );
  const exits = await Promise.all(children.map(child => once(child, 'exit')));
  for (const exit of exits) t.deepEqual(exit, [0, null]);
  const found = await counts(host.files);
  t.deepEqual(
    found.toSorted((a, b) => a - b),
    Array.from({ length: 30 }, (_, n) => n),
  );
  for (const first of [0, 10, 20]) {
    const own = found.filter(count => count >= first && count < first + 10);
    t.deepEqual(
      own,
      own.toSorted((a, b) => a - b),
    );
  }
});
