import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

// No director says its interface: a VIP goes where the route leads.
const HEAD = 'version: 1\nservices:\n';
const WEB = '  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11 ] }\n';
const MAIL = '  - { address: 192.0.2.101, port: 25, scheduler: rr, servers: [ 192.0.2.21 ] }\n';

test('a VIP to which no route leads: plan shows the table and says so, apply refuses and changes nothing', async t => {
  const host = new KernelHost(t);
  await host.applied(t, HEAD + WEB);
  host.answers.set('ip -o route get 192.0.2.101', { exitCode: 2, stderr: 'Network is unreachable' });
  host.put('/here/lvs.yaml', HEAD + WEB + MAIL);
  const plan = await host.run('plan', '-f', 'lvs.yaml');
  t.is(plan.exitCode, 2, plan.err);
  t.regex(plan.out, /^\+ 192\.0\.2\.101:25\/tcp {2}scheduler rr$/m);
  t.regex(plan.err, /besides the table nothing can be planned: no route leads to 192\.0\.2\.101; /);
  const rules = host.kernel.rules();
  const apply = await host.run('apply', '-f', 'lvs.yaml');
  t.is(apply.exitCode, 1);
  t.regex(apply.err, /no route leads to 192\.0\.2\.101/);
  t.is(host.kernel.rules(), rules);
});
