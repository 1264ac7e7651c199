import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { labProblems, machineSize, MOST_HOSTS } from '../../src/lab/limits.js';
import { topologyOf } from '../../src/lab/topology.js';
import { cluster, service } from '../support/clusters.js';

const many = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `10.1.${index >> 7}.${1 + (index & 127)}`);

const withServers = (servers: readonly string[]): Cluster =>
  cluster({ services: [service('10.1.0.200:80', servers)] });

test('an ordinary cluster has no problem, nor has one of four dozen real servers', t => {
  t.deepEqual(labProblems(cluster()), []);
  t.deepEqual(labProblems(withServers(many(48))), []);
});

test('more hosts than the lab holds are too many, and the sentence has both numbers', t => {
  const most = withServers(many(MOST_HOSTS - 4));
  t.true(topologyOf(most).length <= MOST_HOSTS);
  t.deepEqual(labProblems(most), []);
  const [problem, ...others] = labProblems(withServers(many(300)));
  t.regex(problem!, /^the cluster has 30\d hosts with its client; the lab holds 128$/);
  t.deepEqual(others, []);
});

test('every address that no host of the lab can have is named, with the reason', t => {
  const problems = labProblems(
    cluster({
      services: [
        service('192.168.45.26:80', [
          '127.0.0.1',
          '169.254.1.1',
          '192.168.45.0',
          '192.168.45.255',
          '192.168.45.254',
        ]),
        service('[2001:db8::1]:80', ['fe80::1', '::1', '2001:db8::']),
      ],
    }),
  );
  t.deepEqual(
    problems.map(one => one.replace('no host of the lab can have the address ', '').replace(/, .*/, '')),
    [
      '127.0.0.1: it is a loopback address',
      '169.254.1.1: it is a link-local address',
      "192.168.45.0: it is the network's own in the /24 that the lab makes of it",
      '192.168.45.255: it is the broadcast address of the /24 that the lab makes of it',
      'fe80::1: it is a link-local address',
      '::1: it is a loopback address',
    ],
  );
});

test('the networks of gateways have the prefix that the description gives', t => {
  const gateway = { address: '10.0.70.1', prefix: 23, interface: 'eth1' };
  const nat = (address: string): Cluster =>
    cluster({ gateway, services: [service('192.168.45.26:80', [address], { forwarding: 'nat' })] });
  t.deepEqual(labProblems(nat('10.0.70.255')), []);
  t.regex(labProblems(nat('10.0.71.255'))[0]!, /broadcast address of the \/23/);
});

test('a network without room for the client is a problem, not a crash', t => {
  const full = Array.from({ length: 254 }, (_, index) => `192.168.45.${index + 1}`).filter(
    one => !['192.168.45.26', '192.168.45.23', '192.168.45.204'].includes(one),
  );
  const [problem] = labProblems(cluster({ services: [service('192.168.45.26:80', full)] }));
  t.is(problem, "no address is left in 192.168.45.0/24 for the lab's client and router");
});

test('more hosts and more servers of services get more memory and time', t => {
  const small = machineSize(withServers(many(2)));
  const large = machineSize(withServers(many(48)));
  t.true(small.megabytes >= 1024 && small.megabytes < large.megabytes && large.megabytes <= 2048);
  t.true(small.seconds >= 600 && small.seconds < large.seconds);
});
