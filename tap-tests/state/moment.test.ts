import test from 'ava';
import fc from 'fast-check';
import { before, elapsed, isDue, momentNow, remaining, shown } from '../../src/state/moment.js';
import { moment } from '../../src/state/values.js';
import { createClock } from '../../src/system/clock.js';
import { createFiles } from '../../src/system/files.js';
import { expect, holds } from '../support/arbitrary.js';
import { FakeFiles } from '../support/fake-files.js';
import { after, BOOT, rebooted } from './support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A moment whose wall clock has been stepped. */
function stepped(ms: number, step: number): ReturnType<typeof after> {
  return { ...after(ms), at: after(ms + step).at };
}

test('a duration is counted by the clock that nobody steps', t => {
  const due = { since: after(0), ms: MINUTE };
  t.is(remaining(due, after(MINUTE - 1)), 1);
  for (const step of [0, HOUR, -HOUR, -20_000 * 24 * HOUR]) {
    t.is(remaining(due, stepped(10_000, step)), 50_000);
    t.true(isDue(due, stepped(MINUTE, step)));
  }
});

test("over a reboot the wall's clock tells", t => {
  const due = { since: after(0), ms: HOUR };
  t.is(remaining(due, rebooted(10 * MINUTE, 3000)), 50 * MINUTE);
  t.true(isDue(due, rebooted(2 * HOUR, 3000)));
});

test('a clock that comes up in the past puts nothing off for longer than the whole duration', t => {
  const due = { since: after(0), ms: MINUTE };
  const long = -10_000 * 24 * HOUR;
  t.is(remaining(due, rebooted(long, 3000)), MINUTE - 3000);
  t.true(isDue(due, rebooted(long + MINUTE, MINUTE)));
});

test("a time of the day is the clock's on the wall", t => {
  const due = { at: after(HOUR).at };
  t.is(remaining(due, after(MINUTE)), 59 * MINUTE);
  t.true(isDue(due, stepped(MINUTE, HOUR)));
  t.false(isDue(due, stepped(HOUR, -MINUTE)));
});

test('what a person reads is the time that was set, unless the clock was stepped', t => {
  const due = { since: after(0), ms: HOUR };
  t.is(shown(due, after(MINUTE)), '2026-11-21T03:00:00.000Z');
  t.is(shown(due, { ...after(MINUTE), up: after(MINUTE).up + 30 }), '2026-11-21T03:00:00.000Z');
  t.is(shown(due, stepped(MINUTE, HOUR)), '2026-11-21T04:00:00.000Z');
  t.is(shown({ at: after(0).at }, stepped(MINUTE, HOUR)), after(0).at);
});

test('time never runs backwards between two moments, and a due one stays due', async t => {
  const when = fc.record({
    at: fc.integer({ min: -HOUR * 24 * 20_000, max: HOUR * 24 * 20_000 }).map(ms => after(ms).at),
    boot: fc.constantFrom('', BOOT, rebooted(0, 0).boot),
    up: fc.nat(1e12),
  });
  await holds(t, fc.tuple(when, when, fc.nat(1e9), fc.nat(1e12)), ([since, now, ms, more]) => {
    expect(elapsed(since, now) >= 0, () => 'negative');
    const later = { ...now, up: now.up + more };
    const due = { since, ms };
    expect(!isDue(due, now) || isDue(due, later), () => JSON.stringify([due, now, later]));
    expect(remaining(due, now) <= ms, () => 'put off');
  });
});

test('a moment before another is as far on both clocks', t => {
  t.is(elapsed(before(after(0), 500), after(0)), 500);
  t.is(elapsed(before(after(0), 5 * HOUR), after(0)), 5 * HOUR);
});

test('a moment is read off this machine, and its boot clock counts from the boot for all processes', async t => {
  const clock = createClock();
  const first = await momentNow(createFiles(), clock);
  t.true(moment.safeParse(first).success);
  t.not(first.boot, '');
  t.true(elapsed(first, await momentNow(createFiles(), clock)) < MINUTE);
  const unknown = await momentNow(new FakeFiles(), clock);
  t.is(unknown.boot, '');
});
