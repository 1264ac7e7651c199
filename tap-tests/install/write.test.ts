import test from 'ava';
import { compare, leftovers } from '../../src/install/tree.js';
import { write, WriteFailure } from '../../src/install/write.js';
import type { Artifact } from '../../src/render/output.js';
import { stamp } from '../../src/render/stamp.js';
import { TestHost } from '../support/context.js';
import { failingAt, FakeFiles } from '../support/fake-files.js';
import { block, file, install, ORIGIN, tree } from './tree.js';

const all: Artifact[] = [
  file('/etc/a.conf', 'a\n'),
  file('/usr/sbin/b', '#!/bin/sh\n', 0o755),
  { kind: 'link', path: '/etc/ha.d/c', target: '/usr/sbin/b' },
  { kind: 'key', path: '/etc/key', content: '0123456789abcdef' },
  block('/etc/hosts', '192.0.2.1 midas\n'),
];

test('every kind of file is written with its mode, and twice is once', async t => {
  const host = new TestHost(t);
  host.put('/etc/hosts', '127.0.0.1 localhost\n', 0o640);
  const one = tree(...all);
  t.true((await install(one, host.files)).every(line => /: (create|update)$/.test(line)));
  const before = host.everything('/etc');
  t.deepEqual(
    [host.mode('/etc/a.conf'), host.mode('/usr/sbin/b'), host.mode('/etc/key')],
    [0o644, 0o755, 0o600],
  );
  t.is(before['/etc/ha.d/c'], '-> /usr/sbin/b');
  t.regex(
    before['/etc/hosts']!,
    /^640 127\.0\.0\.1 localhost\n# BEGIN lvsctl .*\n192\.0\.2\.1 midas\n# END lvsctl\n$/,
  );
  t.true((await install(one, host.files)).every(line => line.endsWith(': unchanged')));
  t.deepEqual(host.everything('/etc'), before);
});

test('a mode alone is set without writing the file anew', async t => {
  const files = new FakeFiles();
  await install(tree(file('/etc/a.conf', 'a\n')), files);
  const counted = failingAt(files, 0, '');
  await install(tree(file('/etc/a.conf', 'a\n', 0o600)), { ...counted, replace: () => t.fail() as never });
  t.like(await files.look('/etc/a.conf'), { mode: 0o600 });
});

test('what was foreign is kept beside with its mode, and an earlier original is never overwritten', async t => {
  const host = new TestHost(t);
  for (const [number, text] of ['first', 'second', 'third'].entries()) {
    host.put('/etc/a.conf', text, 0o640);
    const one = tree(file('/etc/a.conf', 'a\n'));
    const written = await write(one, await compare(one, host.files, ORIGIN), host.files);
    const kept = `/etc/a.conf.lvsctl-old${number === 0 ? '' : `.${number + 1}`}`;
    t.deepEqual(written, [{ path: '/etc/a.conf', kept }]);
    t.is(host.text(kept), text);
    t.is(host.mode(kept), 0o640);
  }
});

test('a foreign link is kept as a link', async t => {
  const host = new TestHost(t);
  host.put('/etc/theirs', 'theirs');
  await host.files.link('/etc/a.conf', '/etc/theirs');
  await install(tree(file('/etc/a.conf', 'a\n')), host.files);
  const after = host.everything('/etc');
  t.is(after['/etc/a.conf.lvsctl-old'], '-> /etc/theirs');
  t.is(after['/etc/theirs'], '644 theirs');
  t.is(host.text('/etc/a.conf'), stamp('a\n', ORIGIN));
});

test('wherever a write fails, every file is whole and those that were written are named', async t => {
  const old = tree(
    ...all.map(one => (one.kind === 'file' ? { ...one, content: stamp('old\n', ORIGIN) } : one)),
  );
  for (let n = 1; n <= 4; n++) {
    const files = new FakeFiles();
    await install(old, files);
    await files.replace('/etc/ha.d/c', 'theirs', 0o644);
    const changes = await compare(tree(...all), files, ORIGIN);
    const error = await t.throwsAsync(write(tree(...all), changes, failingAt(files, n, 'ENOSPC')), {
      instanceOf: WriteFailure,
    });
    // Two changes of the third file: its copy, then the link.
    const done = ['/etc/a.conf', '/usr/sbin/b'].slice(0, n - 1);
    t.deepEqual(
      error.written.map(one => one.path),
      done,
    );
    t.is(error.path, n === 1 ? '/etc/a.conf' : n === 2 ? '/usr/sbin/b' : '/etc/ha.d/c');
    t.is((error.cause as NodeJS.ErrnoException).code, 'ENOSPC');
    for (const one of all.slice(0, 2)) {
      const text = new TextDecoder().decode(await files.read(one.path));
      const wanted = one.kind === 'file' ? one.content : '';
      t.is(text, done.includes(one.path) ? wanted : stamp('old\n', ORIGIN));
    }
    t.is(new TextDecoder().decode(await files.read('/etc/ha.d/c')), 'theirs');
  }
});

test('who asks to stop is heard between two files', async t => {
  const files = new FakeFiles();
  const one = tree(...all);
  let asked = 0;
  const written = await write(one, await compare(one, files, ORIGIN), files, () => ++asked <= 2);
  t.deepEqual(
    written.map(each => each.path),
    ['/etc/a.conf', '/usr/sbin/b'],
  );
  t.is(await files.look('/etc/ha.d/c'), undefined);
});

test('a blocked file fails though nothing can be forced', async t => {
  const files = new FakeFiles();
  await files.replace('/etc/a.conf/inside', '', 0o644);
  const error = await t.throwsAsync(install(tree(file('/etc/a.conf', 'a\n')), files), {
    instanceOf: WriteFailure,
  });
  t.is(error.message, '/etc/a.conf: a folder is there');
});

test('files of ours that are rendered no more are found, also edited ones; others and kept copies are not', async t => {
  const files = new FakeFiles();
  const at = (path: string): string => `/out/midas${path}`;
  await files.replace(at('/etc/a.conf'), stamp('a\n', ORIGIN), 0o644);
  await files.replace(at('/etc/deep/old.conf'), stamp('old\n', ORIGIN), 0o644);
  await files.replace(at('/etc/edited.conf'), `${stamp('old\n', ORIGIN)}more\n`, 0o644);
  await files.replace(at('/etc/theirs.conf'), 'theirs\n', 0o644);
  await files.replace(at('/etc/a.conf.lvsctl-old'), stamp('old\n', ORIGIN), 0o644);
  const one = { ...tree(file('/etc/a.conf', 'a\n')), root: '/out/midas' };
  t.deepEqual(await leftovers(one, [], files), ['/etc/deep/old.conf', '/etc/edited.conf']);
  await files.replace('/etc/old.conf', stamp('old\n', ORIGIN), 0o644);
  await files.replace('/etc/elsewhere.conf', stamp('old\n', ORIGIN), 0o644);
  t.deepEqual(await leftovers(tree(), ['/etc/old.conf', '/etc/none.conf'], files), ['/etc/old.conf']);
});
