import test from 'ava';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import type { Event, JournalEntry } from '../../src/state/events.js';
import { appendJournal, type Writer } from '../../src/state/journal.js';
import { isSnapshot, journalFiles } from '../../src/state/journal-reader.js';
import { HEALTH, JOURNAL, JOURNAL_WHOLE, OPERATOR } from '../../src/state/paths.js';
import type { Files } from '../../src/system/ports.js';
import { anyText, expect, holds } from '../support/arbitrary.js';
import { TestHost } from '../support/context.js';
import { failingAt, FakeFiles } from '../support/fake-files.js';
import { after, fails, readJournal, rebooted, spoil, textOf, WEB } from './support.js';

const MENDED: Event = {
  ...WEB,
  event: 'mended',
  cause: 'the table was edited by another',
  before: '-a -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 3',
  after: '-a -t 192.168.45.26:80 -r 192.168.45.13:80 -g -w 1',
};
const APPLIED: Event = { event: 'applied', cause: 'ada: apply' };
const WRITER: Writer = { host: 'midas', now: after(0) };

function written(event: Event, { now, host }: Writer = WRITER): JournalEntry {
  return { time: now.at, host, ...event };
}

/** How many snapshots the newest file has, and which line is the first. */
async function snapshots(files: Files): Promise<readonly number[]> {
  const lines = (await textOf(files, JOURNAL)).split('\n');
  return lines.flatMap((line, index) => (isSnapshot(line) ? [index + 1] : []));
}

test('entries are lines of JSON below a snapshot, in the order in which they came', async t => {
  const host = new TestHost(t);
  t.deepEqual(await readJournal(host.files), { entries: [], skipped: [] });
  await appendJournal(host.files, WRITER, [MENDED, APPLIED]);
  await appendJournal(host.files, WRITER, []);
  const later = { ...WRITER, now: after(5) };
  await appendJournal(host.files, later, [APPLIED]);
  const entries = [written(MENDED), written(APPLIED), written(APPLIED, later)];
  t.deepEqual(await readJournal(host.files), { entries, skipped: [] });
  t.is(host.text(JOURNAL).split('\n').length, 5);
  t.deepEqual(await snapshots(host.files), [1]);
  t.is(host.mode(JOURNAL), 0o644);
  t.is(host.mode('/var/lib/lvsctl'), 0o755);
});

test('whatever people write is one line, and is read as it was written; what is too long is cut', async t => {
  await holds(t, fc.tuple(anyText, anyText, fc.boolean()), async ([cause, before, isLong]) => {
    const files = new FakeFiles();
    const long = isLong ? 'ä'.repeat(1001) : '';
    await appendJournal(files, WRITER, [{ ...APPLIED, cause, before: before + long }, APPLIED]);
    expect((await textOf(files, JOURNAL)).split('\n').length === 4, () => 'lines');
    const { entries } = await readJournal(files);
    const told = { ...APPLIED, cause, before: (before + long).slice(0, 1000) };
    expect(isDeepStrictEqual(entries, [written(told), written(APPLIED)]), () => 'changed');
  });
});

test('a line that a crash tore, at whichever byte, costs that line alone, and is named', async t => {
  const files = new FakeFiles();
  await appendJournal(files, WRITER, [MENDED, APPLIED]);
  const whole = Buffer.from(await files.read(JOURNAL));
  const third = whole.lastIndexOf('\n', -2) + 1;
  for (let length = third; length < whole.length; length++) {
    await spoil(files, JOURNAL, whole.subarray(0, length));
    t.deepEqual(await readJournal(files), { entries: [written(MENDED)], skipped: [] });
    await appendJournal(files, WRITER, [APPLIED]);
    const { entries, skipped } = await readJournal(files);
    const complete = length === whole.length - 1;
    const [one, other] = [written(MENDED), written(APPLIED)];
    t.deepEqual(entries, complete ? [one, other, other] : [one, other]);
    t.deepEqual(skipped, complete || length === third ? [] : [3]);
  }
});

test('lines that are no entries are skipped, and named', async t => {
  const entry = written(APPLIED);
  const wrong: readonly object[] = [
    { ...entry, host: 'a b' },
    { ...entry, time: 'today' },
    { ...entry, event: 'Applied!' },
    { ...entry, server: '192.168.45.13' },
    { ...entry, more: 1 },
    { ...entry, operator: { drain: true } },
    [],
  ];
  const files = new FakeFiles();
  const lines = [...wrong, entry].map(one => JSON.stringify(one));
  await spoil(files, JOURNAL, ['no JSON', ...lines, ''].join('\n'));
  t.deepEqual(await readJournal(files), { entries: [entry], skipped: [1, 2, 3, 4, 5, 6, 7, 8] });
});

test('a full disk is said, and names the journal; what then follows begins with a snapshot', async t => {
  for (let n = 1; n <= 2; n++) {
    const files = new FakeFiles();
    await appendJournal(files, WRITER, [APPLIED]);
    await fails(t, appendJournal(failingAt(files, n, 'ENOSPC'), WRITER, [MENDED]), 'file', /journal\.jsonl$/);
    t.is(await files.look(JOURNAL_WHOLE), undefined);
    await appendJournal(files, WRITER, [MENDED]);
    t.deepEqual(await snapshots(files), [1, 3], `${n}`);
    await appendJournal(files, WRITER, [MENDED]);
    t.deepEqual(await snapshots(files), [1, 3], `${n}`);
  }
});

test('what is written after a boot begins with a snapshot', async t => {
  const files = new FakeFiles();
  await appendJournal(files, WRITER, [APPLIED]);
  await files.remove(JOURNAL_WHOLE);
  await appendJournal(files, { ...WRITER, now: rebooted(60_000, 5000) }, [APPLIED]);
  t.deepEqual(await snapshots(files), [1, 3]);
});

test('a full file becomes an old one, eight of them stay, and each begins with a snapshot', async t => {
  const files = new FakeFiles();
  const writer = { ...WRITER, limit: 1000 };
  for (let n = 0; n < 150; n++) await appendJournal(files, writer, [{ ...APPLIED, cause: `ada: ${n}` }]);
  const names = (await files.list('/var/lib/lvsctl')).filter(name => name.startsWith('journal'));
  t.is(names.length, 9);
  for (const name of names) {
    const [first = ''] = (await textOf(files, `/var/lib/lvsctl/${name}`)).split('\n');
    t.true(isSnapshot(first), name);
    t.true((await files.read(`/var/lib/lvsctl/${name}`)).length < 1500, name);
  }
  const { entries } = await readJournal(files);
  const numbers = entries.map(({ cause }) => Number(cause.slice(5)));
  t.deepEqual(
    numbers,
    numbers.map((_, index) => 150 - numbers.length + index),
  );
  t.true(numbers.length > 40);
});

test('killed at any step of a rotation: no line is lost, and the next one goes on', async t => {
  for (let n = 1; ; n++) {
    const files = new FakeFiles();
    const writer = { ...WRITER, limit: 600 };
    let written = 0;
    const write = (to: Files): Promise<void> =>
      appendJournal(to, writer, [{ ...APPLIED, cause: `ada: ${++written}` }]);
    while ((await journalFiles(files)).length < 4) await write(files);
    while ((await files.read(JOURNAL)).length < 500) await write(files);
    const before = await readJournal(files);
    const failing = failingAt(files, n, 'EIO');
    await write(failing).catch(() => undefined);
    const isThrough = failing.changes < n;
    await write(files);
    const { entries, skipped } = await readJournal(files);
    t.deepEqual(skipped, []);
    t.deepEqual(entries.slice(0, before.entries.length), before.entries, `step ${n}`);
    t.is(entries.at(-1)?.cause, `ada: ${written}`);
    if (isThrough) break;
  }
});

test('a snapshot larger than a file does not push the events out', async t => {
  const files = new FakeFiles();
  const reason = 'x'.repeat(900);
  const drain = { author: 'ada', reason, since: after(0) };
  const operator = { version: 1, entries: [{ ...WEB, drain, revision: 1, host: 'midas' }] };
  await spoil(files, OPERATOR, JSON.stringify(operator));
  for (let n = 0; n < 40; n++) await appendJournal(files, { ...WRITER, limit: 800 }, [APPLIED]);
  const { entries } = await readJournal(files);
  t.is(entries.length, 40);
  t.true((await journalFiles(files)).length <= 6);
});

test('a damaged overlay makes no snapshot: what the journal has of it is what is left', async t => {
  for (const path of [OPERATOR, HEALTH]) {
    const files = new FakeFiles();
    await spoil(files, path, '{');
    await appendJournal(files, WRITER, [APPLIED]);
    t.deepEqual(await snapshots(files), []);
    t.is(await textOf(files, path), '{');
    await files.remove(path);
    await appendJournal(files, WRITER, [APPLIED]);
    t.deepEqual(await snapshots(files), [2]);
  }
});
