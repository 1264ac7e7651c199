import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { addressesOf, isRealServer, machineOf, virtualAddresses } from '../../src/cluster/machines.js';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';

const SERVICES = `services:
  - { address: 192.0.2.100, port: 80, interface: eth5, servers: [192.0.2.11, two] }
  - { address: 192.0.2.100, port: 443, servers: [192.0.2.11, two] }
  - { fwmark: 1, match: [{ address: 192.0.2.101, port: 80 }], servers: [192.0.2.11] }
`;
const DIRECTORS = `directors:
  - { name: one, address: 192.0.2.1, interface: eth0, inner: { address: 10.0.0.1/24, interface: eth1 } }
  - { name: two, address: 192.0.2.2, interface: eth0 }
failover: { by: vrrp }
`;

async function cluster(directors: string): Promise<Cluster> {
  const text = `version: 1\nhosts: { two: { address: 192.0.2.12, address6: "2001:db8::2" } }\n${directors}${SERVICES}`;
  const { cluster, diagnostics } = await readDescription(Buffer.from(text), 'lvs.yaml', portNames(''));
  if (!cluster) throw new Error(JSON.stringify(diagnostics));
  return cluster;
}

test('one name in directors and hosts is one machine with all these addresses', async t => {
  const one = await cluster(DIRECTORS);
  t.deepEqual(addressesOf(one, 'two'), ['192.0.2.2', '192.0.2.12', '2001:db8::2']);
  t.deepEqual(addressesOf(one, 'one'), ['192.0.2.1', '10.0.0.1']);
  t.deepEqual(
    one.directors.map(director => isRealServer(one, director)),
    [false, true],
  );
});

test('a machine is known by its name, else by an address', async t => {
  const one = await cluster(DIRECTORS);
  t.like(machineOf(one, 'one', []), { director: { name: 'one' }, realServer: false });
  t.like(machineOf(one, 'x', ['10.0.0.1']), { director: { name: 'one' }, realServer: false });
  t.like(machineOf(one, 'x', ['2001:db8::2']), { director: { name: 'two' }, realServer: true });
  t.like(machineOf(one, 'x', ['192.0.2.11']), { realServer: true, anonymousDirector: false });
  t.is(machineOf(one, 'x', ['192.0.2.50', '192.0.2.100']), undefined);
});

test('the name goes before the addresses', async t => {
  t.like(machineOf(await cluster(DIRECTORS), 'one', ['192.0.2.2']), { director: { name: 'one' } });
});

test('without directors whoever serves nothing is the director', async t => {
  const one = await cluster('');
  t.like(machineOf(one, 'x', ['192.0.2.50']), { anonymousDirector: true, realServer: false });
  t.like(machineOf(one, 'x', ['192.0.2.11']), { anonymousDirector: false, realServer: true });
});

test('every VIP comes once, with the interface that its first service gives it', async t => {
  const vips = virtualAddresses(await cluster(''));
  t.deepEqual(
    [...vips].map(([vip, service]) => [vip, service.interface]),
    [
      ['192.0.2.100', 'eth5'],
      ['192.0.2.101', undefined],
    ],
  );
});
