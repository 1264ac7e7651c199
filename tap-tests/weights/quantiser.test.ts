import test from 'ava';
import { integers, ratios } from '../../src/weights/quantiser.js';

test('under turns the integers are as small as they can be', t => {
  t.deepEqual(integers([1, 2, 4, 8], 'turns'), [1, 2, 4, 8]);
  t.deepEqual(integers([100, 200, 400, 800], 'turns'), [1, 2, 4, 8]);
  t.deepEqual(integers([5, 5, 5], 'turns'), [1, 1, 1]);
  t.deepEqual(integers([0.101, 0.199], 'turns'), [1, 2]);
});

test('under turns nobody has more than its share by 2 %, as far as 32 reach', t => {
  for (let first = 1; first <= 40; first++) {
    const wanted = [first, 17, 23.4];
    const weights = integers(wanted, 'turns');
    t.true(Math.max(...weights) <= 32);
    t.true(Math.max(...ratios(weights, wanted)) <= 1.05, `${wanted.join(' ')}: ${weights.join(' ')}`);
  }
});

test('under connections they are fine, and nobody above 0 falls to 0', t => {
  t.deepEqual(integers([1, 2, 4, 8], 'connections'), [32, 64, 128, 255]);
  t.deepEqual(integers([0.0001, 1], 'connections'), [1, 255]);
  t.deepEqual(integers([0, 3], 'connections'), [0, 255]);
  t.deepEqual(integers([1, 8], 'table'), [8, 63]);
});

test('where all are 0 all stay so', t => {
  t.deepEqual(integers([0, 0], 'turns'), [0, 0]);
  t.deepEqual(integers([], 'connections'), []);
});

test('under turns a share that is above its target by 1.6 % will do, and one by 3.2 % will not', t => {
  t.deepEqual(integers([1, 0.97], 'turns'), [1, 1]);
  t.deepEqual(integers([1, 0.94], 'turns'), [11, 10]);
});

test('under turns the integers have no divisor in common', t => {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  for (let first = 1; first <= 60; first++) {
    for (const rest of [[6.1, 60], [9, 27.3, 33], [12]]) {
      const weights = integers([first, ...rest], 'turns');
      t.is(weights.reduce(gcd), 1, `${first} ${rest.join(' ')}: ${weights.join(' ')}`);
    }
  }
});

test('under turns none is above 32, however far apart they are', t => {
  t.deepEqual(integers([1, 1000], 'turns'), [1, 32]);
});
