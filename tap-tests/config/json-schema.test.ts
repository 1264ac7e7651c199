import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parse } from 'yaml';
import { CHECKS } from '../../src/doctor/checks.js';
import { KINDS } from '../../src/doctor/codes.js';
import { CODES } from '../../src/diagnostic/codes.js';
import { allCases, read } from '../support/cases.js';
import { GENERATED } from '../support/write-generated.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

for (const [path, text] of Object.entries(GENERATED)) {
  test(`${path} is what the code says today (node build/tap-tests/support/write-generated.js writes it)`, t => {
    t.is(readFileSync(`${ROOT}${path}`, 'utf8'), text());
  });
}

test('the page of diagnostics has every code once', t => {
  const page = GENERATED['docs/diagnostics.md']!();
  for (const code of Object.keys(CODES)) t.is(page.split(`\n| \`${code}\` |`).length, 2, code);
});

test("the page of the doctor has every finding once, and every check's name is its own", t => {
  const page = GENERATED['docs/doctor.md']!();
  for (const code of Object.keys(KINDS)) t.is(page.split(`\n| \`${code}\` |`).length, 2, code);
  t.is(new Set(CHECKS.map(({ name }) => name)).size, CHECKS.length);
});

type Schema = { [keyword: string]: unknown };
const schema = JSON.parse(readFileSync(`${ROOT}docs/lvsctl.schema.json`, 'utf8')) as Schema;

/** As much of a JSON Schema validator as this schema needs; another keyword is an error. Returns the bad paths. */
function faults(value: unknown, rules: Schema, path = '$'): string[] {
  return Object.entries(rules).flatMap(([keyword, rule]) => {
    const check = KEYWORDS[keyword];
    if (!check) throw new Error(`the schema uses ${keyword}`);
    return check(value, rule as never, path, rules);
  });
}

type Check = (value: unknown, rule: never, path: string, rules: Schema) => string[];
const fails = (good: boolean, path: string): string[] => (good ? [] : [path]);
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isMap,
  array: value => Array.isArray(value),
  string: value => typeof value === 'string',
  integer: value => Number.isInteger(value),
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
};

const KEYWORDS: Readonly<Record<string, Check>> = {
  $schema: () => [],
  title: () => [],
  description: () => [],
  format: () => [],
  type: (value, rule: string, path) => fails(TYPES[rule]!(value), path),
  const: (value, rule: unknown, path) => fails(value === rule, path),
  enum: (value, rule: unknown[], path) => fails(rule.includes(value), path),
  minimum: (value, rule: number, path) => fails(typeof value !== 'number' || value >= rule, path),
  maximum: (value, rule: number, path) => fails(typeof value !== 'number' || value <= rule, path),
  pattern: (value, rule: string, path) =>
    fails(typeof value !== 'string' || new RegExp(rule, 'u').test(value), path),
  minItems: (value, rule: number, path) => fails(!Array.isArray(value) || value.length >= rule, path),
  items: (value, rule: Schema, path) =>
    Array.isArray(value) ? value.flatMap((one, index) => faults(one, rule, `${path}[${index}]`)) : [],
  required: (value, rule: string[], path) =>
    isMap(value) ? rule.filter(key => !Object.hasOwn(value, key)).map(key => `${path}.${key}`) : [],
  properties: (value, rule: Record<string, Schema>, path) =>
    isMap(value)
      ? Object.entries(value).flatMap(([key, one]) => {
          return Object.hasOwn(rule, key) ? faults(one, rule[key]!, `${path}.${key}`) : [];
        })
      : [],
  propertyNames: (value, rule: Schema, path) =>
    isMap(value) ? Object.keys(value).flatMap(key => faults(key, rule, `${path}.${key}`)) : [],
  additionalProperties: (value, rule: Schema | false, path, rules) => {
    if (!isMap(value)) return [];
    const others = Object.keys(value).filter(
      key => !Object.hasOwn((rules['properties'] as Schema) ?? {}, key),
    );
    return others.flatMap(key =>
      rule === false ? [`${path}.${key}`] : faults(value[key], rule, `${path}.${key}`),
    );
  },
  anyOf: (value, rule: Schema[], path) =>
    fails(
      rule.some(one => faults(value, one, path).length === 0),
      path,
    ),
};

for (const name of ['campus.yaml', 'every-key.yaml']) {
  test(`the example ${name} fits the published schema`, t => {
    t.deepEqual(faults(parse(readFileSync(`${ROOT}tap-tests/examples/${name}`, 'utf8')), schema), []);
  });
}

test('the published schema finds what is wrong with form', t => {
  const bad = `
version: 2
chekcer: mon
hosts: { "web 1": {}, web2: { cpus: 0 } }
services:
  - { name: web, port: 65536, scheduler: wlcc, persistence: 5, flags: [ mh-port, x ], servers: [ { weight: -1 } ] }
`;
  t.deepEqual(faults(parse(bad), schema), [
    '$.version',
    '$.hosts.web 1',
    '$.hosts.web2.cpus',
    '$.services[0].port',
    '$.services[0].scheduler',
    '$.services[0].persistence',
    '$.services[0].flags[1]',
    '$.services[0].servers[0]',
    '$.chekcer',
  ]);
});

test('no case that is read without errors is refused by the published schema', async t => {
  for (const one of allCases()) {
    if (one.name !== 'lvs.yaml' || !(await read(one)).cluster) continue;
    const value: unknown = parse(Buffer.from(one.bytes).toString(), { maxAliasCount: -1 });
    t.deepEqual(faults(value, schema), [], one.title);
  }
});
