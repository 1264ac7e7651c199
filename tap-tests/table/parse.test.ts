import test from 'ava';
import { parseConnections } from '../../src/table/parse/connections.js';
import { parseCounters, parseThresholds } from '../../src/table/parse/listing.js';
import { UnknownOutput } from '../../src/table/parse/output.js';
import { parseDaemons, parseTimeouts } from '../../src/table/parse/settings.js';

/** As print_service_entry of ipvsadm 1.31 writes it, with --exact. */
const STATS = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  10.0.0.50:80                        12       34        0 123456789012        0
  -> 10.0.0.11:80                         6       17        0 61728394506        0
FWM  -1 IPv6                              1        2        3        4        5
  -> [2001:db8::11]:0                     1        2        3        4        5
SCTP [2001:db8::50]:9                     0        0        0        0        0
`;

test('counters are read exactly, of services and servers', t => {
  const { services, servers } = parseCounters(STATS);
  t.deepEqual([...services.keys()], ['10.0.0.50:80/tcp', 'fwmark:4294967295/ipv6', '[2001:db8::50]:9/sctp']);
  t.deepEqual(services.get('10.0.0.50:80/tcp'), {
    connections: 12,
    inPackets: 34,
    outPackets: 0,
    inBytes: 123_456_789_012,
    outBytes: 0,
  });
  t.is(servers.get('10.0.0.50:80/tcp 10.0.0.11:80')?.inBytes, 61_728_394_506);
  t.is(servers.get('fwmark:4294967295/ipv6 [2001:db8::11]:0')?.outBytes, 5);
});

test('thresholds pass over what services say of themselves', t => {
  const limits = parseThresholds(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn
  -> RemoteAddress:Port
TCP  10.0.0.50:80 mh (mh-fallback,mh-port) persistent 300 mask 255.255.255.0
  -> 10.0.0.11:80                 2000       1500       3          4
`);
  t.deepEqual(Object.fromEntries(limits), {
    '10.0.0.50:80/tcp 10.0.0.11:80': { upper: 2000, lower: 1500, active: 3, inactive: 4 },
  });
});

test('rounded numbers are no numbers: bytes may not be lost', t => {
  const error = t.throws(() => parseCounters('TCP  10.0.0.50:80  1  2  3  123456K  5\n'), {
    instanceOf: UnknownOutput,
  });
  t.is(error.message, 'ipvsadm -Ln, line 1, is not understood: "TCP  10.0.0.50:80  1  2  3  123456K  5"');
});

test('the two daemons of a director are read with all they have', t => {
  t.deepEqual(
    parseDaemons(`master sync daemon (mcast=eth0, syncid=51, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)
backup sync daemon (mcast=eth1.100, syncid=0)
`),
    [
      { role: 'master', interface: 'eth0', id: 51, maxLength: 1472, group: '224.0.0.81', port: 8848, ttl: 1 },
      { role: 'backup', interface: 'eth1.100', id: 0 },
    ],
  );
  t.deepEqual(parseDaemons(''), []);
});

const unknown = test.macro<[(text: string) => unknown, string]>({
  exec: (t, parse, text) => {
    const { message } = t.throws(() => parse(text), { instanceOf: UnknownOutput });
    t.notRegex(message, /[\u0000-\u001f\u007f-\u009f]/);
  },
  title: given => `not understood: ${given}`,
});

test('a server before any service', unknown, parseThresholds, '  -> 10.0.0.11:80  1  2  3  4\n');
test('a column more', unknown, parseThresholds, 'TCP  10.0.0.50:80 rr\n  -> 10.0.0.11:80  1  2  3  4  5\n');
test('a protocol that is none', unknown, parseCounters, '?    10.0.0.50:80  1  2  3  4  5\n');
test('the name of a host', unknown, parseCounters, 'TCP  www:http  1  2  3  4  5\n');
test('an address with a zone', unknown, parseCounters, 'TCP  [fe80::1%eth0]:80  1  2  3  4  5\n');
test('the mark 0', unknown, parseCounters, 'FWM  0  1  2  3  4  5\n');
test('what would steer a terminal', unknown, parseCounters, 'TCP  \u001b[2J  1  2  3  4  5\n');
test('timeouts in other words', unknown, parseTimeouts, 'Timeout (tcp tcpfin udp sctp): 1 2 3 4\n');
test(
  'a daemon with another word',
  unknown,
  parseDaemons,
  'master sync daemon (mcast=eth0, syncid=1, speed=9)\n',
);
test('a daemon without an interface', unknown, parseDaemons, 'master sync daemon (syncid=1)\n');
test('a connection without a server', unknown, parseConnections, 'TCP 14:58  NONE 10.0.0.7:1 10.0.0.50:80\n');
test(
  'a connection whose time is none',
  unknown,
  parseConnections,
  'TCP soon NONE 10.0.0.7:1 10.0.0.50:80 10.0.0.11:80\n',
);
test(
  'a connection of another protocol',
  unknown,
  parseConnections,
  'GRE 14:58 NONE 10.0.0.7:1 10.0.0.50:80 10.0.0.11:80\n',
);
