import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const DESCRIPTION = `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, { address: 192.0.2.12, weight: 3 } ] }
`;
const RULES = [
  '-A -t 192.0.2.100:80 -s wrr',
  '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1',
  '-a -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 3',
];

function director(
  t: ConstructorParameters<typeof KernelHost>[0],
  rules: readonly string[] = RULES,
): KernelHost {
  const host = new KernelHost(t);
  host.put('/here/lvs.yaml', DESCRIPTION);
  host.kernel.restore(rules);
  host.put('/proc/sys/net/ipv4/vs/sync_threshold', '3\t50\n');
  return host;
}

test('where the table is as described there is nothing to change: exit 0', async t => {
  const { exitCode, out } = await director(t).run('plan', '-f', 'lvs.yaml');
  t.is(exitCode, 0);
  t.is(out, 'nothing to change\n');
});

test('a change is one line, in the order of its making; exit 2', async t => {
  const host = director(t, [
    '-A -t 192.0.2.100:80 -s rr',
    '-a -t 192.0.2.100:80 -r 192.0.2.12:80 -m -w 3 -x 9',
    '-a -t 192.0.2.100:80 -r 192.0.2.13:80 -g -w 1',
    '-A -t 192.0.2.200:80 -s rr',
    '--set 600 120 300',
  ]);
  const { exitCode, out } = await host.run('plan', '-f', 'lvs.yaml', '--foreign');
  t.is(exitCode, 2);
  t.is(
    out,
    `+ 192.0.2.100:80/tcp → 192.0.2.11:80  forwarding direct  weight 1
~ 192.0.2.100:80/tcp  scheduler rr → wrr
~ 192.0.2.100:80/tcp → 192.0.2.12:80  forwarding nat → direct  upper 9 → none
~ timeouts  tcp 600s → 900s
− 192.0.2.100:80/tcp → 192.0.2.13:80  cuts 0 active, 0 inactive

1 to add, 3 to change, 1 to remove
note: while a scheduler changes, the kernel refuses new connections for a moment
  192.0.2.200:80/tcp  not in the description, left alone
`,
  );
});

test('connections that a removal cuts are counted', async t => {
  const host = director(t, [...RULES, '-a -t 192.0.2.100:80 -r 192.0.2.13:80 -g -w 1']);
  const thresholds = host.kernel.thresholds().replace(/(192\.0\.2\.13:80 .*?)0 +0 +$/m, '$14          1');
  host.answers.set('ipvsadm -Ln --thresholds', { stdout: thresholds });
  const { out } = await host.run('plan', '-f', 'lvs.yaml');
  t.true(out.includes('− 192.0.2.100:80/tcp → 192.0.2.13:80  cuts 4 active, 1 inactive\n'), out);
  t.true(out.includes('note: 5 connections would be cut by what is removed\n'), out);
});

test('foreign services are counted, and settings that differ told, without being changes', async t => {
  const host = director(t, [...RULES, '-A -t 192.0.2.200:80 -s rr', '-A -f 9 -6 -s rr']);
  host.put('/proc/sys/net/ipv4/vs/expire_nodest_conn', '0\n');
  const { exitCode, out } = await host.run('plan', '-f', 'lvs.yaml');
  t.is(exitCode, 0);
  t.is(
    out,
    `nothing to change
note: net.ipv4.vs.expire_nodest_conn is 0; the rendered settings have 1
note: 2 services not in the description, left alone (--foreign names them)
`,
  );
});

test('as data it has the commands, and what was there before', async t => {
  const host = director(t, [...RULES.slice(0, 2), '-A -t 192.0.2.200:80 -s rr']);
  host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0']);
  const { exitCode, out } = await host.run('plan', '-f', 'lvs.yaml', '-o', 'json');
  t.is(exitCode, 2);
  const plan = JSON.parse(out);
  t.like(plan, { version: 1, file: 'lvs.yaml', owner: 'lvsctl', foreign: ['192.0.2.200:80/tcp'] });
  t.deepEqual(plan.summary, { add: 1, edit: 1, remove: 0 });
  t.like(plan.changes[1], {
    kind: 'edit-server',
    service: '192.0.2.100:80/tcp',
    server: '192.0.2.11:80',
    command: 'ipvsadm -e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1',
  });
  t.deepEqual(plan.changes[1].differences, [{ name: 'weight', before: '0', after: '1' }]);
});

test('a description that cannot be used is told before the kernel is asked', async t => {
  const host = director(t);
  host.put('/here/lvs.yaml', 'version: 1\nservices: [ {} ]\n');
  host.answers.set('*', { missing: true });
  t.is((await host.run('plan', '-f', 'lvs.yaml')).exitCode, 78);
});
