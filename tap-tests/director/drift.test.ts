import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const TEXT = `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }
  - { address: 192.0.2.100, port: 25, scheduler: rr, servers: [ 192.0.2.21 ] }
`;

test('drift is mended without a generation, and written down', async t => {
  const host = new KernelHost(t);
  await host.applied(t, TEXT);
  const rules = host.kernel.rules();
  host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 9']);
  const { out } = await host.run('apply', '-f', 'lvs.yaml');
  t.true(out.endsWith('generation 1 runs, as before\n'), out);
  t.is(host.kernel.rules(), rules);
  const last = JSON.parse(host.text('/var/lib/lvsctl/journal.jsonl').trim().split('\n').at(-1)!);
  t.like(last, { event: 'mended', service: '192.0.2.100:80/tcp', server: '192.0.2.12:80' });
});

test('drift that another description mends on its way is told as such', async t => {
  const host = new KernelHost(t);
  await host.applied(t, TEXT);
  // One that the new description leaves as it was, and one that it takes away.
  host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 9', '-D -t 192.0.2.100:25']);
  host.put('/here/lvs.yaml', TEXT.replace('192.0.2.11,', ''));
  t.is((await host.run('apply', '-f', 'lvs.yaml')).exitCode, 0);
  const told = host
    .text('/var/lib/lvsctl/journal.jsonl')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { event: string; service?: string; server?: string; before?: string })
    .slice(-5)
    .map(({ event, service, server, before }) => [event, service, server, before].filter(Boolean).join(' '));
  t.deepEqual(told.toSorted(), [
    'applied generation 1',
    'changed 192.0.2.100:80/tcp 192.0.2.11:80 -a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1',
    'mended 192.0.2.100:25/tcp',
    'mended 192.0.2.100:25/tcp 192.0.2.21:25',
    'mended 192.0.2.100:80/tcp 192.0.2.12:80 -a -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 9',
  ]);
});
