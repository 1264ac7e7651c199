import { createHash } from 'node:crypto';
import test from 'ava';
import { compare } from '../../src/install/tree.js';
import type { Artifact } from '../../src/render/output.js';
import { stamp } from '../../src/render/stamp.js';
import { FakeFiles } from '../support/fake-files.js';
import { block, file, ORIGIN, said, tree } from './tree.js';

/** What has to happen for one artifact where these files are. */
const verdict = test.macro<[Record<string, string>, Artifact, string, number?]>({
  async exec(t, present, artifact, expected, mode = 0o644) {
    const files = new FakeFiles();
    for (const [path, content] of Object.entries(present)) await files.replace(path, content, mode);
    t.deepEqual(said(await compare(tree(artifact), files, ORIGIN)), [expected]);
  },
  title: given => given!,
});

const A = '/etc/a.conf';
const ours = stamp('x\n', ORIGIN);
const key: Artifact = { kind: 'key', path: '/etc/key', content: '0123456789abcdef' };
const link: Artifact = { kind: 'link', path: '/etc/link', target: '/etc/init.d/x' };

test('a file that is not there is made', verdict, {}, file(A, 'x\n'), `${A}: create`);
test('a file that is right stays', verdict, { [A]: ours }, file(A, 'x\n'), `${A}: unchanged`);
test(
  'a file that is right but for the name of its description stays',
  verdict,
  { [A]: stamp('x\n', 'lvs.yaml') },
  file(A, 'x\n'),
  `${A}: unchanged`,
);
test('an older file of ours is replaced', verdict, { [A]: ours }, file(A, 'y\n'), `${A}: update`);
test(
  'a file with the right content and another mode gets the mode',
  verdict,
  { [A]: ours },
  file(A, 'x\n', 0o755),
  `${A}: mode`,
);
test(
  'a file that lvsctl did not write is foreign, even with the right text',
  verdict,
  { [A]: 'x\n' },
  file(A, 'x\n'),
  `${A}: foreign (lvsctl did not write it)`,
);
test(
  'a file of ours that was edited is foreign',
  verdict,
  { [A]: `${ours}y\n` },
  file(A, 'x\n'),
  `${A}: foreign (it was edited since lvsctl wrote it)`,
);
test(
  'a file in which a byte is no text is foreign',
  verdict,
  { [A]: `${ours}\ufffd` },
  file(A, 'x\n'),
  `${A}: foreign (it was edited since lvsctl wrote it)`,
);
test(
  'a folder in the place of a file blocks it',
  verdict,
  { [`${A}/b`]: '' },
  file(A, 'x\n'),
  `${A}: blocked (a folder is there)`,
);
test(
  'a file in the place of a link is foreign',
  verdict,
  { '/etc/link': '' },
  link,
  '/etc/link: foreign (something else is there)',
);
test(
  'a part of a file is put in without a word about the rest',
  verdict,
  { [A]: 'theirs\n' },
  block(A, 'x\n'),
  `${A}: update`,
);
test(
  'the mode of a file that is not all ours is none of our business',
  verdict,
  { [A]: blockText('x\n') },
  block(A, 'x\n'),
  `${A}: unchanged`,
  0o600,
);
test(
  'an edited part of a file is foreign',
  verdict,
  { [A]: blockText('x\n').replace('\nx', '\ny') },
  block(A, 'x\n'),
  `${A}: foreign (our part of it was edited)`,
);
test(
  'a part whose end is missing is foreign',
  verdict,
  { [A]: blockText('x\n').replace('# END lvsctl\n', '') },
  block(A, 'x\n'),
  `${A}: foreign (our part of it was edited)`,
);
test(
  'a key that is there stays',
  verdict,
  { '/etc/key': '0123456789abcdef' },
  key,
  '/etc/key: unchanged',
  0o600,
);
test(
  'a key that an editor ended with a line end stays',
  verdict,
  { '/etc/key': '0123456789abcdef\n' },
  key,
  '/etc/key: unchanged',
  0o600,
);
test(
  'a key that others can read gets its mode',
  verdict,
  { '/etc/key': '0123456789abcdef' },
  key,
  '/etc/key: mode',
);
test(
  'another key is foreign',
  verdict,
  { '/etc/key': 'fedcba9876543210' },
  key,
  '/etc/key: foreign (it holds another key)',
  0o600,
);

function blockText(content: string): string {
  const digest = createHash('sha256').update(content).digest('hex');
  return `theirs\n# BEGIN lvsctl (generated from lvs.conf; sha256 of this part: ${digest})\n${content}# END lvsctl\n`;
}

test('our part goes into no file whose bytes it would change', async t => {
  const files = new FakeFiles();
  await files.replace(A, Buffer.from('# M\xfcnchen\n', 'latin1'), 0o644);
  t.deepEqual(said(await compare(tree(block(A, 'x\n')), files, ORIGIN)), [`${A}: blocked (it is not UTF-8)`]);
  await files.replace(A, '\ufeff# M\u00fcnchen\n', 0o644);
  const [change] = await compare(tree(block(A, 'x\n')), files, ORIGIN);
  t.regex(change!.content!, /^\ufeff# M\u00fcnchen\n# BEGIN/);
});

test('a file of ours behind a byte order mark is no longer ours', async t => {
  const files = new FakeFiles();
  await files.replace(A, `\ufeff${ours}`, 0o644);
  t.deepEqual(said(await compare(tree(file(A, 'x\n')), files, ORIGIN)), [
    `${A}: foreign (lvsctl did not write it)`,
  ]);
});

test('a link that is right stays, one that leads elsewhere is foreign', async t => {
  const files = new FakeFiles();
  await files.link('/etc/link', '/etc/init.d/x');
  t.deepEqual(said(await compare(tree(link), files, ORIGIN)), ['/etc/link: unchanged']);
  await files.link('/etc/link', '/elsewhere');
  t.deepEqual(said(await compare(tree(link), files, ORIGIN)), [
    '/etc/link: foreign (something else is there)',
  ]);
});

test('a link in the place of a file is foreign, wherever it leads', async t => {
  const files = new FakeFiles();
  await files.replace('/etc/b.conf', ours, 0o644);
  await files.link(A, '/etc/b.conf');
  t.deepEqual(said(await compare(tree(file(A, 'x\n')), files, ORIGIN)), [
    `${A}: foreign (it is no regular file)`,
  ]);
});

test('a conffile as its Debian package shipped it is replaced, an edited one is foreign', async t => {
  const files = new FakeFiles();
  const md5 = createHash('md5').update('as shipped\n').digest('hex');
  const status = `Package: mon\nConffiles:\n /etc/mon/auth.cf ${'0'.repeat(32)}\n ${A} ${md5}\n /etc/x ${md5} obsolete\n`;
  await files.replace('/var/lib/dpkg/status', status, 0o644);
  await files.replace(A, 'as shipped\n', 0o644);
  t.deepEqual(said(await compare(tree(file(A, 'x\n')), files, ORIGIN)), [`${A}: replace`]);
  await files.replace(A, 'as shipped, then edited\n', 0o644);
  t.deepEqual(said(await compare(tree(file(A, 'x\n')), files, ORIGIN)), [
    `${A}: foreign (lvsctl did not write it)`,
  ]);
});

test("below another root dpkg's list says nothing about a file", async t => {
  const files = new FakeFiles();
  const md5 = createHash('md5').update('as shipped\n').digest('hex');
  await files.replace('/var/lib/dpkg/status', `Conffiles:\n ${A} ${md5}\n`, 0o644);
  await files.replace(`/out/midas${A}`, 'as shipped\n', 0o644);
  const changes = await compare({ ...tree(file(A, 'x\n')), root: '/out/midas' }, files, ORIGIN);
  t.deepEqual(said(changes), [`${A}: foreign (lvsctl did not write it)`]);
});
