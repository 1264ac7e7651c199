// Runs scenarios inside the lab's machine and reports them in TAP. Arguments: their names; none = all.
//
// Several run at a time, since most of what they do is waiting; those that measure run alone, at the end. What a
// scenario says comes when it has ended, in one piece; that it begins is said at once.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from './harness.js';
import { secondsSince, withNotes } from './notes.js';
import { chosen } from './scenarios.js';

/** With more, the two emulated processors are so busy that the daemons' own times are missed. */
const AT_A_TIME = 3;
/** Seconds after which a scenario is given up that does not say so itself. */
const LIMIT = 600;

/** A point, or a line as it is. */
type Line = string | { readonly sentence: string; readonly milliseconds: number; readonly failure?: unknown };

const scenarios = chosen(process.argv.slice(2));
let begun = 0;
let points = 0;
let failures = 0;

console.log('TAP version 14');
const waiting = scenarios.filter(one => !one.alone);
await Promise.all(Array.from({ length: AT_A_TIME }, () => workOff(waiting)));
await workOff(scenarios.filter(one => one.alone));
console.log(`1..${points}`);
// What a scenario that was given up still does does not keep us.
process.exit(failures > 0 ? 1 : 0);

async function workOff(queue: Scenario[]): Promise<void> {
  for (let scenario = queue.shift(); scenario; scenario = queue.shift()) {
    console.log(`# ${++begun} of ${scenarios.length} begins: ${scenario.name}`);
    const lines: Line[] = [];
    await withNotes(
      line => lines.push(line),
      () => perform(scenario, lines),
    );
    for (const line of lines) print(line);
  }
}

async function perform({ name, run, limit = LIMIT }: Scenario, lines: Line[]): Promise<void> {
  const begin = performance.now();
  const point = (sentence: string, start: number, failure?: unknown): void => {
    lines.push({ sentence, milliseconds: Math.round(performance.now() - start), failure });
  };
  let told: unknown;
  try {
    const work = run(async (sentence, work) => {
      const start = performance.now();
      try {
        await work();
        point(`${name}: ${sentence}`, start);
      } catch (error) {
        told = error;
        point(`${name}: ${sentence}`, start, error);
        throw error;
      }
    });
    await Promise.race([work, end(limit)]);
    lines.push(`# ${name} took ${secondsSince(begin)} s`);
  } catch (error) {
    // What a check has told is not told twice; the scenario's own setting may break as well.
    if (error !== told) point(name, begin, error);
  }
}

async function end(seconds: number): Promise<never> {
  await sleep(seconds * 1000, undefined, { ref: false });
  throw new Error(`not done within ${seconds} s`);
}

function print(line: Line): void {
  if (typeof line === 'string') {
    console.log(line);
    return;
  }
  const word = line.failure === undefined ? 'ok' : 'not ok';
  console.log(`${word} ${++points} - ${line.sentence} # time=${line.milliseconds}ms`);
  if (line.failure === undefined) return;
  failures++;
  const { failure } = line;
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : JSON.stringify(failure);
  for (const one of text.split('\n')) console.log(`  # ${one}`);
}
