import test from 'ava';
import { CODES } from '../src/diagnostic/codes.js';
import { allCases, outcome, PORTS, read } from './support/cases.js';
import { readDescription } from '../src/config/read.js';
import { writeYaml } from '../src/config/yaml/write.js';

const UPDATE = process.env['UPDATE_CASES'] === '1';
const cases = allCases();

for (const one of cases) {
  test(one.title, async t => {
    const reading = await read(one);
    const text = outcome(one, reading);
    // What moves the cursor, turns the reading direction or is not seen must not reach a terminal.
    t.notRegex(
      text,
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
    );
    if (UPDATE && text !== one.expected) one.update(text);
    else t.is(text, one.expected ?? 'no expectation yet');
    if (!reading.cluster) return;
    const again = await readDescription(Buffer.from(writeYaml(reading.cluster)), 'again.yaml', PORTS);
    t.deepEqual(again.cluster, reading.cluster, 'what is written reads back as the same cluster');
  });
}

/** What no small file can show, and what edits are refused for; each has a test of its own in config/. */
const ELSEWHERE = [
  'unreadable-file',
  'file-too-large',
  'too-many-errors',
  'shared-value',
  'not-editable',
  'beyond-classic',
];

test('every diagnostic has a case', t => {
  const shown = cases.map(one => one.expected ?? '').join('\n');
  const missing = Object.keys(CODES).filter(code => !shown.includes(`[${code}]`));
  t.deepEqual(missing.toSorted(), ELSEWHERE.toSorted());
});

test('more than half of at least 130 cases are wrong inputs', t => {
  const wrong = cases.filter(one => / error\[/.test(one.expected ?? ''));
  t.true(cases.length >= 130, `${cases.length} cases`);
  t.true(wrong.length > cases.length / 2, `${wrong.length} of ${cases.length} are wrong`);
});
