// node packaging/tap.mjs COUNTS FAILURES < TAP
//
// Passes the tests' TAP on, indented as a subtest, as it comes. Writes "PASSED FAILED" to the file COUNTS and the
// failed tests, whole, to FAILURES. Exits 1 if a test failed, none ran or the TAP breaks off.

import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [countsFile, failuresFile] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
let planned;
let failing = false;
const failures = [];

for await (const line of createInterface({ input: process.stdin })) {
  console.log(line === '' ? '' : `    ${line}`);
  const point = /^(not )?ok\b/.exec(line);
  if (point) {
    failing = false;
    if (/ # (skip|todo)\b/i.test(line)) skipped += 1;
    else if (!point[1]) passed += 1;
    else {
      failed += 1;
      failing = true;
    }
  }
  planned = /^1\.\.(\d+)$/.exec(line)?.[1] ?? planned;
  // A failure's details are indented; what follows them is not part of it.
  if (failing && (point || line.startsWith(' '))) failures.push(line);
}

const total = passed + failed + skipped;
if (planned === undefined) {
  failures.push(`The tests broke off after ${total}: their TAP has no plan.`);
  // AVA's TAP reporter trips over a test that takes too long.
  failures.push('If one hangs: npx ava names it.');
} else if (total === skipped) {
  failures.push('No test ran.');
} else if (failed === 0 && Number(planned) !== total) {
  failures.push(`${planned} tests were planned, ${total} reported.`);
}
writeFileSync(countsFile, `${passed} ${failed}\n`);
writeFileSync(failuresFile, failures.map(line => `${line}\n`).join(''));
process.exitCode = failures.length > 0 ? 1 : 0;
