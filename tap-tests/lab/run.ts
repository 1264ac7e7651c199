// Runs scenarios inside the lab's machine and reports them in TAP. Arguments: their names; none = all.

import type { Check } from './harness.js';
import { chosen } from './scenarios.js';

let points = 0;
let failures = 0;

function point(failure: unknown, sentence: string, start: number): void {
  const time = `# time=${Math.round(performance.now() - start)}ms`;
  console.log(`${failure === undefined ? 'ok' : 'not ok'} ${++points} - ${sentence} ${time}`);
  if (failure === undefined) return;
  failures++;
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : JSON.stringify(failure);
  for (const line of text.split('\n')) console.log(`  # ${line}`);
}

console.log('TAP version 14');
for (const { name, run } of chosen(process.argv.slice(2))) {
  const begin = performance.now();
  let told: unknown;
  const check: Check = async (sentence, work) => {
    const start = performance.now();
    try {
      await work();
      point(undefined, `${name}: ${sentence}`, start);
    } catch (error) {
      told = error;
      point(error, `${name}: ${sentence}`, start);
      throw error;
    }
  };
  try {
    await run(check);
    console.log(`# ${name} took ${Math.round((performance.now() - begin) / 100) / 10} s`);
  } catch (error) {
    // What a check has told is not told twice; the scenario's own setting may break as well.
    if (error !== told) point(error, name, begin);
  }
}
console.log(`1..${points}`);
process.exitCode = failures > 0 ? 1 : 0;
