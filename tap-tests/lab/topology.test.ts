import { readFileSync } from 'node:fs';
import test from 'ava';
import { topologyOf } from '../../src/lab/topology.js';
import type { LabHost } from '../../src/lab/topology.js';
import { readDescription } from '../../src/config/read.js';
import { cluster, server, service } from '../support/clusters.js';

const linesOf = (host: LabHost | undefined): string[] =>
  host?.links.map(link => `${link.interface} ${link.segment} ${link.addresses.join(' ')}`) ?? [];

test('directors, servers and a client share a network, each with its own address', t => {
  const hosts = topologyOf(cluster());
  t.deepEqual(
    hosts.map(host => [host.name, ...linesOf(host)]),
    [
      ['client', 'eth0 front 192.168.45.254/24'],
      ['midas', 'eth0 front 192.168.45.23/24'],
      ['estepe', 'eth0 front 192.168.45.204/24'],
      ['server-192-168-45-13', 'eth0 front 192.168.45.13/24'],
      ['server-192-168-45-43', 'eth0 front 192.168.45.43/24'],
    ],
  );
  t.true(hosts.every(host => host.routes.length === 0));
});

test('a router stands between the clients and servers in networks of their own', t => {
  const far = { servers: [server('198.51.100.7', { forwarding: 'tunnel' })] };
  const hosts = topologyOf(cluster({ services: [service('192.168.45.26:80', [], far)] }));
  const router = hosts.find(host => host.role === 'router');
  t.deepEqual(linesOf(router), ['eth0 front 192.168.45.254/24', 'eth1 far 198.51.100.254/24']);
  const midas = hosts.find(host => host.name === 'midas');
  t.deepEqual(midas?.routes, [{ to: '198.51.100.0/24', via: '192.168.45.254' }]);
});

test('NAT servers are behind the directors, and a director has a leg in each network', async t => {
  const text = readFileSync('tap-tests/examples/campus.yaml');
  const { cluster: campus } = await readDescription(text, 'campus.yaml', new Map() as never);
  const hosts = topologyOf(campus!);
  t.deepEqual(linesOf(hosts.find(host => host.name === 'midas')), [
    // Its servers are asked over IPv6 too, though the description gives it no such address.
    'eth0 front 192.168.45.23/24 2001:db8:45::fd/64',
    'eth1 inner 10.0.70.2/24',
  ]);
  const nat = hosts.find(host => host.name === 'server-10-0-70-4');
  t.deepEqual(linesOf(nat), ['eth0 inner 10.0.70.4/24']);
  t.deepEqual(nat?.routes, [{ to: 'default', via: '10.0.70.1' }]);
});

test('links between directors are in a network that nobody else has', async t => {
  const text = `version: 1
directors:
  - { name: one, address: 172.31.0.1, interface: eth0 }
  - { name: two, address: 172.31.0.5, interface: eth0 }
failover: { by: vrrp, links: [ eth2, eth0 ] }
services: [ { address: 172.31.0.9, port: 80, servers: [ 172.31.0.2 ] } ]
`;
  const { cluster: described } = await readDescription(Buffer.from(text), 'a.yaml', new Map() as never);
  const [one, two] = topologyOf(described!).filter(host => host.role === 'director');
  t.deepEqual(linesOf(one), ['eth0 front 172.31.0.1/24', 'eth2 link-eth2 198.18.0.1/24']);
  t.deepEqual(linesOf(two), ['eth0 front 172.31.0.5/24', 'eth2 link-eth2 198.18.0.2/24']);
});
