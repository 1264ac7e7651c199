import test from 'ava';
import type { JournalEntry } from '../../src/state/events.js';
import { type Weight, WeightHistory } from '../../src/state/weight-history.js';

const WEB = '192.0.2.100:80/tcp';
const ONE = '192.0.2.11:80';

function at(minute: number): string {
  return new Date(Date.UTC(2026, 10, 21, 12, minute)).toISOString();
}

function line(command: 'a' | 'e', weight: number): string {
  return `-${command} -t 192.0.2.100:80 -r ${ONE} -g -w ${weight} -x 50 -y 40`;
}

const OF_ONE = { service: WEB, server: ONE };

/** What a server has had from 12:00 to 13:00, as `MINUTE:WEIGHT`. */
function steps(entries: readonly Partial<JournalEntry>[], today?: Weight): string {
  const history = new WeightHistory();
  for (const [index, entry] of entries.entries())
    history.add({ time: at(index + 1), host: 'midas', event: 'changed', cause: 'test', ...entry });
  return history
    .steps(OF_ONE, [at(0), at(60)], today)
    .map(({ at, weight }) => `${(Date.parse(at) - Date.UTC(2026, 10, 21, 12)) / 60_000}:${weight ?? 'out'}`)
    .join(' ');
}

const edited = (before: number, after: number): Partial<JournalEntry> => ({
  ...OF_ONE,
  before: line('a', before),
  after: line('e', after),
});
const added = (weight: number): Partial<JournalEntry> => ({ ...OF_ONE, after: line('a', weight) });
const removed = (weight: number): Partial<JournalEntry> => ({
  ...OF_ONE,
  before: line('a', weight),
  after: '-d -t 192.0.2.100:80 -r 192.0.2.11:80',
});

test('lines of the table give the weights before and after them', t => {
  t.is(steps([edited(5, 7), edited(7, 3)], 3), '0:5 1:7 2:3');
  t.is(steps([added(5), removed(5), added(6)], 6), '0:out 1:5 2:out 3:6');
});

test('where the journal tells nothing, it has been what it should be now', t => {
  t.is(steps([], 9), '0:9');
  t.is(steps([], null), '0:out');
  t.is(steps([]), '0:out');
});

test('what operators said gives weights, too, and what tells of none gives none', t => {
  const said = { ...OF_ONE, event: 'drained', before: 'weight 5, configured', after: 'weight 0, drained' };
  t.is(
    steps([said, { ...OF_ONE, event: 'undrained', before: 'weight 0, drained', after: 'weight 5, x' }]),
    '0:5 1:0 2:5',
  );
  t.is(steps([{ ...said, after: 'not in the table, dead' }]), '0:5 1:out');
  const others = [
    'web1 is alive again: weight 77',
    'weight 99999999, x',
    '-w 3',
    '-E -t x -s wrr',
    'weight 7',
  ];
  t.is(
    steps(
      others.map(after => ({ ...OF_ONE, event: 'up', after })),
      4,
    ),
    '0:4',
  );
  t.is(
    steps(
      [
        { event: 'applied', after: 'generation 4' },
        { service: WEB, after: '-A -t x -s wrr' },
      ],
      4,
    ),
    '0:4',
  );
});

test('a table that is unloaded has nobody, and one that is loaded has them as before', t => {
  const [unloaded, loaded] = [{ event: 'unloaded' }, { event: 'loaded' }];
  t.is(steps([unloaded, loaded], 8), '0:8 1:out 2:8');
  t.is(steps([unloaded, loaded, edited(8, 9)], 9), '0:8 1:out 2:8 3:9');
  t.is(steps([loaded], 8), '0:8');
  t.is(steps([added(4), unloaded, loaded, edited(4, 6)], 6), '0:out 1:4 2:out 3:4 4:6');
  // It came only afterwards.
  t.is(steps([unloaded, loaded, added(6)], 6), '0:out 3:6');
  t.is(steps([edited(2, 3), { service: WEB, after: '-D -t 192.0.2.100:80' }]), '0:2 1:3 2:out');
  const other = '192.0.2.101:80/tcp';
  t.is(steps([edited(2, 3), { service: other, after: '-D -t 192.0.2.101:80' }], 3), '0:2 1:3');
});

test('what is told twice is one step, and times that go back or beyond are drawn in', t => {
  t.is(steps([edited(5, 7), edited(5, 7)], 7), '0:5 1:7');
  const back = [
    { ...edited(1, 2), time: at(30) },
    { ...edited(2, 3), time: at(10) },
  ];
  t.is(steps([...back, { ...edited(3, 4), time: at(90) }], 4), '0:1 30:2 30:3 60:4');
});
