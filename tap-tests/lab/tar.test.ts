import { spawnSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type TarEntry, tarOf } from '../../src/lab/tar.js';

/** Unpacks it as the machine's init does, with busybox. */
function unpacked(t: ExecutionContext, entries: readonly TarEntry[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const input = tarOf(entries, 1_700_000_000);
  const { status, stderr } = spawnSync('busybox', ['tar', '-x', '-C', folder], { input, encoding: 'utf8' });
  t.is(status, 0, stderr);
  return folder;
}

const file = (path: string, content: string | Uint8Array, mode = 0o644): TarEntry => ({
  kind: 'file',
  path,
  mode,
  content,
});

test('files, links and modes come out as they went in', t => {
  const folder = unpacked(t, [
    file('run', '#!/bin/sh\n', 0o755),
    file('trees/midas/etc/lvsctl/failover.key', 'secret', 0o600),
    file("odd 'name' $x", new Uint8Array([0, 255, 10])),
    { kind: 'link', path: 'trees/midas/etc/ha.d/link', target: '/etc/init.d/director.lvs.dr' },
  ]);
  t.is(readFileSync(join(folder, 'run'), 'utf8'), '#!/bin/sh\n');
  const mode = (path: string): number => lstatSync(join(folder, path)).mode & 0o7777;
  t.deepEqual(
    [mode('run'), mode('trees/midas/etc/lvsctl/failover.key'), mode('trees')],
    [0o755, 0o600, 0o755],
  );
  t.deepEqual([...readFileSync(join(folder, "odd 'name' $x"))], [0, 255, 10]);
  t.is(readlinkSync(join(folder, 'trees/midas/etc/ha.d/link')), '/etc/init.d/director.lvs.dr');
  t.is(lstatSync(join(folder, 'run')).mtimeMs, 1_700_000_000_000);
});

test('every size of file fits its blocks', t => {
  const sizes = [0, 1, 511, 512, 513, 10_240, 100_000];
  const folder = unpacked(
    t,
    sizes.map(size => file(`f${size}`, 'x'.repeat(size))),
  );
  for (const size of sizes) t.is(readFileSync(join(folder, `f${size}`), 'utf8').length, size);
});

test('a long path is cut in two, and one that is too long is refused', t => {
  const long = `${'folder-of-thirty-characters-xx/'.repeat(6)}file`;
  const folder = unpacked(t, [file(long, 'here')]);
  t.is(readFileSync(join(folder, long), 'utf8'), 'here');
  for (const path of ['x'.repeat(101), `${'x'.repeat(160)}/y`]) {
    t.throws(() => tarOf([file(path, '')], 0), { instanceOf: RangeError, message: /too long for a tar/ });
  }
  t.throws(() => tarOf([{ kind: 'link', path: 'l', target: 'x'.repeat(101) }], 0), {
    instanceOf: RangeError,
  });
});

test('other programs can append to it', t => {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const script = 'cat >job.tar && echo more >more && tar -r -f job.tar more && tar -t -f job.tar';
  const { stdout } = spawnSync('sh', ['-c', script], {
    cwd: folder,
    input: tarOf([file('run', 'x')], 0),
    encoding: 'utf8',
  });
  t.is(stdout, 'run\nmore\n');
});
