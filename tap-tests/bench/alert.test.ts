import test from 'ava';
import { labAlert, outsideTimes } from './alert.js';

test('the figures are ratios of medians, ipvsadm’s own time taken off', t => {
  const text = ['empty 100', 'alert 400', 'empty 80', 'alert 260', 'empty 90', 'alert 320'];
  const times = outsideTimes(`${[...text, 'ipvsadm 50', 'empties 1000', 'many 1500'].join('\n')}\n`);
  t.deepEqual(times, { empty: 90, empties: 1000, ipvsadm: 50, many: 1500, one: 320 });
  t.throws(() => outsideTimes('empty 100\n'), { message: /has not measured empties/ });
});

test('in the lab what counts is when the table had changed', t => {
  const rows = labAlert({
    empty: 0.5,
    empties: 20,
    ipvsadm: 0.4,
    changed: 1.9,
    alert: 2.4,
    manyChanged: 9,
    many: 10,
  });
  t.deepEqual(
    rows.map(({ value, target }) => [value, target]),
    [
      [3, 3],
      [0.5, 3],
    ],
  );
});
