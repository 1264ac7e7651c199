import { truncateSync } from 'node:fs';
import test from 'ava';
import { HEALTH, INBOX, OPERATOR } from '../../src/state/paths.js';
import { alerted, mon, servers } from '../support/alerted.js';
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

const LARGE = 3_000_000_000;

for (const path of FILES) {
  test(`${path}: a folder, and what is too large to be read, are put aside like other damage`, async t => {
    for (const why of ['it is a folder', 'it is too large to be read']) {
      const host = new KernelHost(t);
      await host.applied(t, TEXT);
      await host.files.remove(path);
      if (why === 'it is a folder') host.put(`${path}/within`, 'kept');
      else {
        host.put(path, '');
        truncateSync(`${host.root}${path}`, LARGE);
      }
      for (const words of ['status', 'plan -f lvs.yaml', 'apply -f lvs.yaml']) {
        const { exitCode, err } = await host.run(...words.split(' '));
        t.is(exitCode, 0, err);
        t.true(err.includes(`${path} is damaged: ${why}; `), `${words}: ${err}`);
      }
      if (why === 'it is a folder') t.is(host.text(`${path}.damaged-1/within`), 'kept');
      else t.like(await host.files.look(`${path}.damaged-1`), { size: LARGE });
      t.notRegex((await host.run('status')).err, /damaged/);
    }
  });
}

test('whatever is in the place of what keeps the dead, or in the inbox, an alert acts', async t => {
  const host = await alerted(t);
  t.is((await mon(host, 'failure', 'dns', '192.0.2.12:53')).exitCode, 0);
  await host.files.remove(HEALTH);
  host.put(`${HEALTH}/within`, '');
  const large = `${INBOX}/000000000000000002-aaaaaaaaaaaa.json`;
  host.put(large, '');
  truncateSync(`${host.root}${large}`, LARGE);
  const { exitCode, err } = await mon(host, 'failure', 'web', '192.0.2.12:80');
  t.is(exitCode, 0, err);
  t.regex(
    err,
    /health\.json is damaged: it is a folder; what the journal has of it counts, 1 dead server; it is kept as /,
  );
  t.true(
    err.includes(
      `${large} is damaged: it has ${LARGE} bytes, which no event has; it is kept as ${large}.damaged-1\n`,
    ),
    err,
  );
  t.is(servers(host), '11=3');
  t.is(servers(host, '192.0.2.100:53'), '11=1 12=0');
});

test('a folder in the place of what operators said goes aside where that is put back', async t => {
  const host = new KernelHost(t);
  await host.applied(t, TEXT);
  t.is((await host.run('drain', '--all', '192.0.2.11')).exitCode, 0);
  await host.files.remove(OPERATOR);
  host.put(`${OPERATOR}/within`, 'kept');
  const refused = await host.run('tick');
  t.is(refused.exitCode, 1);
  t.regex(refused.err, /operator\.json is damaged: it is a folder\n.*`lvsctl log --rebuild`/);
  const { exitCode, out, err } = await host.run('log', '--rebuild');
  t.is(exitCode, 0, err);
  t.regex(
    out,
    /operator\.json was damaged, and is put back .* 1 server; the damaged one is kept as \S*damaged-1\n/,
  );
  t.is(host.text(`${OPERATOR}.damaged-1/within`), 'kept');
  t.is((await host.run('tick')).exitCode, 0);
});
