import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { settle } from '../../src/state/deadlines.js';
import type { Overlays } from '../../src/state/events.js';
import { died, HEALTHY, returned, writeHealth } from '../../src/state/health.js';
import { appendJournal } from '../../src/state/journal.js';
import { rebuilt } from '../../src/state/journal-reader.js';
import type { Moment } from '../../src/state/moment.js';
import { drain, forget, planDrain, setWeight, undrain, writeOperator } from '../../src/state/operator.js';
import { HEALTH, JOURNAL, JOURNAL_WHOLE } from '../../src/state/paths.js';
import { recording } from '../../src/state/replay.js';
import { place } from '../../src/table/overlay.js';
import { after } from '../state/support.js';
import { expect, holds } from '../support/arbitrary.js';
import { failingAt, FakeFiles } from '../support/fake-files.js';

const PLACES = ['192.0.2.11:80', '192.0.2.12:80', '[2001:db8::1]:80'].map(server => ({
  service: '192.0.2.100:80/tcp',
  server,
}));
const WISH = { author: 'ada', reason: 'a "reason": {with} \u2028 signs' };

type Act = (state: Overlays, at: (typeof PLACES)[number], ms: number, now: Moment) => Overlays;

const host = 'midas';
const ACTS: Record<string, Act> = {
  drain: (state, at, lasts, now) => ({
    ...state,
    operator: drain(state.operator, [at], { ...WISH, lasts }, { host, now }),
  }),
  plan: (state, at, lasts, now) => ({
    ...state,
    operator: planDrain(state.operator, [at], WISH, { since: now, ms: lasts }, { host, now }),
  }),
  undrain: (state, at, slow, now) => ({
    ...state,
    operator: undrain(state.operator, [at], slow, { host, now }),
  }),
  weight: (state, at, value, now) => ({
    ...state,
    operator: setWeight(state.operator, [at], value, WISH, { host, now }),
  }),
  forget: (state, at) => ({ ...state, operator: forget(state.operator, one => place(one) === place(at)) }),
  down: (state, at, _ms, now) => ({ ...state, health: died(state.health, at, 'mon', now) }),
  up: (state, at, slow, now) => ({ ...state, health: returned(state.health, at, slow, now) }),
  'its time': (state, _at, _ms, now) => settle({ ...state, current: undefined }, { host, now }),
};

const step = fc.record({
  act: fc.constantFrom(...Object.keys(ACTS)),
  at: fc.constantFrom(...PLACES),
  ms: fc.integer({ min: 1, max: 9000 }),
  /** What goes wrong with it. */
  trouble: fc.oneof(
    { weight: 8, arbitrary: fc.constant('none') },
    { weight: 1, arbitrary: fc.constantFrom('full disk', 'boot', 'file first') },
  ),
});

/** Without the order of servers, which means nothing. */
function sorted({ operator, health }: Overlays): unknown {
  const lines = (all: readonly object[]): object[] =>
    all
      .map(one => JSON.parse(JSON.stringify(one)) as object)
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return { operator: lines(operator.entries), dead: lines(health.dead), rising: lines(health.rising) };
}

function keyOf(one: object): string {
  return place(one as (typeof PLACES)[number]);
}

test('from the journal alone both overlays are as they were: rotated anywhere, cut at any byte of the last line', async t => {
  const story = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 25 }),
    limit: fc.integer({ min: 1, max: 6000 }),
    cut: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const seen = { rotated: 0, cut: 0, full: 0 };
  await holds(
    t,
    story,
    async ({ steps, limit, cut }) => {
      const files = new FakeFiles();
      let state: Overlays = { operator: { entries: [] }, health: HEALTHY };
      let last = state;
      let boots = 0;
      const boot = (): string => `${boots}`;
      for (const [index, { act, at, ms, trouble }] of [
        ...steps,
        { ...steps[0]!, trouble: 'none' },
      ].entries()) {
        if (trouble === 'boot') {
          boots++;
          await files.remove(HEALTH);
          await files.remove(JOURNAL_WHOLE);
          state = { ...state, health: HEALTHY };
        }
        const now = { ...after(index * 1000), boot: boot() };
        const { operator, health } = ACTS[act]!(state, at, ms, now);
        const next = { operator, health };
        const told = [{ ...at, event: 'drained', cause: act } as const];
        const events = recording(told, state, next);
        last = events.length === 1 ? state : next;
        const write = async (): Promise<void> => {
          if (operator !== state.operator) await writeOperator(files, operator);
          if (health !== state.health) await writeHealth(files, health);
        };
        if (trouble === 'file first') await write();
        const disk = trouble === 'full disk' ? failingAt(files, 2, 'ENOSPC') : files;
        await appendJournal(disk, { host, now, limit }, events).catch(() => seen.full++);
        await write();
        state = next;
      }
      const whole = (await rebuilt(files, boot())).overlays;
      const show = (one: Overlays): string => JSON.stringify(sorted(one));
      expect(isDeepStrictEqual(sorted(whole), sorted(state)), () => `${show(whole)}\nnot ${show(state)}`);
      if (await files.look(`${JOURNAL}.1`)) seen.rotated++;
      const bytes = Buffer.from(await files.read(JOURNAL));
      const start = bytes.lastIndexOf('\n', -2) + 1;
      const end = start + Math.floor(cut * (bytes.length - start - 1));
      // Where several lines tell of the last act, a cut parts them.
      if (last === state || end === bytes.length - 1) return;
      seen.cut++;
      await files.replace(JOURNAL, bytes.subarray(0, end), 0o644);
      const torn = (await rebuilt(files, boot())).overlays;
      expect(isDeepStrictEqual(sorted(torn), sorted(last)), () => `cut: ${show(torn)}\nnot ${show(last)}`);
    },
    400,
  );
  t.true(seen.rotated > 50 && seen.cut > 50 && seen.full > 20, JSON.stringify(seen));
});
