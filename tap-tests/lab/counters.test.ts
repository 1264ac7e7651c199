import test from 'ava';
import { counterKey, parseCounters } from '../../src/lab/counters.js';
import { marked, server, service } from '../support/clusters.js';

const TEXT = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  192.168.45.26:80                   12       72        0     4000        0
  -> 192.168.45.13:80                    4       24        0     1300        0
  -> 192.168.45.43:80                    8       48        0     2700        0
TCP  192.168.45.27:8080                 12       72       48     4000     3000
  -> 10.0.70.4:80                       12       72       48     4000     3000
TCP  [2001:db8:45::26]:80                1        6        0      400        0
  -> [2001:db8:45::13]:80                1        6        0      400        0
FWM  7                                   2       12        0      800        0
  -> 192.168.45.13:0                     2       12        0      800        0
FWM  8 IPv6                              2       13        0      800        0
  -> [2001:db8:45::13]:0                 2       13        0      800        0
`;

test('packets are found by service and server, as ipvsadm names them', t => {
  const counters = parseCounters(TEXT);
  t.is(counters.size, 6);
  const at = (found: ReturnType<typeof service>, address: string, changes = {}): unknown =>
    counters.get(counterKey(found, server(address, changes)));
  t.deepEqual(at(service('192.168.45.26:80', []), '192.168.45.43'), { inPackets: 48, outPackets: 0 });
  // Under direct routing the kernel puts the service's port in the place of the server's.
  t.deepEqual(at(service('192.168.45.26:80', []), '192.168.45.13', { port: 8080 }), {
    inPackets: 24,
    outPackets: 0,
  });
  t.deepEqual(at(service('192.168.45.27:8080', []), '10.0.70.4', { forwarding: 'nat' }), {
    inPackets: 72,
    outPackets: 48,
  });
  t.deepEqual(at(service('[2001:db8:45::26]:80', []), '2001:db8:45::13'), { inPackets: 6, outPackets: 0 });
  t.deepEqual(at(marked(7, '192.168.45.28', []), '192.168.45.13'), { inPackets: 12, outPackets: 0 });
  t.deepEqual(at(marked(8, '2001:db8:45::28', []), '2001:db8:45::13'), { inPackets: 13, outPackets: 0 });
  t.is(at(service('192.168.45.26:80', []), '192.168.45.99'), undefined);
});
