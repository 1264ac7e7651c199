import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import type { Generation } from '../../src/state/generation.js';
import {
  confirmed,
  currentGeneration,
  currentNumber,
  generationNumbers,
  holding,
  KEPT,
  nextNumber,
  pruneGenerations,
  readGeneration,
  readGenerations,
  setCurrent,
  writeGeneration,
} from '../../src/state/generations.js';
import { GENERATIONS } from '../../src/state/paths.js';
import { TestHost } from '../support/context.js';
import { clusterWithOverlay } from '../support/arbitrary-overlay.js';
import { expect, holds } from '../support/arbitrary.js';
import { failingAt, FakeFiles, unreadable } from '../support/fake-files.js';
import { after, fails, generation, pathOf, spoil, textOf } from './support.js';

const WAITING: Generation['trial'] = { state: 'waiting', due: { since: after(2), ms: 60_000 }, back: 1 };

test('a generation is read as it was written, and lies in a folder that all may read', async t => {
  const host = new TestHost(t);
  const one = generation(3, { reason: 'more\nservers', trial: WAITING });
  await writeGeneration(host.files, one);
  await setCurrent(host.files, 3);
  t.deepEqual(await currentGeneration(host.files), one);
  t.is(host.mode(pathOf(3)), 0o644);
  t.is(host.mode(GENERATIONS), 0o755);
  t.deepEqual(host.paths('/var'), [pathOf(3), `${GENERATIONS}/current`]);
  t.is(host.everything('/var')[`${GENERATIONS}/current`], '-> 3.json');
});

test('every cluster that a description can say is read as it was written', async t => {
  await holds(t, clusterWithOverlay, async ([cluster]) => {
    const files = new FakeFiles();
    await writeGeneration(files, generation(1, { cluster }));
    const { cluster: found } = await readGeneration(files, 1);
    expect(isDeepStrictEqual(found, cluster), () => JSON.stringify(found));
  });
});

test('nothing runs before the first is said to, nor after it has been taken back', async t => {
  const files = new FakeFiles();
  t.is(await currentNumber(files), undefined);
  t.is(await currentGeneration(files), undefined);
  t.is(await nextNumber(files), 1);
  await writeGeneration(files, generation(1));
  t.is(await currentNumber(files), undefined);
  await setCurrent(files, 1);
  t.is(await currentNumber(files), 1);
  await setCurrent(files, undefined);
  await setCurrent(files, undefined);
  t.is(await currentNumber(files), undefined);
  t.is(await nextNumber(files), 2);
});

test('the last fifty stay, and those that are still needed', async t => {
  const files = new FakeFiles();
  for (let number = 1; number <= KEPT + 5; number++) await writeGeneration(files, generation(number));
  await spoil(files, `${GENERATIONS}/notes.txt`, 'mine');
  await pruneGenerations(files, [2, null]);
  const numbers = await generationNumbers(files);
  t.deepEqual(numbers.slice(0, 3), [2, 6, 7]);
  t.is(numbers.length, KEPT + 1);
  t.is(await textOf(files, `${GENERATIONS}/notes.txt`), 'mine');
});

test('numbers are in the order of numbers', async t => {
  const files = new FakeFiles();
  for (const number of [9, 10, 100]) await writeGeneration(files, generation(number));
  for (const name of ['01.json', '-1.json', 'x.json', '11.json.damaged-1']) {
    await spoil(files, `${GENERATIONS}/${name}`, '');
  }
  t.deepEqual(await generationNumbers(files), [9, 10, 100]);
  t.is(await nextNumber(files), 101);
});

const SPOILT: readonly (readonly [what: string, content: string, message: RegExp])[] = [
  ['empty', '', /it is empty/],
  ['torn', JSON.stringify({ version: 1, ...generation(2) }).slice(0, 500), /is damaged/],
  ['not JSON', 'lvsctl', /is damaged/],
  ['not an object', '[]', /its version is not 1/],
  ['null', 'null', /its version is not 1/],
  ['without a version', JSON.stringify(generation(2)), /its version is not 1/],
  ['of another number', spelt(generation(3)), /it says that it is generation 3/],
  ['with a key that nobody knows', spelt({ ...generation(2), more: 1 }), /top: .*more/],
  ['without a key', spelt({ ...generation(2), author: undefined }), /author: /],
];

function spelt(one: object): string {
  return JSON.stringify({ version: 1, ...one });
}

for (const [what, content, message] of SPOILT) {
  test(`a generation that is ${what} is said to be damaged and stays; the others can be read`, async t => {
    const files = new FakeFiles();
    await writeGeneration(files, generation(1));
    await spoil(files, pathOf(2), content);
    await setCurrent(files, 2);
    const error = await fails(t, currentGeneration(files), 'damaged', message);
    t.true(error.message.startsWith(pathOf(2)));
    t.is(await textOf(files, pathOf(2)), content);
    t.is((await readGeneration(files, 1)).number, 1);
    const { generations, problems } = await readGenerations(files);
    t.deepEqual([generations.map(one => one.number), problems.length], [[1], 1]);
    t.is(await nextNumber(files), 3);
  });
}

test('one of a newer version says so, whatever else is in it', async t => {
  const files = new FakeFiles();
  await spoil(files, pathOf(2), '{"version":2,"cluster":"in another form"}');
  await fails(t, readGeneration(files, 2), 'newer', /newer lvsctl: its version is 2, this one knows 1/);
});

test('values that could do harm elsewhere are not taken, wherever they stand', async t => {
  const files = new FakeFiles();
  const text = JSON.stringify({ version: 1, ...generation(2) });
  const hostile: readonly (readonly [from: string, to: string])[] = [
    ['"192.168.45.13"', '"192.168.45.13 -w 0"'],
    ['"192.168.45.13"', '"192.168.45.013"'],
    ['"192.168.45.13"', '"$(reboot)"'],
    ['"interface":"eth0"', '"interface":"eth0;reboot"'],
    ['"interface":"eth0"', '"interface":"../../x"'],
    ['"scheduler":"wlc"', '"scheduler":"wlc -p 3"'],
    ['"scheduler":"wlc"', '"scheduler":"__proto__"'],
    ['"weight":1', '"weight":65536'],
    ['"weight":1', '"weight":-1'],
    ['"weight":1', '"weight":1.5'],
    ['"weight":1', '"weight":"1"'],
    ['"weight":1', '"weight":1e99'],
    ['"port":80', '"port":"80"'],
    ['"name":"midas"', '"name":"-midas"'],
    ['"keyFile":"/etc/lvsctl/failover.key"', '"keyFile":"/etc/`id`"'],
    ['-A -t 192.168.45.26:80 -s wlc', '-C\\n-A'],
    ['-A -t 192.168.45.26:80 -s wlc', 'reboot'],
    ['"host":"midas"', '"host":"a b"'],
    ['"number":2', '"number":2.5'],
    ['"up":3600002', '"up":null'],
    ['2026-11-21T02:00:00.002Z', '2026-13-41T02:00:00.002Z'],
  ];
  for (const [from, to] of hostile) {
    t.true(text.includes(from), from);
    await spoil(files, pathOf(2), text.replace(from, to));
    await fails(t, readGeneration(files, 2), 'damaged', /is damaged: [a-z]/);
  }
});

test('a byte that is no UTF-8 is damage', async t => {
  const files = new FakeFiles();
  const bytes = Buffer.from(spelt(generation(2, { author: 'ada?' })));
  bytes[bytes.indexOf('?')] = 0xff;
  await spoil(files, pathOf(2), bytes);
  await fails(t, readGeneration(files, 2), 'damaged', /is damaged/);
});

test('a generation that is not there is named with those that are', async t => {
  const files = new FakeFiles();
  t.is(
    (await fails(t, readGeneration(files, 7), 'absent', /no generation 7/)).help,
    'nothing has been applied yet',
  );
  await writeGeneration(files, generation(3));
  await writeGeneration(files, generation(5));
  t.is(
    (await fails(t, readGeneration(files, 7), 'absent', /no generation 7/)).help,
    'kept are 3 to 5; `lvsctl rollback N` makes one of them run',
  );
});

test('what is no link to a generation does not run', async t => {
  for (const target of ['../../../etc/passwd', '/etc/1.json', '1.json/..', 'x.json', '0.json']) {
    const files = new FakeFiles();
    await files.link(`${GENERATIONS}/current`, target);
    await fails(t, currentNumber(files), 'damaged', /current is damaged/);
  }
  const files = new FakeFiles();
  await spoil(files, `${GENERATIONS}/current`, '1');
  await fails(t, currentNumber(files), 'damaged', /current is damaged/);
});

test('what the file system refuses names the file', async t => {
  const files = new FakeFiles();
  await fails(t, writeGeneration(failingAt(files, 2, 'ENOSPC'), generation(1)), 'file', /1\.json$/);
  t.deepEqual(await generationNumbers(files), []);
  const host = new TestHost(t);
  await writeGeneration(host.files, generation(1));
  await fails(t, readGeneration(unreadable(host.files, /1\.json/), 1), 'file', /1\.json$/);
});

test('a trial is confirmed once, and one that replaces a trial goes back to the same generation', t => {
  const trial = generation(2, { trial: WAITING });
  t.deepEqual(confirmed(trial, after(9)).trial, { state: 'confirmed', at: after(9) });
  t.throws(() => confirmed(generation(2), after(9)), { message: /nothing waits to be confirmed/ });
  t.is(holding(undefined), null);
  t.is(holding(generation(4)), 4);
  t.is(holding(trial), 1);
});
