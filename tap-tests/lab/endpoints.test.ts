import { readFileSync } from 'node:fs';
import test from 'ava';
import { withCheckDefaults } from '../../src/cluster/defaults.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { readDescription } from '../../src/config/read.js';
import { endpoint } from '../../src/cluster/address.js';
import { questions, serversByHost, standInWords } from '../../src/lab/endpoints.js';
import { topologyOf } from '../../src/lab/topology.js';
import { cluster, marked, server, service } from '../support/clusters.js';

const wordsOf = (of: Cluster): Record<string, string[]> =>
  Object.fromEntries(standInWords(of, topologyOf(of)));

test('a real server serves the VIP, and its own address where it is checked', t => {
  const words = wordsOf(cluster());
  t.deepEqual(Object.keys(words), ['server-192-168-45-13', 'server-192-168-45-43']);
  t.deepEqual(words['server-192-168-45-13'], ['tcp:192.168.45.13:80', 'tcp:192.168.45.26:80']);
});

test('under NAT it serves its own port alone, and every port that has to be', t => {
  const nat = service('192.168.45.26:8080', [], {
    forwarding: 'nat',
    servers: [server('192.168.45.13', { forwarding: 'nat', port: 80 })],
    check: withCheckDefaults({ type: 'tcp', port: 81 }),
  });
  t.deepEqual(wordsOf(cluster({ services: [nat] }))['server-192-168-45-13'], [
    'tcp:192.168.45.13:80',
    'tcp:192.168.45.13:81',
  ]);
});

test('what a web check wants to hear travels in hexadecimal, whatever is in it', t => {
  const check = withCheckDefaults({
    type: 'https',
    port: 443,
    path: `/'; reboot #`,
    status: [204, 301],
    expect: '$(reboot)',
  });
  const words = wordsOf(cluster({ services: [service('192.168.45.26:443', ['192.168.45.13'], { check })] }));
  const [answer] = words['server-192-168-45-13']!.filter(one => one.startsWith('http:'));
  const [, port, status, path, body] = answer!.split(':');
  t.deepEqual([port, status], ['443', '204']);
  t.is(Buffer.from(path!, 'hex').toString(), `/'; reboot #`);
  t.is(Buffer.from(body!, 'hex').toString(), '$(reboot)');
  t.true(words['server-192-168-45-13']!.includes('tls:443'));
  t.true(words['server-192-168-45-13']!.every(one => /^[a-z0-9:.[\]]+$/.test(one)));
});

test('mail and name servers take the place of the plain listener', t => {
  const smtp = service('192.168.45.26:25', [], {
    forwarding: 'nat',
    servers: [server('192.168.45.13', { forwarding: 'nat', port: 25 })],
    check: withCheckDefaults({ type: 'smtp' }),
  });
  t.deepEqual(wordsOf(cluster({ services: [smtp] }))['server-192-168-45-13'], ['smtp:192.168.45.13:25']);
});

test('where the packet filter takes the VIP, the servers have only their own addresses', t => {
  const filter = cluster({ realServers: { vipOn: 'filter' } });
  t.deepEqual(wordsOf(filter)['server-192-168-45-13'], ['tcp:192.168.45.13:80']);
});

test('a service of every port is asked on two of them, one by mark on each of its entrances', t => {
  t.deepEqual(
    questions(service('192.168.45.26:0', [])).map(one => one.port),
    [17_001, 17_002],
  );
  t.deepEqual(
    questions(marked(7, '192.168.45.28', [])).map(one => `${one.port}/${one.protocol}`),
    ['80/tcp', '443/tcp', '17001/udp', '17002/udp'],
  );
});

test('a server on the director itself is served there', t => {
  const local = service('192.168.45.26:80', ['127.0.0.1', '192.168.45.13']);
  const words = wordsOf(cluster({ services: [local] }));
  t.deepEqual(words['midas'], ['tcp:127.0.0.1:80', 'tcp:192.168.45.26:80']);
});

test('every request of campus.yaml finds a listener on each of its servers', async t => {
  const { cluster: campus } = await readDescription(
    readFileSync('tap-tests/examples/campus.yaml'),
    'campus.yaml',
    new Map() as never,
  );
  const hosts = topologyOf(campus!);
  const words = standInWords(campus!, hosts);
  for (const one of campus!.services) {
    for (const [name, servers] of serversByHost(campus!, one, hosts)) {
      for (const { address, port, protocol } of questions(one)) {
        const [{ forwarding, ...own }] = servers as [(typeof servers)[number]];
        const at = forwarding === 'nat' ? endpoint(own.address, own.port) : endpoint(address, port);
        t.true(words.get(name)!.includes(`${protocol}:${at}`), `${one.name} on ${name}: ${at}`);
      }
    }
  }
});
