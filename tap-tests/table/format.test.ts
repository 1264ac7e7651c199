import test from 'ava';
import { serverLine, serviceLine, tableLines, timeoutsLine } from '../../src/table/format.js';
import type { TableKey, TableServer, TableService } from '../../src/table/table.js';

const WEB: TableKey = { kind: 'address', address: '192.0.2.100', port: 80, protocol: 'tcp' };
const SIX: TableKey = { kind: 'address', address: '2001:db8::100', port: 53, protocol: 'udp' };
const SERVICE: TableService = { key: WEB, scheduler: 'wlc', flags: [], onePacket: false, servers: [] };
const SERVER: TableServer = {
  address: '192.0.2.11',
  port: 80,
  forwarding: 'direct',
  weight: 1,
  upper: 0,
  lower: 0,
};

const service = test.macro<[Partial<TableService>, string]>({
  exec: (t, more, line) => t.is(serviceLine('-A', { ...SERVICE, ...more }), line),
  title: given => `a service: ${given}`,
});

const server = test.macro<[Partial<TableServer>, string, TableKey?]>({
  exec: (t, more, line, key = WEB) => t.is(serverLine('-a', key, { ...SERVER, ...more }), line),
  title: given => `a server: ${given}`,
});

test('bare', service, {}, '-A -t 192.0.2.100:80 -s wlc');
test('IPv6 and UDP', service, { key: SIX, scheduler: 'rr' }, '-A -u [2001:db8::100]:53 -s rr');
test('SCTP', service, { key: { ...WEB, protocol: 'sctp' } }, '-A --sctp-service 192.0.2.100:80 -s wlc');
test('by mark', service, { key: { kind: 'fwmark', fwmark: 7, family: 'ipv4' } }, '-A -f 7 -s wlc');
test('by mark, IPv6', service, { key: { kind: 'fwmark', fwmark: 7, family: 'ipv6' } }, '-A -f 7 -6 -s wlc');
test(
  'flags',
  service,
  { scheduler: 'mh', flags: ['mh-fallback', 'mh-port'] },
  '-A -t 192.0.2.100:80 -s mh -b mh-fallback,mh-port',
);
test(
  'persistence by address',
  service,
  { persistence: { timeout: 300_000, netmask: 32 } },
  '-A -t 192.0.2.100:80 -s wlc -p 300',
);
test(
  'persistence by network',
  service,
  { persistence: { timeout: 60_000, netmask: 25 } },
  '-A -t 192.0.2.100:80 -s wlc -p 60 -M 255.255.255.128',
);
test(
  'persistence by IPv6 network and call',
  service,
  { key: SIX, persistence: { timeout: 1000, netmask: 64, engine: 'sip' }, onePacket: true },
  '-A -u [2001:db8::100]:53 -s wlc -p 1 -M 64 --pe sip -o',
);

test('direct', server, {}, '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1');
test(
  'NAT to another port',
  server,
  { forwarding: 'nat', port: 8080 },
  '-a -t 192.0.2.100:80 -r 192.0.2.11:8080 -m -w 1',
);
test(
  'tunnel',
  server,
  { forwarding: 'tunnel', tunnel: { type: 'ipip', checksum: false } },
  '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -i -w 1',
);
test(
  'GUE tunnel',
  server,
  { forwarding: 'tunnel', tunnel: { type: 'gue', port: 6080, checksum: true } },
  '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -i --tun-type gue --tun-port 6080 --tun-csum -w 1',
);
test(
  'GRE tunnel without checksum',
  server,
  { forwarding: 'tunnel', tunnel: { type: 'gre', checksum: false } },
  '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -i --tun-type gre --tun-nocsum -w 1',
);
test('limits', server, { upper: 20, lower: 10 }, '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1 -x 20 -y 10');
test('drained', server, { weight: 0 }, '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0');
test(
  'IPv6 under a mark, which needs a port all the same',
  server,
  { address: '2001:db8::11', port: 0 },
  '-a -f 7 -6 -r [2001:db8::11]:0 -g -w 1',
  { kind: 'fwmark', fwmark: 7, family: 'ipv6' },
);

test('an edit restates every attribute, as an addition does', t => {
  t.is(serviceLine('-E', SERVICE), '-E -t 192.0.2.100:80 -s wlc');
  t.is(serverLine('-e', WEB, SERVER), '-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1');
});

test('each service is followed by its servers', t => {
  const services = [
    { ...SERVICE, servers: [SERVER] },
    { ...SERVICE, key: SIX },
  ];
  const table = { services, timeouts: { tcp: 900, tcpFin: 120, udp: 300 } };
  t.deepEqual(tableLines(table), [
    '-A -t 192.0.2.100:80 -s wlc',
    '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1',
    '-A -u [2001:db8::100]:53 -s wlc',
  ]);
  t.is(timeoutsLine(table), '--set 900 120 300');
});
