import test from 'ava';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { appendJournal, type JournalEntry, readJournal } from '../../src/state/journal.js';
import { JOURNAL } from '../../src/state/paths.js';
import { anyText, expect, holds } from '../support/arbitrary.js';
import { TestHost } from '../support/context.js';
import { failingAt, FakeFiles } from '../support/fake-files.js';
import { after, fails, spoil, textOf, WEB } from './support.js';

const ENTRY: JournalEntry = {
  time: after(0).at,
  host: 'midas',
  ...WEB,
  event: 'mended',
  cause: 'the table was edited by another',
  before: '-a -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 3',
  after: '-a -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 1',
};
const APPLIED: JournalEntry = { time: after(5).at, host: 'midas', event: 'applied', cause: 'ada: apply' };

test('entries are lines of JSON, in the order in which they came', async t => {
  const host = new TestHost(t);
  t.deepEqual(await readJournal(host.files), { entries: [], skipped: [] });
  await appendJournal(host.files, [ENTRY, APPLIED]);
  await appendJournal(host.files, []);
  await appendJournal(host.files, [APPLIED]);
  t.deepEqual(await readJournal(host.files), { entries: [ENTRY, APPLIED, APPLIED], skipped: [] });
  t.is(host.text(JOURNAL).split('\n').length, 4);
  t.is(host.mode(JOURNAL), 0o644);
  t.is(host.mode('/var/lib/lvsctl'), 0o755);
});

test('whatever people write is one line, and is read as it was written', async t => {
  await holds(t, fc.tuple(anyText, anyText), async ([cause, before]) => {
    const files = new FakeFiles();
    await appendJournal(files, [{ ...APPLIED, cause, before }]);
    await appendJournal(files, [APPLIED]);
    expect((await textOf(files, JOURNAL)).split('\n').length === 3, () => 'lines');
    const { entries } = await readJournal(files);
    expect(isDeepStrictEqual(entries, [{ ...APPLIED, cause, before }, APPLIED]), () => 'changed');
  });
});

test('a line that a crash tore, at whichever byte, costs that line alone, and is named', async t => {
  const files = new FakeFiles();
  await appendJournal(files, [ENTRY, APPLIED]);
  const whole = Buffer.from(await files.read(JOURNAL));
  const second = whole.indexOf('\n') + 1;
  for (let length = second; length < whole.length; length++) {
    await spoil(files, JOURNAL, whole.subarray(0, length));
    await appendJournal(files, [APPLIED]);
    const { entries, skipped } = await readJournal(files);
    const complete = length === whole.length - 1;
    t.deepEqual(entries, complete ? [ENTRY, APPLIED, APPLIED] : [ENTRY, APPLIED]);
    t.deepEqual(skipped, complete || length === second ? [] : [2]);
  }
});

test('lines that are no entries are skipped, and named', async t => {
  const wrong: readonly object[] = [
    { ...APPLIED, host: 'a b' },
    { ...APPLIED, time: 'today' },
    { ...APPLIED, event: 'Applied!' },
    { ...APPLIED, server: '192.168.45.13' },
    { ...APPLIED, more: 1 },
    [],
  ];
  const files = new FakeFiles();
  const lines = [...wrong, APPLIED].map(one => JSON.stringify(one));
  await spoil(files, JOURNAL, ['no JSON', ...lines, ''].join('\n'));
  t.deepEqual(await readJournal(files), { entries: [APPLIED], skipped: [1, 2, 3, 4, 5, 6, 7] });
});

test('a full disk is said, and names the journal', async t => {
  await fails(
    t,
    appendJournal(failingAt(new FakeFiles(), 2, 'ENOSPC'), [APPLIED]),
    'file',
    /journal\.jsonl$/,
  );
});
