import test from 'ava';
import { type Act, actOf, failed, passed } from '../../src/lab/drills/drill.js';
import type { LabEvent } from '../../src/lab/events.js';
import type { Lab } from '../../src/lab/lab.js';
import { play } from '../../src/lab/rehearse.js';

const LAB = { elapsed: () => 0 } as Lab;
const up = (run: Act['run']): Act => ({ drills: [{ id: 'up', title: 'it comes up' }], run });
const fine = (id: string): Act =>
  actOf({ id, title: 'it works', run: () => Promise.resolve(passed('so it does')) });

async function told(first: Act, others: readonly Act[]): Promise<LabEvent[]> {
  const events: LabEvent[] = [];
  await play(LAB, first, others, event => events.push(event));
  return events;
}

const outcomes = (events: readonly LabEvent[]): string[] =>
  events.flatMap(one => (one.event === 'end' ? `${one.id} ${one.outcome}: ${one.detail}` : []));

test('each drill begins and ends, numbered among all', async t => {
  const two: Act = {
    drills: [
      { id: 'a', title: 'one', subject: 'web' },
      { id: 'b', title: 'other' },
    ],
    run: () => Promise.resolve([passed('good', { seen: 1 }), failed('bad')]),
  };
  const events = await told(
    up(() => Promise.resolve([passed('up')])),
    [two],
  );
  t.deepEqual(
    events.map(one => (one.event === 'begin' ? `${one.number}/${one.of} ${one.title}` : one.event)),
    ['1/3 it comes up', 'end', '2/3 web: one', 'end', '3/3 other', 'end'],
  );
  t.deepEqual(outcomes(events), ['up passed: up', 'a passed: good', 'b failed: bad']);
});

test('what a drill throws is its failure, and the others are run', async t => {
  const broken = actOf({
    id: 'broken',
    title: 'it works',
    run: () => Promise.reject(new Error('no such host')),
  });
  const events = await told(
    up(() => Promise.resolve([passed('up')])),
    [broken, fine('next')],
  );
  t.deepEqual(outcomes(events), ['up passed: up', 'broken failed: no such host', 'next passed: so it does']);
});

test('a drill that found nothing out has failed', async t => {
  const silent: Act = { drills: [{ id: 'silent', title: 'it works' }], run: () => Promise.resolve([]) };
  const events = await told(
    up(() => Promise.resolve([passed('up')])),
    [silent],
  );
  t.deepEqual(outcomes(events).slice(1), ['silent failed: nothing was found out']);
});

test('without a cluster that is up no drill is run, and none passes', async t => {
  const events = await told(
    up(() => Promise.reject(new Error('no VIP'))),
    [fine('traffic'), fine('arp')],
  );
  t.deepEqual(outcomes(events), [
    'up failed: no VIP',
    'traffic not-run: the cluster did not come up',
    'arp not-run: the cluster did not come up',
  ]);
});
