import test from 'ava';
import { decode, MOST_BYTES } from '../../src/config/decode.js';
import { readDescription } from '../../src/config/read.js';
import { PORTS } from '../support/cases.js';

const problem = (bytes: Uint8Array): string => {
  const decoded = decode(bytes, 'lvs.yaml');
  return 'problem' in decoded ? `${decoded.problem.code}: ${decoded.problem.message}` : 'none';
};

test('a file of nine MiB is refused before anything looks into it', async t => {
  const { cluster, diagnostics } = await readDescription(
    Buffer.alloc(9 * 1024 * 1024, '['),
    'lvs.yaml',
    PORTS,
  );
  t.is(cluster, undefined);
  t.deepEqual(
    diagnostics.map(one => [one.code, one.message]),
    [['file-too-large', 'the file is larger than 8 MiB']],
  );
});

test('eight MiB to the byte are read', t => {
  t.is(problem(Buffer.alloc(MOST_BYTES, '#')), 'none');
  t.is(problem(Buffer.alloc(MOST_BYTES + 1, '#')), 'file-too-large: the file is larger than 8 MiB');
});

test('a byte that is not UTF-8 is told with its line and column', t => {
  const bytes = Buffer.concat([Buffer.from('version: 1\n# Café '), Buffer.of(0xe9), Buffer.from(' x\n')]);
  t.is(problem(bytes), 'not-text: this is no text: what stands at line 2, column 8 is not UTF-8');
});

test('half a character at the end, an overlong one and a surrogate are not UTF-8', t => {
  for (const bytes of [Buffer.of(0x61, 0xe2, 0x82), Buffer.of(0xc0, 0xaf), Buffer.of(0xed, 0xa0, 0x80)]) {
    t.regex(problem(bytes), /^not-text: .* is not UTF-8$/);
  }
});

test('a replacement character that stands in the file does not shift the place', t => {
  const bytes = Buffer.concat([Buffer.from('# \ufffd\n# '), Buffer.of(0xff)]);
  t.regex(problem(bytes), /line 2, column 3 is not UTF-8/);
});

test('binary noise is no text', async t => {
  const noise = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 73 + (index >> 3)) & 0xff));
  for (const name of ['lvs.yaml', 'lvs.conf', '<stdin>']) {
    const { diagnostics } = await readDescription(noise, name, PORTS);
    t.deepEqual(
      diagnostics.map(one => one.code),
      ['not-text'],
    );
  }
});

test('a byte order mark belongs to no text', t => {
  t.deepEqual(decode(Buffer.from('\ufeffversion: 1\n'), 'x'), { text: 'version: 1\n' });
});
