import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { anyText } from './arbitrary.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Real descriptions, in both forms. */
export const EXAMPLES: readonly string[] = [
  ...readdirSync(`${ROOT}tap-tests/examples`).map(name => `tap-tests/examples/${name}`),
  'lvs.conf.example',
].map(name => readFileSync(ROOT + name, 'utf8'));

/** What either form gives a meaning to, and what makes trouble in any parser. */
const FRAGMENTS = [
  ...[
    'version: 1\n',
    'services:\n',
    '  - ',
    'servers: [',
    '{ address: ',
    '}',
    ']',
    ': ',
    '\n',
    '\n\n',
    '    ',
  ],
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '!!binary ',
    '? ',
    '| \n',
    '>-\n',
    '--- ',
    '...\n',
    '%YAML 1.2\n',
    '"',
    "'",
    '#',
    '\t',
  ],
  ...[
    'service tcp 80 wlc {\n',
    'lvshost ',
    'director ',
    '10.0.0.1 1\n',
    '{',
    '}\n',
    '192.168.45.26',
    '::1',
    '\r',
  ],
  ...[
    '__proto__: 1\n',
    'constructor: ',
    'null',
    '~',
    '-1',
    '1e999',
    '.inf',
    '0x',
    '99999999999999999999',
    '\ufeff',
  ],
  ...['\u0000', '\u001b[31m', '\u0085', '\u009b', '\u202e', '\u2028', '\u{1f600}', '\ufffd', 'é', '界'],
];

const fragment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...FRAGMENTS) },
  { weight: 1, arbitrary: anyText },
);

/** Texts of nobody's making, and some bytes that are no text. */
const noise: fc.Arbitrary<Uint8Array> = fc.oneof(
  anyText.map(text => Buffer.from(text)),
  fc.array(fragment, { maxLength: 30 }).map(parts => Buffer.from(parts.join(''))),
  fc.uint8Array({ maxLength: 40 }),
);

type Edit = {
  readonly at: number;
  readonly length: number;
  readonly to: number;
  readonly what: string | number;
};

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  length: fc.oneof(fc.nat(3), fc.nat(40), fc.nat(400)),
  to: fc.nat(),
  // Drop it, say it twice, move it, or put something in its place.
  what: fc.oneof(fc.constantFrom<string | number>(0, 1, 2), fragment),
});

/** An example after a few chunks of it were dropped, doubled, moved or replaced. */
const mutation = fc
  .tuple(fc.constantFrom(...EXAMPLES), fc.array(edit, { minLength: 1, maxLength: 6 }))
  .map(([example, edits]) => Buffer.from(edits.reduce(applied, example)));

function applied(text: string, { at, length, to, what }: Edit): string {
  if (text === '') return text;
  const start = at % text.length;
  const chunk = text.slice(start, start + length);
  const rest = text.slice(0, start) + text.slice(start + length);
  if (typeof what === 'string') return text.slice(0, start) + what + text.slice(start + length);
  if (what === 0) return rest;
  if (what === 1) return text.slice(0, start) + chunk + text.slice(start);
  const goal = rest === '' ? 0 : to % rest.length;
  return rest.slice(0, goal) + chunk + rest.slice(goal);
}

/** Bytes as a file may have them, and the name of the file, which chooses the form. */
export const hostileFile = fc.record({
  name: fc.constantFrom('lvs.yaml', 'lvs.conf', '<stdin>'),
  bytes: fc.oneof({ weight: 1, arbitrary: noise }, { weight: 3, arbitrary: mutation }),
});
