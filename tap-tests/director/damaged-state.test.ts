import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const TEXT = `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }
`;
const FILES = ['/run/lvsctl/health.json', '/run/lvsctl/lingering.json', '/var/lib/lvsctl/polling'] as const;

for (const path of FILES) {
  test(`${path}: whoever only looks leaves a damaged one; whoever has the lock puts it aside`, async t => {
    const host = new KernelHost(t);
    await host.applied(t, TEXT);
    host.put(path, 'no such thing\n');
    host.put(`${path}.damaged-1`, 'an older one\n');
    for (const words of ['status', 'plan -f lvs.yaml', 'drain --all 192.0.2.11 -n']) {
      const { exitCode, err } = await host.run(...words.split(' '));
      t.is(exitCode, 0, err);
      t.regex(
        err,
        /is damaged: .*; (it counts as empty|what the journal has of it counts, 0 dead servers)\n/,
        words,
      );
      t.is(host.text(path), 'no such thing\n');
    }
    const { exitCode, err } = await host.run('drain', '--all', '192.0.2.11');
    t.is(exitCode, 0, err);
    t.true(err.includes(`; it is kept as ${path}.damaged-2\n`), err);
    t.is(host.text(`${path}.damaged-2`), 'no such thing\n');
    t.is(host.text(`${path}.damaged-1`), 'an older one\n');
    t.notRegex((await host.run('status')).err, /damaged/);
  });
}
