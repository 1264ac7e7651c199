import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { installLine, missingPackages, parseNeeds } from '../../src/lab/programs.js';
import { createFiles } from '../../src/system/files.js';
import { ROOT, TestHost } from '../support/context.js';

const NEEDS = parseNeeds(readFileSync(`${ROOT}lab/needs`, 'utf8'));

test('the list names programs and Debian packages, and nothing else', t => {
  t.true(NEEDS.length > 3);
  for (const { program, debianPackage } of NEEDS) {
    t.regex(program, /^[a-z][\w.+-]*$/);
    t.regex(debianPackage, /^[a-z0-9][a-z0-9.+-]+$/);
  }
  t.deepEqual(parseNeeds('# a b\n\n qemu x\ncpio   cpio-package # why\n'), [
    { program: 'cpio', debianPackage: 'cpio-package' },
  ]);
});

test('a program is looked for in PATH and in the folders of root', async t => {
  const host = new TestHost(t);
  for (const { program } of NEEDS) host.put(`/usr/bin/${program}`, '', 0o755);
  t.deepEqual(await missingPackages(NEEDS, '/usr/bin:/bin', host.files), []);
  t.deepEqual(await missingPackages(NEEDS, '/usr/local/bin', host.files), [
    ...new Set(NEEDS.map(one => one.debianPackage)),
  ]);
  host.put('/sbin/mke2fs', '', 0o755);
  const sbin = await missingPackages(NEEDS, '', host.files);
  t.false(sbin.includes('e2fsprogs'));
  // A folder relative to wherever lvsctl was called from decides nothing.
  host.put('/here/cpio', '', 0o755);
  t.true((await missingPackages(NEEDS, '.:here:', host.files)).includes('cpio'));
});

test('on this host the check agrees with the shell', async t => {
  const path = process.env['PATH'] ?? '';
  const missing = await missingPackages(NEEDS, path, createFiles());
  for (const { program, debianPackage } of NEEDS) {
    const found = spawnSync('sh', ['-c', `PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v ${program}`]);
    t.is(missing.includes(debianPackage), found.status !== 0, program);
  }
});

test('the line that installs is one that a shell reads', t => {
  t.is(
    installLine(['cpio', 'uidmap']),
    'sudo apt-get update && sudo apt-get install -y --no-install-recommends cpio uidmap',
  );
});
