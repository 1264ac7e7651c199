import test from 'ava';
import { networkPlan, returnPlan } from '../../src/lab/network.js';
import { topologyOf } from '../../src/lab/topology.js';
import { cluster } from '../support/clusters.js';

test('a host that returns gets its own cables and addresses again, and nobody else theirs', t => {
  const hosts = topologyOf(cluster());
  const whole = networkPlan(hosts, 'l1');
  const { machine, inside } = returnPlan(hosts, 'midas', 'l1');
  t.deepEqual(machine, [
    'link del l1v1',
    'netns del l1-midas',
    'netns add l1-midas',
    'link add eth0 netns l1-midas type veth peer name l1v1',
    'link set l1v1 master l1b0 up',
  ]);
  t.deepEqual(inside, whole.hosts.get('midas'));
});
