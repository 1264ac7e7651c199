import test from 'ava';
import fc from 'fast-check';
import { findBlock, withBlock } from '../../src/install/block.js';
import { provenance, sameButOrigin, stamp } from '../../src/render/stamp.js';
import { anyText, expect, holds } from '../support/arbitrary.js';

const origin = fc.oneof(
  fc.constantFrom('/etc/lvsctl/lvs.yaml', '<stdin>', 'a; sha256 of the rest: b.conf'),
  anyText,
);
const content = fc.oneof(
  anyText,
  fc.array(anyText, { maxLength: 5 }).map(lines => `#!/bin/sh\n${lines.join('\n')}`),
  fc.constantFrom('', '\n', '#!', '#!/bin/sh', '#!/bin/sh\n', 'no end of line'),
);

test('what lvsctl has stamped is known as its own, whatever it holds and wherever it came from', async t => {
  await holds(
    t,
    fc.tuple(content, origin, origin),
    ([text, from, other]) => {
      const stamped = stamp(text, from);
      expect(provenance(stamped) === 'ours', () => provenance(stamped));
      expect(sameButOrigin(stamped, stamp(text, other)), () => 'another origin makes it another file');
      const lines = (all: string): number => all.split('\n').length;
      expect(lines(stamped) === lines(text) + 1, () => 'the line of origin is one line');
    },
    500,
  );
});

test('a single character edited anywhere but in the name of the origin makes a file foreign', async t => {
  const edits = fc.record({ at: fc.nat(), put: fc.constantFrom('', 'x', '\n', '#', ' '), cut: fc.nat(1) });
  await holds(
    t,
    fc.tuple(content, edits),
    ([text, { at, put, cut }]) => {
      const name = 'lvs.conf';
      const stamped = stamp(text, name);
      const start = at % (stamped.length + 1);
      const edited = stamped.slice(0, start) + put + stamped.slice(start + cut);
      const otherOrigin = edited.replace(/ from .*; sha256/, ` from ${name}; sha256`);
      if (otherOrigin === stamped) return;
      expect(provenance(edited) !== 'ours', () => JSON.stringify({ stamped, edited }));
    },
    1000,
  );
});

const lines = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), { maxLength: 6 });
const part = lines.map(all => all.map(line => `${line}\n`).join(''));
const file = fc.tuple(part, fc.constantFrom('', 'no end of line')).map(([whole, end]) => whole + end);

test('our part of a file can be found again, and all else of the file stays as it was', async t => {
  await holds(
    t,
    fc.tuple(file, part, origin),
    ([text, ours, from]) => {
      const merged = withBlock(text, ours, from);
      const found = findBlock(merged);
      const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
      expect(found?.intact === true && found.content === ours, () => merged);
      expect(found.before === ended && found.after === '', () => merged);
    },
    500,
  );
});

test('our part is replaced where it stands: twice is once', async t => {
  await holds(
    t,
    fc.tuple(file, file, part, part, origin),
    ([before, after, old, ours, from]) => {
      const text = withBlock(before, old, from) + after;
      const merged = withBlock(text, ours, from);
      expect(withBlock(merged, ours, from) === merged, () => merged);
      expect(withBlock(before, ours, from) + after === merged, () => merged);
    },
    500,
  );
});

test('one character edited inside our part is noticed', async t => {
  await holds(
    t,
    fc.tuple(file, part, fc.nat()),
    ([text, ours, at]) => {
      if (ours === '') return;
      const merged = withBlock(text, ours, 'lvs.conf');
      const start = merged.indexOf('\n', merged.indexOf('# BEGIN lvsctl')) + 1 + (at % ours.length);
      const edited = `${merged.slice(0, start)}\u00e9${merged.slice(start + 1)}`;
      expect(findBlock(edited)?.intact === false, () => edited);
    },
    300,
  );
});
