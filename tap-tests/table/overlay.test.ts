import test, { type ExecutionContext } from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Service } from '../../src/cluster/service.js';
import { desired } from '../../src/table/desired.js';
import { tableLines } from '../../src/table/format.js';
import { type Overlay, place, type Remark, type Saying } from '../../src/table/overlay.js';
import { cluster, marked, server, service } from '../support/clusters.js';

const SAID: Saying = { author: 'ada', since: '2026-11-21T02:00:00.000Z' };
const DRAINED: Remark = { drained: SAID };

function dead(minute: number): Remark {
  return { dead: { since: `2026-11-21T02:0${minute}:00.000Z`, by: 'mon' } };
}

const POLLING = { schedule: '* * * * *', port: 2357, timeout: 2000, law: 'uptime' } as const;

/** A cluster of one service with the servers .1, .2 … of 192.0.2.0/24, all of weight 10, that is polled. */
function one(count: number, changes: Partial<Service> = {}): Cluster {
  const servers = Array.from({ length: count }, (_, n) => server(`192.0.2.${n + 1}`, { weight: 10 }));
  const services = [service('192.0.2.100:80', [], { servers, ...changes })];
  return cluster({ checker: 'mon', polling: POLLING, services });
}

function overlay(remarks: Readonly<Record<number, Remark>>, key = '192.0.2.100:80/tcp', port = 80): Overlay {
  return new Map(
    Object.entries(remarks).map(([n, remark]) => [
      place({ service: key, server: `192.0.2.${n}:${port}` }),
      remark,
    ]),
  );
}

/** `1:10 2:0`: the last parts of the servers' addresses with their weights. */
function has(t: ExecutionContext, of: Cluster, known: Overlay, expected: string): void {
  const lines = tableLines(desired(of, known)).filter(line => line.startsWith('-a'));
  const found = lines.map(line => line.replace(/^.*-r 192\.0\.2\.(\d+):\d+ .*-w (\d+)$/, '$1:$2'));
  t.is(found.join(' '), expected);
}

test('without a word on them servers have their configured weights', t => {
  has(t, one(2), new Map(), '1:10 2:10');
});

test('drained is 0, a dead server is out, and the operator comes before the measure', t => {
  const known = overlay({
    1: { ...DRAINED, ...dead(1), weight: { ...SAID, value: 7 }, measured: 5 },
    2: dead(1),
    3: { weight: { ...SAID, value: 7 }, measured: 5 },
    4: { measured: 5 },
  });
  has(t, one(5), known, '1:0 3:7 4:5 5:5');
});

test('with on_failure: quiesce a dead server stays with weight 0', t => {
  has(t, one(3, { onFailure: 'quiesce' }), overlay({ 2: dead(1) }), '1:10 2:0 3:10');
});

test('slow start multiplies whichever weight is in force, and never down to 0', t => {
  const slowStart = { share: 0.1, until: '' };
  const known = overlay({
    1: { slowStart, weight: { ...SAID, value: 200 } },
    2: { slowStart, measured: 55 },
    3: { slowStart },
    4: { slowStart, measured: 3 },
    5: { slowStart, weight: { ...SAID, value: 0 } },
    6: { slowStart, ...DRAINED },
  });
  has(t, one(6), known, '1:20 2:6 3:3 4:1 5:0 6:0');
});

test('the last server stays though it is dead, or more of them where the description says so', t => {
  has(t, one(2), overlay({ 1: dead(1), 2: dead(2) }), '2:10');
  has(t, one(4, { minimumServers: 3 }), overlay({ 1: dead(2), 2: dead(3), 3: dead(1) }), '1:10 2:10 4:10');
  has(t, one(2, { minimumServers: 2, onFailure: 'quiesce' }), overlay({ 1: dead(1) }), '1:10 2:10');
});

test('of servers that died together the first of the description stays', t => {
  has(t, one(3), overlay({ 1: dead(1), 2: dead(1), 3: dead(1) }), '1:10');
});

test('a dead server stays at the weight that it had', t => {
  has(t, one(1), overlay({ 1: { ...dead(1), measured: 4 } }), '1:4');
});

test('drained servers neither count nor return', t => {
  has(t, one(3), overlay({ 1: DRAINED, 2: dead(1), 3: dead(2) }), '1:0 3:10');
  has(t, one(2), overlay({ 1: { ...DRAINED, ...dead(2) }, 2: dead(1) }), '1:0 2:10');
  has(t, one(1), overlay({ 1: { ...DRAINED, ...dead(2) } }), '1:0');
});

test('with a fallback no dead server has to stay, and the fallback comes in', t => {
  const fallback = { address: '192.0.2.99', port: 80 };
  has(t, one(2, { fallback }), overlay({ 1: dead(1), 2: dead(2) }), '99:1');
  has(t, one(2, { fallback }), overlay({ 1: DRAINED, 2: dead(2) }), '1:0 99:1');
  has(t, one(2, { fallback, minimumServers: 1 }), overlay({ 1: dead(1), 2: dead(2) }), '2:10');
  has(t, one(2, { fallback }), overlay({ 1: dead(1) }), '2:10');
});

test('what lvsctl was told of health is nothing where keepalived acts by itself', t => {
  has(t, { ...one(2), checker: 'keepalived' }, overlay({ 1: dead(1), 2: DRAINED }), '1:10 2:0');
});

test('what was measured does not wake a server that the description gives no weight', t => {
  const servers = [server('192.0.2.1', { weight: 0 }), server('192.0.2.2')];
  has(t, one(0, { servers }), overlay({ 1: { measured: 5 }, 2: { measured: 6 } }), '1:0 2:6');
});

test("a server is known by the kernel's port: the service's own, or none under a mark", t => {
  const direct = one(0, { servers: [server('192.0.2.1', { port: 8080 })] });
  has(t, direct, overlay({ 1: DRAINED }), '1:0');
  const nat = one(0, { servers: [server('192.0.2.1', { port: 8080, forwarding: 'nat' })] });
  has(t, nat, overlay({ 1: DRAINED }), '1:1');
  has(t, nat, overlay({ 1: DRAINED }, '192.0.2.100:80/tcp', 8080), '1:0');
  const mark = cluster({ services: [marked(7, '192.0.2.100', ['192.0.2.1'])] });
  has(t, mark, overlay({ 1: DRAINED }, 'fwmark:7/ipv4', 0), '1:0');
});

test('who was not measured yet has its configured weight on the scale of the others', t => {
  const of = (...weights: readonly number[]): Cluster =>
    one(0, { servers: weights.map((weight, n) => server(`192.0.2.${n + 1}`, { weight })) });
  has(t, of(100, 100, 100), overlay({ 1: { measured: 2 }, 2: { measured: 1 } }), '1:2 2:1 3:2');
  has(t, of(1, 3, 2), overlay({ 1: { measured: 128 }, 2: { measured: 255 } }), '1:128 2:255 3:192');
  has(t, of(100, 100, 1), overlay({ 1: { measured: 2 }, 2: { measured: 1 } }), '1:2 2:1 3:1');
  has(t, of(100, 0, 0), overlay({ 1: { measured: 2 }, 2: { measured: 1 } }), '1:2 2:0 3:0');
  has(
    t,
    of(1, 1, 65_535),
    overlay({ 1: { measured: 255 }, 2: { ...DRAINED, measured: 85 } }),
    '1:255 2:0 3:65535',
  );
  // An agent that asks for no connections says nothing of the scale; nor does an operator.
  has(
    t,
    of(10, 10, 10),
    overlay({ 1: { measured: 0 }, 2: { weight: { ...SAID, value: 99 }, measured: 5 } }),
    '1:0 2:99 3:5',
  );
  has(t, of(10, 10), overlay({ 1: { measured: 0 } }), '1:0 2:10');
});

test('what was measured counts only where weights are polled still, and may move', t => {
  const known = overlay({ 1: { measured: 5 } });
  // The second is one that no poll has weighed yet: its scale goes with the others' measure.
  const { polling: _, ...unpolled } = one(2);
  has(t, unpolled, known, '1:10 2:10');
  has(t, one(2, { law: 'static' }), known, '1:10 2:10');
  has(t, one(2, { scheduler: 'sh' }), known, '1:10 2:10');
  has(t, one(2), known, '1:5 2:5');
});
