import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import type { LabEvent } from '../../src/lab/events.js';
import type { Report } from '../../src/lab/report.js';
import { EXAMPLE, TestHost } from '../support/context.js';
import { fileError } from '../support/fake-files.js';
import { done, drill, hosts, lab, packageWith, programIn, says } from '../support/lab-program.js';

test('a rehearsal is done only if every drill has passed', async t => {
  for (const [outcomes, exitCode] of [
    [['passed', 'passed'], 0],
    [['passed', 'failed'], 1],
    [['passed', 'not-run'], 1],
    [[], 1],
  ] as const) {
    const drills = outcomes.map((outcome, index) => drill(outcome, `drill ${index}`));
    const folder = packageWith(t, says(hosts, ...drills, done()));
    const { exitCode: code, err } = await lab(t, folder, ['rehearse', '-f', 'lvs.conf']);
    t.is(code, exitCode, outcomes.join(' '));
    for (const index of outcomes.keys()) t.regex(err, new RegExp(`drill ${index}`));
  }
});

test('a line for each drill comes when it has ended, the report at the end, alone on standard output', async t => {
  const folder = packageWith(
    t,
    says(
      { event: 'step', text: '3 hosts are up' },
      hosts,
      { event: 'begin', number: 1, of: 2, title: 'first' },
      drill('passed', 'first'),
      { event: 'begin', number: 2, of: 2, title: 'second\u001b[31m' },
      drill('failed', 'second\u001b[31m'),
      done(),
    ),
  );
  const { out, err } = await lab(t, folder, ['rehearse', '-f', 'lvs.conf', '-o', 'json']);
  t.regex(
    err,
    /booting the machine\n3 hosts are up\n✔ 1\/2 first {2}1 s\n✘ 2\/2 second\\u001b\[31m: why it failed {2}1 s\n/,
  );
  const report = JSON.parse(out) as Report;
  t.is(report.version, 1);
  t.deepEqual(
    report.drills.map(one => one.outcome),
    ['passed', 'failed'],
  );
});

test('a machine that fails has a sentence, the exit code of its kind and no report', async t => {
  for (const [script, code, words] of [
    ['echo "lab: error: /x has 1 MB left" >&2; exit 1', 1, 'the lab failed: /x has 1 MB left'],
    ['echo "lab: error: no qemu" >&2; exit 69', 69, 'the lab failed: no qemu'],
    ['echo "lab: error: /x cannot be written: Permission denied" >&2; exit 77', 77, 'cannot be written'],
    ['echo "lab: error: the machine did not end within 9 s" >&2; exit 99', 1, 'did not end within 9 s'],
    [says({ event: 'failed', message: 'midas: no table' }), 1, 'the lab failed: midas: no table'],
  ] as const) {
    const { exitCode, out, err } = await lab(t, packageWith(t, script), ['rehearse', '-f', 'lvs.conf']);
    t.deepEqual([exitCode, out], [code, ''], script);
    t.true(err.includes(words), err);
  }
});

test('of a machine that fails in the middle what was found out is reported, and what was not run', async t => {
  const script = `${says(drill('passed', 'one'))} echo Trace: x; exit 1`;
  const { exitCode, out, err } = await lab(t, packageWith(t, script), [
    'rehearse',
    '-f',
    'lvs.conf',
    '-o',
    'json',
  ]);
  t.is(exitCode, 1);
  t.true(err.includes('broke off'), err);
  const { drills } = JSON.parse(out) as { drills: { title: string; outcome: string }[] };
  t.deepEqual(
    drills.map(one => [one.title, one.outcome]),
    [
      ['one', 'passed'],
      ['all drills from number 2 on', 'not-run'],
    ],
  );
});

test('a drill that nothing was heard of has not passed', async t => {
  const lines: LabEvent[] = [{ event: 'begin', number: 1, of: 2, title: 'one' }, drill('passed', 'one')];
  const folder = packageWith(t, says(...lines, done()));
  const { exitCode, out } = await lab(t, folder, ['rehearse', '-f', 'lvs.conf']);
  t.is(exitCode, 1);
  t.regex(out, /all drills from number 2 on\n {6}not run: nothing was heard of them\n/);
});

test('the line of a drill names its subject, whatever words its title has', async t => {
  const named = { ...drill('passed', 'every request is answered'), subject: 'request' } as LabEvent;
  const { err } = await lab(t, packageWith(t, says(named, done())), ['rehearse', '-f', 'lvs.conf']);
  t.true(err.includes('every request is answered (request)'), err);
});

test('what the machine prints besides cannot steer the terminal', async t => {
  const { err } = await lab(t, packageWith(t, `printf 'a\\033[31mb\\n'; ${says(done())}`), [
    'rehearse',
    '-f',
    'lvs.conf',
  ]);
  t.true(err.includes('  | a\\u001b[31mb\n'), err);
});

test('an interrupt ends the machine, and the exit code says so', async t => {
  const folder = packageWith(t, `trap 'echo gone >end; exit 130' TERM\nwhile :; do sleep 0.1; done`);
  const child = spawn(process.execPath, [programIn(folder), 'lab', 'rehearse', '-f', 'lvs.conf'], {
    cwd: folder,
  });
  let err = '';
  child.stderr.on('data', (text: Buffer) => {
    err += text.toString();
    if (err.includes('booting')) setTimeout(() => child.kill('SIGINT'), 500);
  });
  const code = await new Promise(resolve => {
    child.on('close', resolve);
  });
  t.is(code, 130);
  t.is(readFileSync(join(folder, 'end'), 'utf8'), 'gone\n');
  t.regex(err, /lvsctl: interrupted: the machine is off, and nothing is left of it\n$/);
});

test('the job holds the cluster, its trees and what the machine runs', async t => {
  const folder = packageWith(t, `cat >job.tar; for word; do echo "$word"; done >words; ${says(done())}`);
  t.is((await lab(t, folder, ['shell', '-f', 'lvs.conf'], 'hosts\n')).exitCode, 0);
  const read = (path: string): string =>
    spawnSync('tar', ['-x', '-O', '-f', 'job.tar', path], { cwd: folder, encoding: 'utf8' }).stdout;
  // Its checker is mon, whose alerts run lvsctl.
  const acting = { file: 'lvs.conf', text: EXAMPLE, node: basename(process.execPath) };
  t.deepEqual(JSON.parse(read('order.json')), { what: 'shell', commands: 'hosts\n', acting });
  t.is(JSON.parse(read('cluster.json')).directors[0].name, 'midas');
  t.regex(read('trees/midas/etc/ha.d/ha.cf'), /estepe/);
  t.regex(read('trees/midas/etc/lvsctl/failover.key'), /^[0-9a-f]{64}$/);
  t.regex(read('trees/realserver/etc/lvsctl/realserver.conf'), /192\.168\.45\.26/);
  t.regex(read('run'), /^#!\/bin\/sh\n/);
  const words = readFileSync(join(folder, 'words'), 'utf8').split('\n');
  for (const word of [
    process.execPath,
    ...['dist/lab-guest.mjs', 'lab/guest', 'dist'].map(one => join(folder, one)),
  ]) {
    t.is(words[words.indexOf(word) - 1], '-a', word);
  }
});

test('a file whose name no tar holds is no bug', async t => {
  const folder = packageWith(t, 'exit 1');
  const path = `/${'k'.repeat(120)}`;
  writeFileSync(
    join(folder, 'long.yaml'),
    `version: 1
checker: keepalived
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
keepalived: { config: ${path} }
services: [ { name: web, address: 192.168.45.26, port: 80, servers: [ 192.168.45.13 ] } ]
`,
  );
  const { exitCode, err } = await lab(t, folder, ['rehearse', '-f', 'long.yaml']);
  t.is(exitCode, 78, err);
  t.regex(err, /the lab cannot hold a file of such a name: .*k{120}/);
});

test('a shell without a terminal prints what its commands print, and ends with the status of the last', async t => {
  const script = says(hosts, { event: 'prompt' }, { event: 'output', to: 'out', text: 'a  b' }, done(3));
  const { exitCode, out, err } = await lab(
    t,
    packageWith(t, `${script}\necho 'not found' >&2`),
    ['shell', '-f', 'lvs.conf'],
    'x\n',
  );
  t.deepEqual([exitCode, out], [3, 'a  b\n']);
  t.regex(err, /^midas {2}director {2}eth0 192\.0\.2\.1\/24$/m);
  t.regex(err, /^not found$/m);
});

async function host(t: ExecutionContext, text = EXAMPLE): Promise<TestHost> {
  const one = new TestHost(t);
  one.put('/here/lvs.conf', text);
  return Promise.resolve(one);
}

test('missing programs are named with the line that installs them', async t => {
  const { exitCode, err, out } = await (await host(t)).run('lab', 'rehearse', '-f', 'lvs.conf');
  t.deepEqual([exitCode, out], [69, '']);
  t.regex(
    err,
    /the lab needs the Debian packages .*qemu-system-x86[^]*sudo apt-get update && sudo apt-get install -y --no-install-recommends .*mmdebstrap.*\n/,
  );
});

test('a machine is run in a way that there is', async t => {
  const one = await host(t);
  one.labAccelerator = 'kvm2';
  const { exitCode, out, err } = await one.run('lab', 'shell', '-f', 'lvs.conf');
  t.deepEqual([exitCode, out], [64, '']);
  t.true(err.endsWith('lvsctl: LVSCTL_LAB_ACCEL is "kvm2", and may be kvm or tcg\n'), err);
});

test('a description that the lab cannot hold is said to be so before anything is asked for', async t => {
  const one = await host(
    t,
    EXAMPLE.replaceAll('192.168.45.13', '127.0.0.1').replaceAll('192.168.45.43', '169.254.1.255'),
  );
  const { exitCode, err } = await one.run('lab', 'rehearse', '-f', 'lvs.conf');
  t.is(exitCode, 78);
  t.regex(
    err,
    /lvs\.conf is valid, but the lab cannot hold it:\n {2}no host of the lab can have the address 127\.0\.0\.1: .*\n {2}no host .* 169\.254\.1\.255: .*\n/,
  );
});

test('an option that a part of lab does not have is a usage error', async t => {
  const one = await host(t);
  for (const args of [
    ['demo', '-f', 'lvs.conf'],
    ['shell', '--report', 'x.html'],
    ['shell', '-o', 'json'],
  ]) {
    const { exitCode, err } = await one.run('lab', ...args);
    t.is(exitCode, 64, args.join(' '));
    t.regex(err, /lvsctl: lab \w+ has no option --\w+\n/);
  }
  t.is((await one.run('lab')).exitCode, 64);
  t.is((await one.run('lab', 'shell', '-f', '-')).exitCode, 64);
});

test('a report that could not be written is refused before the work', async t => {
  const one = await host(t);
  const missing = await one.run('lab', 'rehearse', '-f', 'lvs.conf', '--report', 'no/where.html');
  t.is(missing.exitCode, 1);
  t.regex(missing.err, /--report: there is no folder "\/here\/no"/);
  for (const [path, target] of [
    ['.', ''],
    ['link', '/dev/null'],
  ] as const) {
    if (target !== '') await one.files.link('/here/link', target);
    const { exitCode, err } = await one.run('lab', 'rehearse', '-f', 'lvs.conf', '--report', path);
    t.deepEqual([exitCode, err], [64, `lvsctl: --report writes a file, and "${path}" is none\n`]);
  }
  one.files = { ...one.files, replace: () => Promise.reject(fileError('EROFS')) };
  const full = await one.run('lab', 'rehearse', '-f', 'lvs.conf', '--report', 'page.html');
  t.is(full.exitCode, 1);
  t.is(full.err, 'lvsctl: the report "/here/page.html" cannot be written: the file system is read-only\n');
});

test('--report writes the same report as a page', async t => {
  const folder = packageWith(t, says(hosts, drill('passed', 'requests <b>'), done()));
  const { exitCode, out, err } = await lab(t, folder, [
    'rehearse',
    '-f',
    'lvs.conf',
    '--report',
    'page.html',
  ]);
  t.is(exitCode, 0, err);
  t.regex(out, /requests <b>[^]*1 passed/);
  const page = readFileSync(join(folder, 'page.html'), 'utf8');
  t.regex(page, /^<!doctype html>/i);
  t.true(page.includes('requests &lt;b&gt;') && page.includes('midas'));
  t.regex(err, /wrote \/.*page\.html\n$/);
});
