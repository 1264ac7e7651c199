import { readFileSync } from 'node:fs';
import test from 'ava';
import { withCheckDefaults } from '../../src/cluster/defaults.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { readDescription } from '../../src/config/read.js';
import type { Finding } from '../../src/lab/drills/drill.js';
import { drillsOf } from '../../src/lab/drills/drills.js';
import type { Lab } from '../../src/lab/lab.js';
import { topologyOf } from '../../src/lab/topology.js';
import { takeOverBound } from '../../src/lab/drills/directors.js';
import { checkedServices } from '../../src/lab/drills/waves.js';
import type { Service } from '../../src/cluster/service.js';
import { cluster, MIDAS, server, service } from '../support/clusters.js';

const planned = (of: Cluster): string[] =>
  drillsOf(of, topologyOf(of)).map(act =>
    act.drills.map(({ id, subject }) => [id, subject].filter(Boolean).join(' ')).join(', '),
  );

/** What those find that need no lab. */
async function reasons(of: Cluster, id: string): Promise<Finding[]> {
  const acts = drillsOf(of, topologyOf(of)).filter(act => act.drills[0]!.id === id);
  return (await Promise.all(acts.map(act => act.run({} as Lab)))).flat();
}

test('the drills of campus.yaml: one for each thing that it describes', async t => {
  const text = readFileSync('tap-tests/examples/campus.yaml');
  const { cluster: campus } = await readDescription(text, 'campus.yaml', new Map() as never);
  t.deepEqual(planned(campus!), [
    'table midas',
    'table estepe',
    'keepalived-config midas',
    'keepalived-config estepe',
    'arp 192.168.45.26, arp 192.168.45.27, arp 2001:db8:45::26, arp 192.168.45.28',
    'traffic web',
    'traffic ssh',
    'traffic dns',
    'traffic intranet',
    'traffic web6',
    'traffic shop',
    'path web, path ssh, path dns, path intranet, path web6, path shop',
    'persistence ssh',
    'persistence shop',
    'server-down server-192-168-45-13, server-down server-10-0-70-4, server-down server-2001-db8-45-13',
    'server-down server-192-168-45-43, server-down server-10-0-70-5, server-down server-2001-db8-45-43',
    'director-down, connections, director-return',
  ]);
});

test('with mon as with keepalived somebody is left of each service', t => {
  const found = planned(cluster({ checker: 'mon' }));
  for (const name of ['server-192-168-45-13', 'server-192-168-45-43'])
    t.true(found.includes(`server-down ${name}`), found.join('\n'));
});

test('what cannot be run says why, and has not passed', async t => {
  const alone = cluster({ directors: [MIDAS] });
  for (const [of, id, why] of [
    [cluster(), 'server-down', 'checker is none: nobody finds out that a server is dead'],
    [cluster(), 'director-down', 'failover is none: nobody takes over'],
    [alone, 'connections', 'there is only one director'],
    [alone, 'director-return', 'there is only one director'],
  ] as const) {
    const findings = await reasons(of, id);
    t.true(findings.length > 0);
    for (const found of findings) t.deepEqual(found, { outcome: 'not-run', detail: why, figures: {} });
  }
});

test('servers that nobody checks, or too seldom, are told one by one', async t => {
  const check = { ...withCheckDefaults({ type: 'tcp' }), interval: 300_000 };
  const of = cluster({
    checker: 'keepalived',
    services: [
      service('192.168.45.26:80', ['192.168.45.13'], { check: withCheckDefaults({ type: 'none' }) }),
      service('192.168.45.26:81', ['192.168.45.43'], { check }),
    ],
  });
  t.deepEqual(
    (await reasons(of, 'server-down')).map(one => one.detail),
    [
      'no service checks it, or all that its death could change is a weight of 0',
      'its checks need more than 150 s to notice',
    ],
  );
});

test('a server whose death changes nothing in the table is no part of a wave', t => {
  const spare = { address: '192.168.45.43', port: 80, weight: 0 } as const;
  const fallback = { address: '192.168.45.99', port: 80 };
  const of = (changes: Partial<Service>): string[] => {
    const web = service('192.168.45.26:80', ['192.168.45.13'], changes);
    const servers = [...web.servers, server(spare.address, spare)];
    const all = cluster({ checker: 'keepalived', services: [{ ...web, servers }] });
    return [...checkedServices(all, topologyOf(all)).keys()];
  };
  const [both, one] = [['server-192-168-45-13', 'server-192-168-45-43'], ['server-192-168-45-13']];
  t.deepEqual(of({}), both);
  t.deepEqual(of({ onFailure: 'quiesce' }), one);
  // keepalived inhibits where there is a fallback.
  t.deepEqual(of({ fallback }), one);
});

test('a take-over has as long as the description makes it take, and a margin', t => {
  const { failover } = cluster();
  const heartbeat = { ...failover.heartbeat, deadtime: 30_000 };
  t.is(takeOverBound({ ...failover, by: 'heartbeat', heartbeat }).seconds, 60);
  const { seconds, words } = takeOverBound({ ...failover, by: 'vrrp', advertInterval: 500 });
  t.is(seconds, 32);
  t.regex(words, /four of its adverts take 2 s, and 30 s more are allowed in the lab/);
});
