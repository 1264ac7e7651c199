import test from 'ava';
import { allPassed } from '../../src/lab/report.js';
import { reportJson, reportText, secondsText, summaryOf } from '../../src/view/lab-report.js';
import { createStyle } from '../../src/view/style.js';
import { drill, report } from '../support/reports.js';

const PLAIN = createStyle(false);

test('drills stand under what they are about, aligned, and the summary comes last', t => {
  const text = reportText(
    report([
      drill({ id: 'up', title: 'the cluster comes up', detail: 'midas is active', seconds: 12 }),
      drill({ subject: 'web' }),
      drill({ subject: 'midas', id: 'table', title: 'the table', outcome: 'failed', detail: '- a\n+ b' }),
      drill({ subject: 'web', title: 'one client', outcome: 'not-run', detail: 'there is no SCTP' }),
    ]),
    PLAIN,
  );
  t.is(
    text,
    `the cluster
  ✔ the cluster comes up        12.0 s
      midas is active

web
  ✔ every request is answered    1.2 s
      12 of 12
  – one client
      not run: there is no SCTP

midas
  ✘ the table                    1.2 s
      - a
      + b

lvs.yaml: 2 passed, 1 failed, 1 not run in 61 s
`,
  );
});

test('only what passed is a success: not what was not run, and not nothing at all', t => {
  t.true(allPassed({ drills: [drill()] }));
  t.false(allPassed({ drills: [drill(), drill({ outcome: 'not-run' })] }));
  t.false(allPassed({ drills: [drill(), drill({ outcome: 'failed' })] }));
  t.false(allPassed({ drills: [] }));
  t.is(summaryOf({ drills: [] }), 'no drills');
});

test('names cannot steer the terminal, neither as text nor as JSON', t => {
  const evil = '\u001b[2J\u202eweb';
  const hostile = report([drill({ subject: evil, title: evil, detail: evil })], { description: evil });
  for (const text of [reportText(hostile, PLAIN), reportJson(hostile)]) {
    t.false(/[\u001b\u202e]/.test(text));
    t.true(text.includes('\\u001b[2J\\u202eweb'));
  }
});

test('JSON has everything, with its version', t => {
  const whole = report([drill({ figures: { requests: 12, lost: 0 } })]);
  t.deepEqual(JSON.parse(reportJson(whole)), JSON.parse(JSON.stringify(whole)));
  t.is(JSON.parse(reportJson(whole)).version, 1);
});

test('times are as exact as they need to be', t => {
  t.deepEqual([0.42, 9, 61.4, 125, 179.6].map(secondsText), [
    '0.4 s',
    '9.0 s',
    '61 s',
    '2 min 5 s',
    '3 min 0 s',
  ]);
});
