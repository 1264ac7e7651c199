import test from 'ava';
import { networkPlan, returnPlan } from '../../src/lab/network.js';
import { topologyOf } from '../../src/lab/topology.js';
import { cluster } from '../support/clusters.js';

test('a host that returns gets the cables and the addresses that it had, and no other host does', t => {
  const hosts = topologyOf(cluster());
  const first = networkPlan(hosts, 'l1');
  for (const { name, links } of hosts) {
    const again = returnPlan(hosts, name, 'l1', '/folder');
    const begin = again.indexOf(`host ${name} l1-${name} /folder`);
    t.deepEqual(again.slice(begin + 1), [...first.hosts.get(name)!]);
    const made = again.slice(0, begin).filter(line => !/^(link|netns) del /.test(line));
    t.is(made.length, 1 + 2 * links.length);
    t.true(made.every(line => first.machine.includes(line)));
    t.is(made[0], `netns add l1-${name}`);
    // What is made anew was taken away before.
    const removed = again.slice(0, begin - made.length);
    const cables = made.flatMap(line => / peer name (\S+)$/.exec(line)?.[1] ?? []);
    t.deepEqual(removed, [...cables.map(one => `link del ${one}`), `netns del l1-${name}`]);
  }
});
