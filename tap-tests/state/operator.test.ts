import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import {
  drain,
  forget,
  type Operator,
  planDrain,
  readOperator,
  setWeight,
  undrain,
  writeOperator,
} from '../../src/state/operator.js';
import { OPERATOR } from '../../src/state/paths.js';
import { anyText, expect, holds } from '../support/arbitrary.js';
import { FakeFiles } from '../support/fake-files.js';
import { after, fails, OTHER, spoil, textOf, WEB } from './support.js';

const NOTHING: Operator = { entries: [] };
const ADA = { author: 'ada', reason: 'new kernel' };
const MIDAS = { host: 'midas', now: after(0) };

test('a drain and a weight are said of one server, each with its words', t => {
  const drained = drain(NOTHING, [WEB], { ...ADA, lasts: 5000 }, MIDAS);
  const both = setWeight(drained, [WEB], 7, { author: 'bob' }, { host: 'estepe', now: after(10) });
  t.deepEqual(both.entries, [
    {
      ...WEB,
      drain: { ...ADA, since: after(0), expires: { since: after(0), ms: 5000 } },
      weight: { author: 'bob', since: after(10), value: 7 },
      revision: 2,
      host: 'estepe',
    },
  ]);
});

test('what is taken back leaves an entry, later than all others, so that other directors learn it', t => {
  const two = drain(drain(NOTHING, [WEB], ADA, MIDAS), [OTHER], ADA, MIDAS);
  const { entries } = undrain(two, [WEB], 0, MIDAS);
  t.deepEqual(entries[0], { ...WEB, revision: 3, host: 'midas' });
  t.is(entries[1]?.revision, 2);
  const auto = setWeight(setWeight(NOTHING, [WEB], 0, ADA, MIDAS), [WEB], undefined, ADA, MIDAS);
  t.deepEqual(auto.entries, [{ ...WEB, revision: 2, host: 'midas' }]);
});

test('a server in every service is drained in one change', t => {
  const { entries } = drain(NOTHING, [WEB, OTHER], ADA, MIDAS);
  t.deepEqual(
    entries.map(({ server, revision }) => [server, revision]),
    [
      [WEB.server, 1],
      [OTHER.server, 1],
    ],
  );
});

test('only what was drained comes back slowly, and a drain to come is off as well', t => {
  t.is(undrain(NOTHING, [WEB], 9000, MIDAS).entries[0]?.slowStart, undefined);
  const planned = planDrain(NOTHING, [WEB], { ...ADA, lasts: 100 }, { at: after(900).at }, MIDAS);
  t.deepEqual(planned.entries[0]?.planned, {
    ...ADA,
    since: after(0),
    due: { at: after(900).at },
    lasts: 100,
  });
  t.deepEqual(undrain(planned, [WEB], 9000, MIDAS).entries, [{ ...WEB, revision: 2, host: 'midas' }]);
  t.is(drain(planned, [WEB], ADA, MIDAS).entries[0]?.planned, undefined);
  const back = undrain(drain(NOTHING, [WEB], ADA, MIDAS), [WEB], 9000, MIDAS);
  t.deepEqual(back.entries[0]?.slowStart, { since: after(0), over: 9000 });
});

test('servers that are gone are forgotten', t => {
  const two = drain(NOTHING, [WEB, OTHER], ADA, MIDAS);
  t.deepEqual(
    forget(two, ({ server }) => server === WEB.server).entries.map(one => one.server),
    [OTHER.server],
  );
});

test('what operators said is read as it was written, whatever their words', async t => {
  await holds(t, fc.tuple(anyText, anyText), async ([author, reason]) => {
    const files = new FakeFiles();
    const wish = { author, reason, lasts: 1000 };
    const one = setWeight(drain(NOTHING, [WEB], wish, MIDAS), [OTHER], 65_535, wish, MIDAS);
    const all = planDrain(one, [OTHER], wish, { since: after(0), ms: 7 }, MIDAS);
    await writeOperator(files, all);
    expect(isDeepStrictEqual(await readOperator(files), all), () => 'changed');
  });
  t.deepEqual(await readOperator(new FakeFiles()), NOTHING);
});

test('a file that cannot be used is never taken for one that says nothing', async t => {
  const good = { ...WEB, revision: 1, host: 'midas' };
  const spoilt: readonly object[] = [
    [],
    {},
    { entries: [{ ...good, server: '192.168.45.13' }] },
    { entries: [{ ...good, server: '192.168.45.13:80 1' }] },
    { entries: [{ ...good, server: '[::ffff:1.2.3.4]:80' }] },
    { entries: [{ ...good, server: '[2001:DB8::1]:80' }] },
    { entries: [{ ...good, server: '192.168.45.13:65536' }] },
    { entries: [{ ...good, service: '192.168.45.26:80' }] },
    { entries: [{ ...good, service: '192.168.45.26:80/icmp' }] },
    { entries: [{ ...good, service: 'fwmark:0/ipv4' }] },
    { entries: [{ ...good, service: 'fwmark:4294967296/ipv4' }] },
    { entries: [{ ...good, host: 'a/b' }] },
    { entries: [{ ...good, weight: { ...ADA, since: after(0), value: 65_536 } }] },
    { entries: [{ ...good, drain: { since: after(0) } }] },
    { entries: [{ ...good, drain: { ...ADA, since: after(0), expires: { since: after(0), ms: -1 } } }] },
    { entries: [{ ...good, slowStart: { since: after(0), over: 0 } }] },
    { entries: [good, good] },
  ];
  for (const value of spoilt) {
    const files = new FakeFiles();
    const content = JSON.stringify({ version: 1, ...value });
    await spoil(files, OPERATOR, content);
    await fails(t, readOperator(files), 'damaged', /operator\.json is damaged: /);
    t.is(await textOf(files, OPERATOR), content);
  }
  const files = new FakeFiles();
  await spoil(files, OPERATOR, '{"version":9}');
  await fails(t, readOperator(files), 'newer', /written by a newer lvsctl/);
});

test('services and servers of every kind are accepted', async t => {
  const kinds = [
    ['[2001:db8::1]:80/sctp', '[2001:db8::2]:8080'],
    ['10.0.0.1:0/udp', '10.0.0.2:0'],
    ['fwmark:4294967295/ipv6', '[2001:db8::2]:0'],
  ];
  const places = kinds.map(([service, server]) => ({ service: service!, server: server! }));
  const files = new FakeFiles();
  const operator = drain(NOTHING, places, ADA, MIDAS);
  await writeOperator(files, operator);
  t.deepEqual(await readOperator(files), operator);
});
