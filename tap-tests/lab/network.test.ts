import test from 'ava';
import { networkPlan, removalPlan, returnPlan, startPlan } from '../../src/lab/network.js';
import { type LabHost, topologyOf } from '../../src/lab/topology.js';
import { cluster } from '../support/clusters.js';

const HOSTS: readonly LabHost[] = [
  {
    name: 'midas',
    role: 'director',
    links: [
      { interface: 'eth0', segment: 'front', addresses: ['192.168.45.23/24', '2001:db8::23/64'] },
      { interface: 'eth1', segment: 'inner', addresses: ['10.0.70.2/24'] },
    ],
    routes: [],
  },
  {
    name: 'nat1',
    role: 'server',
    links: [{ interface: 'eth0', segment: 'inner', addresses: ['10.0.70.4/24'] }],
    routes: [{ to: 'default', via: '10.0.70.1' }],
  },
];

test('the machine gets a bridge for each segment and a cable for each link', t => {
  const lines = startPlan(HOSTS, 'l1');
  const machine = lines.slice(
    0,
    lines.findIndex(line => line.startsWith('host ')),
  );
  t.deepEqual(
    machine.filter(line => line.startsWith('link add')),
    [
      'link add l1b0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0',
      'link add l1b1 type bridge forward_delay 0 stp_state 0 mcast_snooping 0',
      'link add eth0 netns l1-midas type veth peer name l1v0',
      'link add eth1 netns l1-midas type veth peer name l1v1',
      'link add eth0 netns l1-nat1 type veth peer name l1v2',
    ],
  );
  t.true(machine.includes('link set l1v2 master l1b1 up'));
});

test('each host follows with its folder, addresses and routes', t => {
  const lines = startPlan(HOSTS, 'l1');
  t.deepEqual(lines.slice(lines.findIndex(line => line.startsWith('host '))), [
    'host midas l1-midas /tmp/hosts/l1/midas',
    'link set lo up',
    'addr add 192.168.45.23/24 brd + dev eth0',
    'addr add 2001:db8::23/64 nodad dev eth0',
    'link set eth0 up',
    'addr add 10.0.70.2/24 brd + dev eth1',
    'link set eth1 up',
    'host nat1 l1-nat1 /tmp/hosts/l1/nat1',
    'link set lo up',
    'addr add 10.0.70.4/24 brd + dev eth0',
    'link set eth0 up',
    'route add default via 10.0.70.1',
  ]);
});

test('what the machine got is taken away again', t => {
  t.deepEqual(removalPlan(HOSTS, 'l1'), [
    'netns del l1-midas',
    'netns del l1-nat1',
    'link del l1b0',
    'link del l1b1',
  ]);
});

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
