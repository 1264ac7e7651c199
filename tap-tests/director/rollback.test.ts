import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

function description(...weights: number[]): string {
  const servers = weights.map((weight, n) => `{ address: 192.0.2.${11 + n}, weight: ${weight} }`);
  return `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ ${servers.join(', ')} ] }
`;
}

/** The weights of the one service, by the kernel. */
function weights(host: KernelHost): string {
  return [...host.kernel.rules().matchAll(/^-a -t 192\.0\.2\.100:80 .* -w (\d+)$/gm)]
    .map(one => one[1])
    .join(' ');
}

test('rollback and clear are refused where another generation runs once they have the lock', async t => {
  for (const verb of ['rollback', 'clear']) {
    const host = new KernelHost(t);
    await host.applied(t, description(1, 1));
    await host.applied(t, description(2, 2));
    const { files } = host;
    host.files = {
      ...files,
      lock: async (...of) => {
        host.files = files;
        await host.applied(t, description(3, 3));
        return await files.lock(...of);
      },
    };
    const { exitCode, err } = await host.run(verb);
    t.is(exitCode, 1);
    t.true(err.includes('another generation runs by now; nothing is changed\n  help: try it again\n'), err);
    t.is(weights(host), '3 3');
  }
});

test('rollback of a trial whose time is over goes back by that one alone', async t => {
  const host = new KernelHost(t);
  for (const weight of [1, 2]) await host.applied(t, description(weight, weight));
  await host.applied(t, description(3, 3), '--confirm', '60s');
  host.time += 61_000;
  t.is((await host.run('rollback')).exitCode, 0);
  t.is(weights(host), '2 2');
});

test('what runs and cannot be read: others say how to go on, and a rollback by number does', async t => {
  const damages: readonly ((host: KernelHost) => void)[] = [
    host => host.put('/var/lib/lvsctl/generations/2.json', '{'),
    host => rmSync(join(host.root, 'var/lib/lvsctl/generations/2.json')),
  ];
  for (const damage of damages) {
    const host = new KernelHost(t);
    for (const weight of [1, 2]) await host.applied(t, description(weight, weight));
    damage(host);
    for (const words of [
      'status',
      'apply -f lvs.yaml',
      'rollback',
      'drain --all 192.0.2.11',
      'rollback 1 -n',
    ]) {
      const { exitCode, err } = await host.run(...words.split(' '));
      t.is(exitCode, 1, words);
      t.regex(err, /`lvsctl rollback N`/, words);
      t.is(weights(host), '2 2');
    }
    const { exitCode, out, err } = await host.run('rollback', '1');
    t.is(exitCode, 0, err);
    t.regex(err, /^warning: what runs cannot be read, and is forgotten: /);
    t.regex(out, /^generation [23] runs$/m);
    t.is(weights(host), '1 1');
    t.is((await host.run('status')).exitCode, 0);
  }
});

test('what a newer lvsctl made run is not forgotten', async t => {
  const host = new KernelHost(t);
  for (const weight of [1, 2]) await host.applied(t, description(weight, weight));
  host.put('/var/lib/lvsctl/generations/2.json', '{"version":2}');
  const { exitCode, err } = await host.run('rollback', '1');
  t.is(exitCode, 1);
  t.regex(err, /was written by a newer lvsctl/);
  t.is(weights(host), '2 2');
});
