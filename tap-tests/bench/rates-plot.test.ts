import test from 'ava';
import type { Rate } from '../lab/load.js';
import type { Rates } from '../lab/scenarios/rates.js';
import { plot } from './rates-plot.js';

const rate = (value: number): Rate => ({ requests: value, connections: value, errors: 0 });
const each = {
  'no director, 1 server': rate(10),
  'direct routing, 1 server': rate(10),
  'direct routing, 2 servers': rate(20),
  'direct routing, 3 servers': rate(30),
  'NAT, 1 server': rate(10),
  'NAT, 3 servers': rate(9.6),
};
const SET: Rates = { megabits: 2, seconds: 1, rates: { connections: each, requests: each } };

test('bars are as long as their values are to the largest, and say them', t => {
  const drawn = plot([SET]);
  const widths = [...drawn.matchAll(/<rect class="(\w+)" [^>]*width="(\d+)"/g)].slice(0, 6);
  t.deepEqual(
    widths.map(one => [one[1], Number(one[2])]),
    [
      ['none', 67],
      ['direct', 67],
      ['direct', 133],
      ['direct', 200],
      ['nat', 67],
      ['nat', 64],
    ],
  );
  t.regex(drawn, />30<\/text>/);
});

test('each set says what limited it', t => {
  const { megabits: _, ...unlimited } = SET;
  const drawn = plot([SET, unlimited]);
  t.regex(drawn, /cards of 2 Mbit\/s/);
  t.regex(drawn, /cards without limit/);
});
