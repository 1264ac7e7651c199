import { readFileSync } from 'node:fs';
import test from 'ava';
import { Source } from '../../src/diagnostic/source.js';
import { tableLines } from '../../src/table/format.js';
import { serverPlace } from '../../src/table/identity.js';
import { parseConnections } from '../../src/table/parse/connections.js';
import { parseCounters, parseThresholds } from '../../src/table/parse/listing.js';
import { parseRules } from '../../src/table/parse/rules.js';
import { parseDaemons, parseTimeouts } from '../../src/table/parse/settings.js';

/** What the real ipvsadm 1.31 printed on Debian 12's kernel, of the table of the lab's scenario `table`. */
function captured(name: string): string {
  return readFileSync(`tap-tests/table/captured/${name}.txt`, 'utf8');
}

const TIMEOUTS = { tcp: 600, tcpFin: 60, udp: 100 };

test('every line of the rules is understood, and is written as a rule again', t => {
  const { services, diagnostics } = parseRules(new Source('rules', captured('rules')));
  t.deepEqual(diagnostics, []);
  const lines = tableLines({ services, timeouts: TIMEOUTS });
  t.is(lines.length, captured('rules').trimEnd().split('\n').length);
  const again = parseRules(new Source('again', lines.join('\n')));
  t.deepEqual(again.services, services);
});

test('thresholds, counters and rates are of just these services and servers', t => {
  const { services } = parseRules(new Source('rules', captured('rules')));
  const places = services.flatMap(({ key, servers }) => servers.map(server => serverPlace(key, server)));
  const limits = parseThresholds(captured('thresholds'));
  t.deepEqual([...limits.keys()].toSorted(), places.toSorted());
  t.true([...limits.values()].some(({ upper, lower }) => upper === 2000 && lower === 1500));
  for (const name of ['stats', 'rates']) {
    const counters = parseCounters(captured(name));
    t.deepEqual([...counters.servers.keys()].toSorted(), places.toSorted());
    t.is(counters.services.size, services.length);
  }
});

test('connections, the memory of persistent clients among them', t => {
  const connections = parseConnections(captured('connections'));
  t.is(connections.length, 10);
  t.deepEqual(connections[0], {
    protocol: 'tcp',
    expires: 53,
    state: 'SYN_RECV',
    client: { address: '2001:db8::fe', port: 46_044 },
    virtual: { address: '2001:db8::50', port: 80 },
    server: { address: '2001:db8::12', port: 80 },
  });
});

test('timeouts and daemons', t => {
  t.deepEqual(parseTimeouts(captured('timeouts')), TIMEOUTS);
  t.deepEqual(
    parseDaemons(captured('daemons')).map(({ role, id }) => [role, id]),
    [
      ['master', 51],
      ['backup', 51],
    ],
  );
});
