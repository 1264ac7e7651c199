import test from 'ava';
import { judgeListening } from '../../src/doctor/realserver/listening.js';
import { agentsOf } from '../../src/doctor/agents.js';
import { judgeAgents } from '../../src/doctor/realserver/agent.js';
import { tasksOf } from '../../src/doctor/realserver/part.js';
import { socketsOf } from '../../src/doctor/realserver/sockets.js';
import { DEFAULT_POLLING, DEFAULT_REAL_SERVERS } from '../../src/cluster/defaults.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Protocol } from '../../src/cluster/service.js';
import { cluster, server, service } from '../support/clusters.js';

const [VIP, RIP] = ['192.168.45.26', '192.168.45.13'];
const HELD = new Map([
  [RIP, 'eth0'],
  ['10.0.0.13', 'eth1'],
]);

function serving(port = 80, protocol: Protocol = 'tcp', changes: Partial<Cluster> = {}): Cluster {
  const one = service(`${VIP}:${port}`, [RIP], { name: 'web' });
  return cluster({
    services: [{ ...one, virtual: { kind: 'address', address: VIP, port, protocol } }],
    ...changes,
  });
}

/** What ss(8) prints. */
function found(what: Cluster, ...lines: readonly string[]): string[] {
  const sockets = socketsOf(
    lines.map(line => line.replace(' at ', ' LISTEN 0 128 ').replace(/$/, '\n')).join(''),
  );
  return judgeListening(sockets, tasksOf(what, new Set([RIP])), HELD).map(one => `${one.code}: ${one.what}`);
}

for (const local of [`${VIP}:80`, '0.0.0.0:80', '*:80', '0.0.0.0%eth0:80', `[::ffff:${VIP}]:80`]) {
  test(`TCP at ${local} serves`, t => {
    t.deepEqual(found(serving(), `tcp at ${local} *:*`, `tcp at ${RIP}:80 0.0.0.0:*`), []);
  });
}

for (const [local, where] of [
  [`${RIP}:80`, RIP],
  ['127.0.0.1:80', '127.0.0.1'],
  ['[::]:80', '::'],
  ['0.0.0.0%eth1:80', '0.0.0.0 on eth1'],
] as const) {
  test(`TCP at ${local} alone does not`, t => {
    t.deepEqual(found(serving(), `tcp at ${local} *:* users:(("nginx",pid=7,fd=3))`), [
      `listens-elsewhere: nginx listens at ${where}, and not at ${VIP}:80/tcp`,
    ]);
  });
}

test('another port or protocol is nobody who listens', t => {
  const nobody = [`nothing-listens: nothing listens at ${VIP}:80/tcp`];
  t.deepEqual(found(serving(), 'tcp at 0.0.0.0:8080 0.0.0.0:*', 'udp at 0.0.0.0:80 0.0.0.0:*'), nobody);
  t.deepEqual(found(serving(), ''), nobody);
});

test('UDP bound to all addresses answers from the wrong one', t => {
  const wild = 'udp at 0.0.0.0:177 0.0.0.0:* users:(("xdm",pid=7,fd=3))';
  t.deepEqual(found(serving(177, 'udp'), wild), [
    `udp-wildcard: xdm listens at 0.0.0.0, and may answer from ${RIP} what was asked of ${VIP}:177/udp`,
  ]);
  t.deepEqual(found(serving(177, 'udp'), wild, `udp at ${VIP}:177 0.0.0.0:*`), []);
});

test('where the packet filter takes the VIP, the own address is what counts', t => {
  const filtered = (protocol: Protocol): Cluster =>
    serving(80, protocol, { realServers: { ...DEFAULT_REAL_SERVERS, vipOn: 'filter' } });
  t.deepEqual(found(filtered('udp'), 'udp at 0.0.0.0:80 0.0.0.0:*'), []);
  t.deepEqual(found(filtered('tcp'), `tcp at ${RIP}:80 0.0.0.0:*`), []);
  t.deepEqual(found(filtered('tcp'), `tcp at ${VIP}:80 0.0.0.0:*`), [
    `listens-elsewhere: a program listens at ${VIP}, and not at ${RIP}:80/tcp`,
  ]);
});

test("behind NAT it is the server's own port", t => {
  const nat = {
    ...service(`${VIP}:80`, []),
    name: 'web',
    servers: [server(RIP, { port: 8080, forwarding: 'nat' })],
  };
  t.deepEqual(found(cluster({ services: [nat] }), `tcp at ${RIP}:8080 0.0.0.0:*`), []);
  t.deepEqual(found(cluster({ services: [nat] }), `tcp at ${VIP}:80 0.0.0.0:*`), [
    `nothing-listens: nothing listens at ${RIP}:8080/tcp`,
  ]);
});

test('IPv6 is for itself', t => {
  const six = service('[2001:db8::26]:80', ['2001:db8::13'], { name: 'web6' });
  const judge = (local: string): string[] =>
    judgeListening(
      socketsOf(`tcp LISTEN 0 5 ${local} *:*\n`),
      tasksOf(cluster({ services: [six] }), new Set(['2001:db8::13'])),
      HELD,
    ).map(one => one.code);
  t.deepEqual(judge('[::]:80'), []);
  t.deepEqual(judge('*:80'), []);
  t.deepEqual(judge('[2001:db8::26]:80'), []);
  t.deepEqual(judge('0.0.0.0:80'), ['listens-elsewhere']);
});

test('names of programs are told harmlessly, and link-local sockets are nobody’s', t => {
  const evil = 'tcp at 127.0.0.1:80 0.0.0.0:* users:(("\u001b[31mx",pid=1,fd=2))';
  const [told = ''] = found(serving(), evil, 'udp at [fe80::1]%eth0:80 [::]:*');
  t.notRegex(told, /\u001b/);
  t.regex(told, /^listens-elsewhere: /);
  t.throws(() => socketsOf('tcp LISTEN 0 5 what:ever *:*\n'), { message: /not understood/ });
});

test('agents are asked where weights follow a law, and listen there', t => {
  const polled = (changes: Partial<Cluster> = {}): Cluster =>
    cluster({
      polling: DEFAULT_POLLING,
      services: [service(`${VIP}:80`, [RIP], { scheduler: 'wrr' })],
      ...changes,
    });
  const asked = (what: Cluster): unknown => agentsOf(what);
  t.deepEqual(asked(polled()), [{ address: RIP, port: 2357 }]);
  t.deepEqual(asked(polled({ hosts: [{ name: 'web1', address: RIP, agent: 7 }] })), [
    { address: RIP, port: 7 },
  ]);
  t.deepEqual(asked(polled({ hosts: [{ name: 'web1', address: RIP, agent: 'none' }] })), []);
  t.deepEqual(asked(polled({ services: [service(`${VIP}:80`, [RIP], { scheduler: 'rr' })] })), []);
  t.deepEqual(asked(polled({ polling: { ...DEFAULT_POLLING, law: 'latency' } })), []);
  t.deepEqual(asked(cluster()), []);
  const at = { address: RIP, port: 2357 };
  t.deepEqual(judgeAgents(socketsOf('tcp LISTEN 0 5 *:2357 *:*\n'), [at]), []);
  t.deepEqual(
    judgeAgents(socketsOf('tcp LISTEN 0 5 127.0.0.1:2357 *:*\nudp UNCONN 0 0 *:2357 *:*\n'), [at]).map(
      one => one.code,
    ),
    ['no-agent'],
  );
});
