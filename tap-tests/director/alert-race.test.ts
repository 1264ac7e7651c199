import test from 'ava';
import { createFiles } from '../../src/system/files.js';
import { alerted, servers } from '../support/alerted.js';

const SERVERS = ['192.0.2.11:80', '192.0.2.12:80'];

test('many alerts at once, with the real lock: each has its effect, and few of them do the work', async t => {
  const host = await alerted(t);
  // The model's table is the same for all; whoever reads it while another writes would show.
  host.files = { ...host.files, lock: (...words) => createFiles(host.root).lock(...words) };
  const calls = Array.from({ length: 30 }, (_, n) => ['web', SERVERS[n % 2]!] as const);
  const ends = await Promise.all(calls.map(call => host.run('alert', ...call)));
  for (const { exitCode, err } of ends) t.is(exitCode, 0, err);
  t.regex(servers(host), /^1[12]=\d$/);
  t.deepEqual(host.paths('/run/lvsctl/inbox'), []);
  t.true(host.batches.length <= 4, String(host.batches.length));
  host.time += 5000;
  const back = await Promise.all(calls.map(call => host.run('alert', '-u', ...call)));
  for (const { exitCode, err } of back) t.is(exitCode, 0, err);
  t.deepEqual(servers(host).split(' ').toSorted(), ['11=3', '12=1']);
  t.is(back.filter(({ out }) => out.includes('alive again')).length, 1);
});

test('alerts in the middle of an apply, a drain and ticks: all come out right', async t => {
  const host = await alerted(t);
  const lines = [
    ['alert', 'web', SERVERS[0]!],
    ['apply', '-f', 'lvs.yaml'],
    ['alert', 'dns', '192.0.2.11:53'],
    ['tick'],
    ['drain', 'web', 'web2', '--force'],
    ['alert', 'web', SERVERS[0]!],
    ['alert', 'shop', '192.0.2.12:443'],
  ];
  const ends = await Promise.all(lines.map(words => host.run(...words)));
  for (const { exitCode, err } of ends) t.is(exitCode, 0, err);
  // The dead one is the last that is not drained.
  t.is(servers(host), '12=0 11=3');
  t.is(servers(host, '192.0.2.100:53'), '11=0 12=1');
  t.is(servers(host, '192.0.2.101:443'), '11=10');
  t.deepEqual(host.paths('/run/lvsctl/inbox'), []);
  t.regex((await host.run('plan', '-f', 'lvs.yaml')).out, /^nothing to change/);
});
