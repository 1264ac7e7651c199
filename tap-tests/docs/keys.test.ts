import test from 'ava';
import { parse } from 'yaml';
import * as z from 'zod';
import { readDescription } from '../../src/config/read.js';
import { description } from '../../src/config/schema/description.js';
import { PORTS } from '../support/cases.js';
import { read } from './documents.js';

const TEXT = read('docs/every-key.yaml');

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly additionalProperties?: Node | boolean;
}

/** Every key of the schema as `services[].check.type`; `{}` stands for a name that the user chooses. */
function keysOf(node: Node, path = ''): string[] {
  const below = Object.entries(node.properties ?? {}).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [at, ...keysOf(inner, at)];
  });
  const { additionalProperties: named } = node;
  return [
    ...below,
    ...(node.anyOf ?? []).flatMap(one => keysOf(one, path)),
    ...(node.items ? keysOf(node.items, `${path}[]`) : []),
    ...(typeof named === 'object' ? keysOf(named, `${path}.{}`) : []),
  ];
}

/** The same of a value. */
function keysIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(one => keysIn(one, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = path === 'hosts' ? '{}' : key;
    const at = path === '' ? name : `${path}.${name}`;
    return [at, ...keysIn(inner, at)];
  });
}

const wanted = new Set(keysOf(z.toJSONSchema(description, { unrepresentable: 'any' }) as Node));

test('every-key.yaml has every key of the schema, if only in a comment', t => {
  const there = new Set(keysIn(parse(TEXT)));
  const comments = TEXT.split('\n').flatMap(line => /#(.*)/.exec(line)?.[1] ?? []);
  // What `defaults` takes is said there in words, and shown in the services.
  const missing = [...wanted].filter(path => !there.has(path) && !path.startsWith('defaults.'));
  const silent = missing.filter(path => {
    const key = path.split('.').at(-1)!;
    return !comments.some(comment => new RegExp(`\\b${key}\\b`).test(comment));
  });
  t.true(wanted.size > 100, `${wanted.size} keys`);
  t.deepEqual(silent, []);
});

test('every-key.yaml reads without an error or a warning', async t => {
  const { diagnostics } = await readDescription(new TextEncoder().encode(TEXT), 'every-key.yaml', PORTS);
  t.deepEqual(
    diagnostics.filter(one => one.severity !== 'hint').map(one => one.message),
    [],
  );
});

test('lvs.conf(5) has every key of the YAML form', t => {
  const [, page = ''] = read('docs/man/lvs.conf.5').split('.Sh THE YAML FORM');
  const words = new Set(page.match(/[a-z0-9_]+/g));
  const missing = [...wanted]
    .map(path => path.split('.').at(-1)!.replace('[]', ''))
    .filter(key => !words.has(key) && key !== '{}');
  t.deepEqual([...new Set(missing)], []);
});
