import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { Host } from '../../../src/lab/lab.js';
import { FAULTS } from '../reliability/faults.js';
import { drainsAndWaits, everything, judged, type Row, suffer } from '../reliability/measure.js';
import { lostIn, type Outcome } from '../reliability/observed.js';
import { type Checker, CHECKERS, description, withStage } from '../reliability/stage.js';
import { PROJECT, RESULTS, type Scenario } from '../harness.js';
import { note } from '../notes.js';

/** What build/lab/results/reliability-CHECKER.json holds. */
export interface Reliability {
  readonly checker: Checker;
  readonly rows: readonly Row[];
  /** While nothing was done to anybody. */
  readonly calm: Outcome;
  /** Why lvsctl took no drains. */
  readonly refusal?: string;
}

/** Seconds from the death of a server until it is out of the table, at most, by who checks. */
export const TARGETS: Readonly<Partial<Record<Checker, number>>> = { mon: 3, keepalived: 2 };
/** As often everything happens. */
const ROUNDS = 3;

/** Everything that can happen to a server, for docs/reliability.md. */
export const reliabilityAtLength: readonly Scenario[] = CHECKERS.map(checker => ({
  name: `reliability-${checker}`,
  descriptions: [description(checker)],
  onlyNamed: true,
  alone: true,
  limit: 1300,
  async run(check) {
    await withStage(checker, async stage => {
      await check(`with ${checker}, all that happens to a server is seen and passes`, async () => {
        const windows = [];
        for (let round = 0; round < ROUNDS; round++) windows.push(...(await everything(stage)));
        const { rows, calm } = await judged(stage, windows);
        for (const row of rows) note(told(row));
        note(`otherwise: ${lostIn(calm)} of ${calm.requests} lost`);
        const { refusal } = stage;
        const result: Reliability = { checker, rows, calm, ...(refusal === undefined ? {} : { refusal }) };
        writeFileSync(`${RESULTS}/reliability-${checker}.json`, JSON.stringify(result));
      });
    });
  },
}));

/** Seconds that an empty Node program takes in the lab, where it has the machine for itself. */
const USUAL_START = 0.5;

async function nodeStart(director: Host): Promise<number> {
  const start = performance.now();
  await director.sh(`${PROJECT}/node -e ''`);
  return (performance.now() - start) / 1000;
}

/** What holds everywhere, also on a busy machine. */
export const reliability: Scenario = {
  name: 'reliability',
  onlyNamed: true,
  descriptions: [description('mon'), description('keepalived')],
  alone: true,
  async run(check) {
    for (const checker of ['mon', 'keepalived'] as const) {
      await withStage(checker, async stage => {
        const [fault] = FAULTS.filter(({ name }) => name === 'port closed');
        await check(`${checker}: a dead server leaves the table, and loses nothing after that`, async () => {
          const [row] = (await judged(stage, [await suffer(stage, fault!)])).rows;
          note(told(row!));
          const slowness = Math.max(1, (await nodeStart(stage.director)) / USUAL_START);
          note(`Node starts ${slowness.toFixed(1)} times slower than usual here`);
          assert.ok((row!.changed ?? Infinity) <= 3 * TARGETS[checker]! * slowness, told(row!));
          assert.ok(row!.during.lost.refused > 0, told(row!));
          assert.ok(row!.during.span <= row!.changed! + 1, told(row!));
          assert.equal(lostIn(row!.after), 0, told(row!));
        });
        if (stage.refusal !== undefined) return;
        await check(`${checker}: drain --wait loses nothing`, async () => {
          const [row] = (await judged(stage, [await drainsAndWaits(stage)])).rows;
          note(told(row!));
          assert.ok(row!.during.requests > 50, told(row!));
          assert.equal(lostIn(row!.during) + lostIn(row!.after), 0, told(row!));
        });
      });
    }
  },
};

function told({ name, changed, back, departures, during, after }: Row): string {
  const seconds = (value: number | undefined): string =>
    value === undefined ? '-' : `${value.toFixed(2)} s`;
  const losses = (one: Outcome): string =>
    `${lostIn(one)} of ${one.requests} lost ${JSON.stringify(one.lost)} within ${seconds(one.span)}, slow ${one.slow}, gap ${seconds(one.gap)}`;
  return `${name}: changed after ${seconds(changed)}, back after ${seconds(back)}, ${departures} departures; ${losses(during)}; then ${losses(after)}`;
}
