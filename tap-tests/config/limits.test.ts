import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readDescription } from '../../src/config/read.js';
import { PORTS } from '../support/cases.js';
import { HEAVY } from '../support/heavy.js';

/** Each takes less than two seconds on an idle machine; this one may be busy. */
const MOST_MILLISECONDS = 20_000;

interface Result {
  title: string;
  code?: string;
  milliseconds: number;
  valid: boolean;
  count: number;
}

const module = fileURLToPath(new URL('../support/heavy.js', import.meta.url));
const { stdout, stderr, status } = spawnSync(
  process.execPath,
  [
    '--max-old-space-size=400',
    '--input-type=module',
    '-e',
    `(await import(${JSON.stringify(module)})).readHeavy()`,
  ],
  { encoding: 'utf8' },
);
const results = new Map(
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Result)
    .map(result => [result.title, result]),
);

test('all of it is read within 400 MiB and without an exception', t => t.is(status, 0, stderr));

for (const [title, { code }] of Object.entries(HEAVY)) {
  test(`${title} ends in ${code}, soon`, t => {
    const result = results.get(title);
    t.like(result, { code, valid: false });
    t.true(result!.milliseconds < MOST_MILLISECONDS, `${result!.milliseconds} ms`);
    t.true(result!.count <= 101, `${result!.count} diagnostics`);
  });
}

const wrong = (count: number): Uint8Array => {
  const services = Array.from({ length: count }, (_, index) => `  - { name: s${index} }\n`);
  return Buffer.from(`version: 1\nservices:\n${services.join('')}`);
};

test('up to a hundred problems are all shown', async t => {
  const { diagnostics } = await readDescription(wrong(33), 'lvs.yaml', PORTS);
  t.is(diagnostics.length, 99);
});

test('of more than a hundred the first hundred in the file are shown, and how many there are besides', async t => {
  const { diagnostics } = await readDescription(wrong(34), 'lvs.yaml', PORTS);
  t.is(diagnostics.length, 101);
  t.like(diagnostics.at(-1), {
    code: 'too-many-errors',
    severity: 'error',
    message: '2 more problems are not shown',
  });
  const places = diagnostics.slice(0, -1).map(one => one.span!.start);
  t.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  t.true(places.at(-1)! > places[0]!);
});

test('the count of what is not shown is true for thousands as well', async t => {
  const { diagnostics } = await readDescription(wrong(5000), 'lvs.yaml', PORTS);
  t.is(diagnostics.at(-1)!.message, `${5000 * 3 - 100} more problems are not shown`);
});

test('warnings never crowd out an error', async t => {
  const service = (port: number): string =>
    `  - { name: s${port}, address: 192.168.45.26, port: ${port}, scheduler: rr, servers: [ { address: 192.168.45.13, weight: 2 } ] }\n`;
  const many = Array.from({ length: 1500 }, (_, index) => service(index + 1000)).join('');
  const valid = await readDescription(Buffer.from(`version: 1\nservices:\n${many}`), 'lvs.yaml', PORTS);
  t.truthy(valid.cluster);
  t.like(valid.diagnostics.at(-1), {
    code: 'too-many-errors',
    severity: 'hint',
    message: '1400 more problems are not shown',
  });
  const late = `version: 1\nservices:\n${many}${service(1000)}`;
  const { cluster, diagnostics } = await readDescription(Buffer.from(late), 'lvs.yaml', PORTS);
  t.is(cluster, undefined);
  t.true(diagnostics.some(one => one.code === 'duplicate-service'));
});

test('a hundred levels are read, a hundred and one are not', async t => {
  const nested = (levels: number): Uint8Array =>
    Buffer.from(`a: ${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}\n`);
  const codes = async (levels: number): Promise<string[]> =>
    (await readDescription(nested(levels), 'lvs.yaml', PORTS)).diagnostics.map(one => one.code);
  t.false((await codes(100)).includes('nested-too-deep'));
  t.deepEqual(await codes(101), ['nested-too-deep']);
});
