import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const TEXT = `version: 1
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }
`;

test('a service that stays keeps a server that takes connections, unless forced', async t => {
  const host = new KernelHost(t);
  await host.applied(t, TEXT);
  const text = (): string => host.text('/here/lvs.yaml');
  t.is((await host.run('drain', 'web', '192.0.2.12')).exitCode, 0);
  const [before, rules] = [text(), host.kernel.rules()];
  for (const words of [
    'server remove web 192.0.2.11 -f lvs.yaml',
    'server remove web 192.0.2.11 -n -f lvs.yaml',
  ]) {
    const { exitCode, err } = await host.run(...words.split(' '));
    t.is(exitCode, 1);
    t.true(err.includes('web would have no server left that takes connections; nothing is changed\n'), err);
    t.is(text(), before);
    t.is(host.kernel.rules(), rules);
  }
  const { exitCode, err } = await host.run(
    'server',
    'remove',
    'web',
    '192.0.2.11',
    '--force',
    '-f',
    'lvs.yaml',
  );
  t.is(exitCode, 0, err);
  t.false(host.kernel.rules().includes('192.0.2.11:80'));
});
