import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { pointInTime } from '../../src/commands/point-in-time.js';
import { ROOT } from '../support/context.js';

const NOW = { at: '2026-11-21T15:30:00.000Z', boot: 'b', up: 1000 };

/** The next times by the clocks of a place: which moment each is, or why it is none. */
function there(zone: string, now: string, ...texts: readonly string[]): readonly string[] {
  const script = `
    import { pointInTime } from ${JSON.stringify(join(ROOT, 'build/src/commands/point-in-time.js'))};
    import { localTime } from ${JSON.stringify(join(ROOT, 'build/src/view/times.js'))};
    for (const text of process.argv.slice(2)) {
      try { const { at } = pointInTime(text, { at: process.argv[1], boot: 'b', up: 0 }); console.log(localTime(at)); }
      catch (error) { console.log(error.message); }
    }`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, '--', now, ...texts],
    {
      encoding: 'utf8',
      env: { TZ: zone },
    },
  );
  return stdout === '' ? [stderr] : stdout.trimEnd().split('\n');
}

test('a time from now on counts by the clock of the boot', t => {
  t.deepEqual(pointInTime('+2h', NOW), { since: NOW, ms: 7_200_000 });
  t.deepEqual(pointInTime('+1d', NOW), { since: NOW, ms: 86_400_000 });
});

test('a time of the day is the next one; a date says which', t => {
  const now = '2026-11-21T14:30:00.000Z';
  t.deepEqual(
    there('Europe/Berlin', now, '02:00', '15:31', '15:30', '23:59', '2026-11-21 15:31', '2027-02-28 00:00'),
    [
      '2026-11-22 02:00:00 +0100',
      '2026-11-21 15:31:00 +0100',
      '2026-11-22 15:30:00 +0100',
      '2026-11-21 23:59:00 +0100',
      '2026-11-21 15:31:00 +0100',
      '2027-02-28 00:00:00 +0100',
    ],
  );
  t.deepEqual(there('America/St_Johns', now, '11:01'), ['2026-11-21 11:01:00 -0330']);
});

test('what is over is told', t => {
  const over = (text: string): string => `${JSON.stringify(text)} is over: a time must be to come`;
  const texts = ['2026-11-21 15:29', '2026-11-20 23:00', '1999-01-01 00:00'];
  t.deepEqual(there('Europe/Berlin', '2026-11-21T14:30:00.000Z', ...texts), texts.map(over));
});

test('an hour that summer time leaves out comes as much later', t => {
  const eve = '2026-03-28T22:00:00.000Z';
  t.deepEqual(there('Europe/Berlin', eve, '02:30', '2026-03-29 02:30'), [
    '2026-03-29 03:30:00 +0200',
    '2026-03-29 03:30:00 +0200',
  ]);
});

test('of an hour that there is twice the first to come counts', t => {
  t.deepEqual(there('Europe/Berlin', '2026-10-24T22:00:00.000Z', '02:30'), ['2026-10-25 02:30:00 +0200']);
  // It is 02:45 for the first time.
  t.deepEqual(there('Europe/Berlin', '2026-10-25T00:45:00.000Z', '02:30', '2026-10-25 02:30'), [
    '2026-10-25 02:30:00 +0100',
    '2026-10-25 02:30:00 +0100',
  ]);
  // For the second.
  t.deepEqual(there('Europe/Berlin', '2026-10-25T01:45:00.000Z', '02:30'), ['2026-10-26 02:30:00 +0100']);
  // An island that sets its clocks back by half an hour: 01:45, for the first time.
  t.deepEqual(there('Australia/Lord_Howe', '2026-04-04T14:45:00.000Z', '01:40'), [
    '2026-04-05 01:40:00 +1030',
  ]);
});

for (const text of [
  '',
  '2',
  '24:00',
  '02:60',
  '2:00',
  '+',
  '+0s',
  '+2',
  '-2h',
  '+400d',
  '2026-02-30 02:00',
  '2026-13-01 02:00',
  '0050-01-01 02:00',
  '2026-11-21  02:00',
  '2026-11-22',
  'tomorrow',
  '02:00\n',
]) {
  test(`${JSON.stringify(text)} is no time`, t => {
    t.throws(() => pointInTime(text, NOW), { message: `a time cannot be ${JSON.stringify(text)}` });
  });
}
