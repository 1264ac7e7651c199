import test from 'ava';
import { type Found, findEverywhere, findServer, findServers, findService } from '../../src/cluster/find.js';
import { serverKey } from '../../src/cluster/naming.js';
import type { Service } from '../../src/cluster/service.js';
import { cluster, marked, MIDAS, server, service } from '../support/clusters.js';

const WEB = service('192.0.2.100:80', ['192.0.2.11', '192.0.2.12'], { name: 'web' });
const DNS: Service = {
  ...service('192.0.2.100:53', ['192.0.2.11']),
  name: '192.0.2.100:53/udp',
  virtual: { kind: 'address', address: '192.0.2.100', port: 53, protocol: 'udp' },
};
const DNS_TCP = service('192.0.2.100:53', ['192.0.2.11']);
const SIX = service('[2001:db8::100]:80', ['2001:db8::11']);
const NAT = service('192.0.2.101:80', [], {
  name: 'nat',
  forwarding: 'nat',
  servers: [
    server('192.0.2.11', { port: 8080, forwarding: 'nat' }),
    server('192.0.2.11', { port: 8081, forwarding: 'nat' }),
    server('192.0.2.13', { port: 8080, forwarding: 'nat', host: 'third' }),
  ],
});
const MARK = { ...marked(7, '192.0.2.102', ['192.0.2.11']), name: 'fwmark:7' };
const ALL = cluster({
  hosts: [
    { name: 'first', address: '192.0.2.11', address6: '2001:db8::11' },
    { name: 'third', address: '192.0.2.13' },
  ],
  services: [WEB, DNS, DNS_TCP, SIX, NAT, MARK],
});

function problem(found: Found<unknown>): string {
  return found.problem === undefined ? 'none' : `${found.problem}; ${found.help}`;
}

const services: readonly (readonly [string, Service])[] = [
  ['web', WEB],
  ['192.0.2.100:80/tcp', WEB],
  ['192.0.2.100:80', WEB],
  ['192.0.2.100:53/udp', DNS],
  ['192.0.2.100:53/tcp', DNS_TCP],
  ['192.0.2.101', NAT],
  ['[2001:db8::100]:80/tcp', SIX],
  ['[2001:DB8:0::100]:80', SIX],
  ['[2001:db8::100]', SIX],
  ['2001:db8::100', SIX],
  ['fwmark:7', MARK],
  ['fwmark:7/ipv4', MARK],
];
for (const [text, wanted] of services) {
  test(`a service as ${text}`, t => {
    t.is(findService(ALL, text).found, wanted);
  });
}

test('a service is looked for among its names before its addresses', t => {
  const odd = { ...NAT, name: '192.0.2.100:80' };
  t.is(findService({ services: [WEB, odd] }, '192.0.2.100:80').found, odd);
});

test('a service that there is not: what there is, and what was probably meant', t => {
  t.is(
    problem(findService(ALL, 'wbe')),
    'there is no service "wbe"; did you mean "web"? there are web (192.0.2.100:80/tcp), 192.0.2.100:53/udp, 192.0.2.100:53/tcp, [2001:db8::100]:80/tcp, nat (192.0.2.101:80/tcp) and fwmark:7',
  );
  for (const text of [
    '',
    '192.0.2.100:80/sctp',
    '192.0.2.100:81',
    'fwmark:8',
    'fwmark:7/ipv6',
    'WEB',
    'a b',
    '\n',
  ])
    t.is(findService(ALL, text).found, undefined, text);
  t.is(problem(findService({ services: [] }, 'x')), 'there is no service "x"; there are none');
});

test('an address of several services is none of them', t => {
  t.is(
    problem(findService(ALL, '192.0.2.100:53')),
    '"192.0.2.100:53" may be 2 services; name one of them: 192.0.2.100:53/udp and 192.0.2.100:53/tcp',
  );
  t.true(problem(findService(ALL, '192.0.2.100')).startsWith('"192.0.2.100" may be 3 services; '));
});

const servers: readonly (readonly [Service, string, readonly string[]])[] = [
  [WEB, '192.0.2.11', ['192.0.2.11:80']],
  [WEB, '192.0.2.11:80', ['192.0.2.11:80']],
  [WEB, 'first', ['192.0.2.11:80']],
  [WEB, 'first:80', ['192.0.2.11:80']],
  [SIX, '2001:DB8::11', ['[2001:db8::11]:80']],
  [SIX, '[2001:db8::11]', ['[2001:db8::11]:80']],
  [SIX, '[2001:db8::11]:80', ['[2001:db8::11]:80']],
  [SIX, 'first', ['[2001:db8::11]:80']],
  [NAT, '192.0.2.11', ['192.0.2.11:8080', '192.0.2.11:8081']],
  [NAT, 'first:8081', ['192.0.2.11:8081']],
  [NAT, 'third', ['192.0.2.13:8080']],
  // Under a mark the kernel has no port.
  [MARK, '192.0.2.11:0', ['192.0.2.11:0']],
];
for (const [where, text, wanted] of servers) {
  test(`a server of ${where.name} as ${text}`, t => {
    t.deepEqual((findServers(ALL, where, text).found ?? []).map(serverKey), wanted);
  });
}

test('a server that there is not: what there is, and what was probably meant', t => {
  t.is(
    problem(findServers(ALL, NAT, 'thrd')),
    'service nat has no server "thrd"; did you mean "third"? there are 192.0.2.11:8080, 192.0.2.11:8081 and third (192.0.2.13:8080)',
  );
  for (const text of [
    '192.0.2.13',
    '192.0.2.11:81',
    '192.0.2.11:',
    ':80',
    '',
    '[192.0.2.11:80',
    'midas',
    '2001:db8::11',
  ])
    t.is(findServers(ALL, WEB, text).found, undefined, text);
});

test('one server where only one may be meant', t => {
  t.is(findServer(ALL, WEB, 'first').found, WEB.servers[0]!);
  t.is(
    problem(findServer(ALL, NAT, 'first')),
    '"first" may be 2 servers of nat; name one of them: 192.0.2.11:8080 and 192.0.2.11:8081',
  );
  t.true('problem' in findServer(ALL, WEB, 'third'));
});

test('a server in all services, by every address of its host', t => {
  const named = (text: string): readonly string[] =>
    (findEverywhere(ALL, text).found ?? []).map(one => `${one.service.name} ${serverKey(one.server)}`);
  const four = ['web', DNS.name, DNS_TCP.name].map(name => `${name} 192.0.2.11:${name === 'web' ? 80 : 53}`);
  const nat = ['nat 192.0.2.11:8080', 'nat 192.0.2.11:8081'];
  t.deepEqual(named('192.0.2.11'), [...four, ...nat, 'fwmark:7 192.0.2.11:0']);
  t.deepEqual(named('first'), [...four, `${SIX.name} [2001:db8::11]:80`, ...nat, 'fwmark:7 192.0.2.11:0']);
  t.deepEqual(named('first:8081'), ['nat 192.0.2.11:8081']);
  t.is(
    problem(findEverywhere(ALL, 'frist')),
    'no service has a server "frist"; did you mean "first"? there are 192.0.2.11, 192.0.2.12, 2001:db8::11 and third',
  );
});

test('a director that serves is found by its name', t => {
  const services = [service('192.0.2.100:80', [MIDAS.address])];
  const [only] = services as [Service];
  t.is(findServer(cluster({ services }), only, 'midas').found, only.servers[0]!);
});

test('of many, a message names a dozen', t => {
  const many = Array.from({ length: 300 }, (_, n) => service(`192.0.2.100:${n + 1}`, ['192.0.2.11']));
  t.true(problem(findService({ services: many }, 'x')).endsWith(' and 288 more'));
});
