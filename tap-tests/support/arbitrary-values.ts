import fc from 'fast-check';
import { character } from './arbitrary.js';
import { canonicalAddress } from '../../src/cluster/address.js';
import type { Family } from '../../src/cluster/service.js';

/** Roles have networks of their own, so that no server is a VIP by accident. */
const NETWORKS = {
  vip: ['100', '2001:db8:100'],
  server: ['10', '2001:db8:10'],
  fallback: ['11', '2001:db8:11'],
  director: ['172', '2001:db8:172'],
  gateway: ['192', '2001:db8:192'],
} as const;

/** A canonical address of a role. Few of them, so that services share VIPs and servers. */
export function address(role: keyof typeof NETWORKS, family: Family): fc.Arbitrary<string> {
  const [four, six] = NETWORKS[role];
  const octet = fc.constantFrom(0, 1, 2, 3, 100, 255);
  const group = fc.constantFrom('0', '0', '1', 'a', 'ff', 'ffff');
  return family === 'ipv4'
    ? fc.tuple(octet, octet).map(([c, d]) => `${four}.0.${c}.${d}`)
    : fc
        .tuple(group, group, group, group, group)
        .map(groups => canonicalAddress(`${six}:${groups.join(':')}`)!);
}

/** Names that are allowed, those among them that YAML or JavaScript take for something else. */
export const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}$/),
  fc.constantFrom(...'null true no 1 0x1f 0o17 1e3 1_000 2007-04-01 NaN _ web1 web2'.split(' ')),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a'.repeat(63)),
);

export const networkInterface = fc.constantFrom(
  'eth0',
  'eth1',
  'bond0.100',
  '0',
  'null',
  '1e3',
  'a'.repeat(15),
);

export const port = fc.oneof(
  fc.constantFrom(21, 22, 53, 80, 443, 65_535),
  fc.integer({ min: 1, max: 65_535 }),
);

const PATH_CHARACTERS = [...'abcXYZ019_./+@,:=~-'];

/** An absolute path as descriptions may have it, below a folder that is not the system's. */
export const path = fc
  .string({ unit: fc.constantFrom(...PATH_CHARACTERS), minLength: 1, maxLength: 40 })
  .filter(text => !text.split('/').includes('..'))
  .map(text => `/srv/${text}`);

const COMMAND_CHARACTERS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
  character => !/["'`\\$;|&<>]/.test(character),
);
const word = fc.string({ unit: fc.constantFrom(...COMMAND_CHARACTERS), minLength: 1, maxLength: 20 });

export const command = fc
  .tuple(
    path,
    fc.array(fc.oneof(word, fc.constantFrom('{address}', '{port}', '{service}', '-n')), { maxLength: 4 }),
  )
  .map(([program, words]) => [program, ...words]);

/** Milliseconds: round and odd, within bounds. */
export function time(least: number, most: number, unit = 1): fc.Arbitrary<number> {
  const bounded = { min: least / unit, max: most / unit };
  return fc
    .oneof(
      fc.integer(bounded),
      fc.constantFrom(1, 2, 60, 300, 1000, 60_000, 3_600_000).map(ms => ms / unit),
    )
    .filter(count => Number.isInteger(count) && count >= bounded.min && count <= bounded.max)
    .map(count => count * unit);
}

export const hostName = fc.constantFrom(
  'www.example.org',
  'localhost',
  '_srv.a-b.example',
  'x.',
  '10',
  '1e3',
);

export const mail = fc.constantFrom(
  'root@localhost',
  'root',
  'null',
  'a.b+c%d@mx-1.example.org',
  '1e3',
  '0@0',
);

/** What an answer has to contain: one line of anything. */
export const expectedText = fc
  .oneof(
    fc.string({ unit: character, minLength: 1, maxLength: 30 }),
    fc.constantFrom(
      ' ok ',
      '# no comment',
      "it's",
      '"',
      '\\',
      '- a',
      'a: b',
      '{{x}}',
      '${x}',
      '~',
      'null',
      'ok',
    ),
    fc
      .string({ unit: fc.constantFrom('word ', 'a', '  '), minLength: 1, maxLength: 80 })
      .map(text => text.slice(0, 255)),
  )
  .filter(text => text.length <= 255 && /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/u.test(text));

export const urlPath = fc
  .string({ unit: fc.constantFrom(...'aZ0._~!&()*+,;=:@%/?-'), maxLength: 20 })
  .map(text => `/${text}`);

/** Five fields of cron; each as a value, a list, a range or a step. */
export const schedule = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  .map(fields => fields.join(' '));

export const scheduleWithSeconds = fc.oneof(
  schedule,
  fc.tuple(field(0, 59), schedule).map(fields => fields.join(' ')),
);

function field(least: number, most: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: least, max: most });
  return fc.oneof(
    fc.constant('*'),
    value.map(String),
    fc.integer({ min: 1, max: most - least }).map(step => `*/${step}`),
    fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map(values => values.join(',')),
  );
}
