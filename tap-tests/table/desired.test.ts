import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';
import { desired } from '../../src/table/desired.js';
import { tableLines } from '../../src/table/format.js';

async function cluster(services: string): Promise<Cluster> {
  const text = `version: 1\nhosts: { web: { address: 192.0.2.11 } }\nservices:\n${services}`;
  const { cluster, diagnostics } = await readDescription(Buffer.from(text), 'lvs.yaml', portNames(''));
  if (!cluster) throw new Error(JSON.stringify(diagnostics));
  return cluster;
}

test('services and servers keep the order of the description, hosts become addresses', async t => {
  const one = await cluster(
    '  - { address: 192.0.2.101, port: 80, servers: [{ host: web, weight: 3 }, 192.0.2.10] }\n' +
      '  - { address: 192.0.2.100, port: 80, scheduler: rr, servers: [] }\n',
  );
  t.deepEqual(tableLines(desired(one)), [
    '-A -t 192.0.2.101:80 -s wlc',
    '-a -t 192.0.2.101:80 -r 192.0.2.11:80 -g -w 3',
    '-a -t 192.0.2.101:80 -r 192.0.2.10:80 -g -w 1',
    '-A -t 192.0.2.100:80 -s rr',
  ]);
});

test('under direct routing and tunnel a server has the port of its service, as the kernel sets it', async t => {
  const one = await cluster('  - { address: 192.0.2.100, port: 80, servers: [192.0.2.10] }\n');
  const [service] = one.services;
  const other = { ...service!, servers: service!.servers.map(server => ({ ...server, port: 8080 })) };
  t.regex(tableLines(desired({ ...one, services: [other] }))[1]!, /-r 192\.0\.2\.10:80 /);
});

test('a fallback stands in the table only where no server of the service takes connections', async t => {
  const alone = await cluster(
    '  - { address: 192.0.2.100, port: 80, fallback: { address: 192.0.2.99 }, servers: [] }\n',
  );
  t.deepEqual(tableLines(desired(alone))[1], '-a -t 192.0.2.100:80 -r 192.0.2.99:80 -g -w 1');
  const second = await cluster(
    '  - { address: 192.0.2.100, port: 80, fallback: { address: 192.0.2.99 }, servers: [web] }\n',
  );
  t.deepEqual(tableLines(desired(second)).slice(1), ['-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1']);
  const resting = await cluster(
    '  - { address: 192.0.2.100, port: 80, fallback: { address: 192.0.2.99 }, servers: [{ host: web, weight: 0 }] }\n',
  );
  t.deepEqual(tableLines(desired(resting)).slice(1), [
    '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0',
    '-a -t 192.0.2.100:80 -r 192.0.2.99:80 -g -w 1',
  ]);
});

test('a fallback goes the way of its service', async t => {
  for (const [forwarding, flag] of [
    ['nat', '-m'],
    ['tunnel', '-i'],
    ['direct', '-g'],
  ]) {
    const one = await cluster(
      `  - { address: 192.0.2.100, port: 80, forwarding: ${forwarding}, fallback: { address: 192.0.2.99 }, servers: [] }\n`,
    );
    t.is(tableLines(desired(one))[1], `-a -t 192.0.2.100:80 -r 192.0.2.99:80 ${flag} -w 1`);
  }
});

test('timeouts are seconds', async t => {
  const { timeouts } = desired(await cluster('  []\n'));
  t.deepEqual(timeouts, { tcp: 900, tcpFin: 120, udp: 300 });
});
