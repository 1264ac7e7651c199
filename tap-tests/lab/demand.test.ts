import test from 'ava';
import { courseOf, sharesOf, timesOf } from './weights/figures.js';
import { expected } from './weights/expected.js';
import { type Ended, fileOf, meanWork, parseEnded, requestsOf } from './weights/load.js';

const DEMAND = { seed: 1, load: 0.75, rate: 12, length: 4000, calm: 1000 };

test('as many requests as the rate says, fewer while it is calm, and of the work that makes the load', t => {
  const all = requestsOf(DEMAND);
  const calm = all.filter(({ at }) => at < 1000).length / 1000;
  const usual = all.filter(({ at }) => at >= 1000).length / 3000;
  t.true(Math.abs(calm - 3.2) < 0.3, `${calm}`);
  t.true(Math.abs(usual - 12) < 0.4, `${usual}`);
  const work = all.reduce((sum, one) => sum + one.work, 0) / all.length;
  t.true(Math.abs(work / meanWork(DEMAND) - 1) < 0.03, `${work}`);
  t.is((12 * meanWork(DEMAND)) / 15, 0.75);
});

test('a seed decides all; another one something else', t => {
  t.deepEqual(requestsOf(DEMAND), requestsOf(DEMAND));
  t.notDeepEqual(requestsOf(DEMAND)[0], requestsOf({ ...DEMAND, seed: 2 })[0]);
  t.regex(fileOf(requestsOf(DEMAND)), /^(\d+\.\d{3} \d+\.\d{4}\n)+$/);
});

const ended = (due: number, took: number, by?: string): Ended => ({ due, took, late: 0.002, by });

test('what was lost took as long as a client waits; what is outside of the window does not count', t => {
  const all = [ended(1, 9), ended(10, 0.5, 'web1'), ended(11, 1.5, 'web8'), ended(12, 60), ended(20, 9)];
  const { requests, lost, mean, p50, p99, sentLate } = timesOf(all, 10, 20, 60);
  t.deepEqual(
    { requests, lost, p50, p99, sentLate },
    { requests: 3, lost: 1, p50: 1500, p99: 60_000, sentLate: 2 },
  );
  t.true(Math.abs(mean - 62_000 / 3) < 1e-6);
  t.deepEqual(sharesOf(all, 10, 20, ['web1', 'web2', 'web8']), [0.5, 0, 0.5]);
});

test('a course has the mean of each slice, by the time of the change', t => {
  const all = [ended(1, 1, 'a'), ended(2, 3, 'a'), ended(11, 5, 'a')];
  t.deepEqual(courseOf(all, 10, { from: 0, to: 20, slice: 10, patience: 60 }), [
    [-10, 2000],
    [0, 5000],
  ]);
});

test('computed: turns by weight, one request after the other at the speed, and lost where a client gives up', t => {
  const policy = { name: 'p', scheduler: 'wrr', weights: [1, 0, 0, 1], role: 'best' } as const;
  const requests = [0, 0.001, 0.002, 0.003].map(at => ({ at, work: 8 }));
  const found = expected(policy, requests, 10);
  t.deepEqual(
    found.map(({ by }) => by),
    ['web1', 'web8', undefined, 'web8'],
  );
  t.deepEqual(
    found.map(({ took }) => Number(took.toFixed(3))),
    [8, 1, 10, 1.998],
  );
  const few = expected({ ...policy, scheduler: 'wlc', weights: [1, 1, 1, 1] }, requests, 10);
  t.is(new Set(few.map(({ by }) => by)).size, 4);
});

test('what the clients print is read back, and nothing else', t => {
  t.deepEqual(parseEnded('5.000 0.250 web1 0.001\n6.000 60.000 -silent 0.002\n'), [
    { due: 5, took: 0.25, late: 0.001, by: 'web1' },
    { due: 6, took: 60, late: 0.002, by: undefined, lost: 'silent' },
  ]);
  t.throws(() => parseEnded('socket: Too many open files\n'), { message: /arrivals\.pl says socket/ });
});
