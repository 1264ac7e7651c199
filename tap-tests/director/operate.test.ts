import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const DESCRIPTION = `version: 1
hosts:
  web1: { address: 192.0.2.11 }
  web2: { address: 192.0.2.12 }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { host: web1, weight: 3 }, web2 ] }
  - { name: dns, address: 192.0.2.100, port: 53, protocol: udp, scheduler: wrr, servers: [ web1, web2 ] }
  - { name: shop, address: 192.0.2.101, port: 443, scheduler: wrr, persistence: 300s, slow_start: 90s, servers: [ web1, web2 ] }
`;

async function director(t: ExecutionContext, description = DESCRIPTION): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/here/lvs.yaml', description);
  host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000001\n');
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  host.batches.length = 0;
  return host;
}

function weights(host: KernelHost): Record<string, string> {
  const found = host.kernel.rules().matchAll(/^-a -[tu] (\S+) -r (\S+):\d+ .* -w (\d+)/gm);
  return Object.fromEntries([...found].map(([, service, server, weight]) => [`${service} ${server}`, weight!]));
}

test('x', async t => {
  const host = await director(t);
  for (const line of ['drain web web1', 'drain web web1','undrain web web1', 'drain shop web1 --expires 1h --reason why', 'undrain shop web1', 'weight web web1 7', 'weight web web1 auto', 'drain --all web1', 'drain --all web2', 'drain dns web2 --force -n', 'drain dns web2 --force', 'clear -n', 'clear', 'rollback','drain dns web2 -o json']) {
    const { exitCode, out, err } = await host.run(...line.split(' '));
    t.log(`$ ${line}: ${exitCode}\n${out}--\n${err}`);
  }
  t.log(weights(host));
});
