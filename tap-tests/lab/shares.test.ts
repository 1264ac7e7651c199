import test from 'ava';
import type { SchedulerName } from '../../src/cluster/scheduler.js';
import { expectationOf } from '../../src/lab/drills/shares.js';
import { server, service } from '../support/clusters.js';

const expected = (scheduler: SchedulerName, weights: readonly number[]): ReturnType<typeof expectationOf> => {
  const servers = weights.map((weight, index) => server(`10.0.0.${index + 1}`, { weight }));
  return expectationOf(service('192.168.45.26:80', [], { scheduler, servers }));
};
const counts = (...each: readonly number[]): Map<string, number> =>
  new Map(
    each.flatMap((count, index): [string, number][] => (count === 0 ? [] : [[`10.0.0.${index + 1}`, count]])),
  );

test('wrr is asked whole rounds, and one request more or less is all that may be off', t => {
  const wrr = expected('wrr', [100, 200, 300]);
  t.is(wrr.count, 12);
  t.deepEqual(wrr.problems(counts(2, 4, 6)), []);
  t.deepEqual(wrr.problems(counts(3, 3, 6)), []);
  t.deepEqual(wrr.problems(counts(4, 4, 4)), [
    '10.0.0.1 answered 4 times instead of 2',
    '10.0.0.3 answered 4 times instead of 6',
  ]);
  t.deepEqual(wrr.problems(counts(4, 8, 0)).length, 3);
});

test('rr gives each server the same, whatever the weights; one of weight 0 gets nothing', t => {
  const rr = expected('rr', [1, 7, 0]);
  t.deepEqual(rr.problems(counts(6, 6)), []);
  t.not(rr.problems(counts(2, 10)).length, 0);
});

test('a round of weights that is too long to be sent is said, and not judged', t => {
  const wrr = expected('wrr', [997, 1009]);
  t.true(wrr.count < 120);
  t.regex(wrr.words, /997:1009 show only after 2006 requests/);
  t.deepEqual(wrr.problems(counts(60)), []);
});

test('by connections every live server has to answer, the one of least weight too', t => {
  const wlc = expected('wlc', [1, 9]);
  t.is(wlc.count, 20);
  t.deepEqual(wlc.problems(counts(1, 19)), []);
  t.deepEqual(wlc.problems(counts(0, 20)), ['10.0.0.1 answered nothing']);
});

test('fo keeps to the highest weight, a hash of the client to one server', t => {
  t.deepEqual(expected('fo', [1, 5]).problems(counts(1, 11)), ['10.0.0.1 answered, of a lower weight']);
  t.deepEqual(expected('sh', [1, 1]).problems(counts(6, 6)), ['2 servers answered one client']);
  t.deepEqual(expected('mh', [1, 1]).problems(counts(12)), []);
});

test('two ports of one machine are one server to the client', t => {
  const servers = [80, 81].map(port => server('10.0.0.1', { port, weight: 1, forwarding: 'nat' }));
  const both = [...servers, server('10.0.0.2', { weight: 2, forwarding: 'nat' })];
  const wrr = expectationOf(service('192.168.45.26:80', [], { scheduler: 'wrr', servers: both }));
  t.deepEqual(wrr.problems(counts(6, 6)), []);
});

test('persistence goes before the weights', t => {
  const persistence = { timeout: 60_000, netmask: 32 };
  const kept = service('192.168.45.26:80', ['10.0.0.1', '10.0.0.2'], { scheduler: 'rr', persistence });
  t.deepEqual(expectationOf(kept).problems(counts(6)), []);
});
