import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Report } from '../../src/lab/report.js';
import { EXAMPLE, TestHost } from '../support/context.js';
import { done, drill, hosts, lab, packageWith, says } from '../support/lab-program.js';

const FROM = ['rehearse', '--from', 'old.conf', '-f', 'lvs.conf'] as const;

test('the job of a change holds both descriptions, their trees, and lvsctl itself', async t => {
  const script = `cat >job.tar; for word; do echo "$word"; done >words; ${says(hosts, drill('passed', 'one'), done())}`;
  const folder = packageWith(t, script);
  writeFileSync(join(folder, 'old.conf'), EXAMPLE.replace('\t192.168.45.13\t1', '\t192.168.45.14\t1'));
  const { exitCode, out, err } = await lab(t, folder, [...FROM, '-o', 'json', '--report', 'page.html']);
  t.is(exitCode, 0, err);
  const { from, description } = JSON.parse(out) as Report;
  t.deepEqual([from, description], ['old.conf', 'lvs.conf']);
  t.regex(readFileSync(join(folder, 'page.html'), 'utf8'), /<h1>old\.conf → lvs\.conf<\/h1>/);
  const read = (path: string): string =>
    spawnSync('tar', ['-x', '-O', '-f', 'job.tar', path], { cwd: folder, encoding: 'utf8' }).stdout;
  const order = JSON.parse(read('order.json')) as Record<string, { file: string; text: string }>;
  t.deepEqual([order['what'], order['old']!.file, order['next']!.file], ['change', 'old.conf', 'next.conf']);
  t.regex(order['old']!.text, /45\.14\t1[^]*45\.13\t1/);
  t.is(order['next']!.text, EXAMPLE);
  const key = read('trees/old/midas/etc/lvsctl/failover.key');
  t.regex(key, /^[0-9a-f]{64}$/);
  t.is(read('trees/next/estepe/etc/lvsctl/failover.key'), key);
  t.regex(read('trees/old/midas/usr/local/sbin/fill_table'), /192\.168\.45\.14/);
  t.notRegex(read('trees/next/midas/usr/local/sbin/fill_table'), /192\.168\.45\.14/);
  const words = readFileSync(join(folder, 'words'), 'utf8').split('\n');
  for (const part of ['dist', 'templates', 'package.json']) t.true(words.includes(join(folder, part)), part);
});

test('a change that the lab cannot make is refused before anything is asked for', async t => {
  const one = new TestHost(t);
  one.put('/here/lvs.conf', EXAMPLE);
  one.put('/here/old.conf', EXAMPLE.replace('checker    mon', 'checker    none').replace('45.204', '45.205'));
  const { exitCode, out, err } = await one.run('lab', ...FROM);
  t.deepEqual([exitCode, out], [78, '']);
  t.regex(
    err,
    /the lab cannot make lvs\.conf of old\.conf:\n {2}they do not agree on the directors, .*\n {2}.* the checker, .*\n/,
  );
  t.is((await one.run('lab', 'rehearse', '--from', '-', '-f', '-')).exitCode, 64);
  t.is((await one.run('lab', 'rehearse', '--from', 'nowhere.conf', '-f', 'lvs.conf')).exitCode, 78);
  t.regex((await one.run('lab', 'shell', '--from', 'old.conf')).err, /lab shell has no option --from/);
});
