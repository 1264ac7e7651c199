import { readDescription } from '../../src/config/read.js';

const MIB = 1024 * 1024;
const repeat = (text: string, bytes = MIB): string => text.repeat(Math.ceil(bytes / text.length));
const service =
  'version: 1\nservices:\n  - name: web\n    address: 192.168.45.26\n    port: 80\n    servers:\n';
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');

/** Descriptions that cost a careless reader minutes or gigabytes: what they are, and the first code they end in. */
export const HEAVY: Readonly<Record<string, { code: string; form?: 'conf'; text: () => string }>> = {
  'a MiB of [': { code: 'nested-too-deep', text: () => repeat('[') },
  'a MiB of {': { code: 'nested-too-deep', text: () => repeat('{') },
  'a MiB of "- "': { code: 'nested-too-deep', text: () => repeat('- ') },
  'a MiB of "a: "': { code: 'nested-too-deep', text: () => repeat('a: ') },
  'a MiB of "? "': { code: 'nested-too-deep', text: () => repeat('? ') },
  '256 KiB of empty quotes': { code: 'too-many-errors', text: () => repeat('"" ', MIB / 4) },
  '256 KiB of quotes': { code: 'too-many-errors', text: () => repeat('"', MIB / 4) },
  'a MiB of }': { code: 'too-many-errors', text: () => repeat('}') },
  '256 KiB of anchors': { code: 'too-many-errors', text: () => repeat('&a ', MIB / 4) },
  '256 KiB of aliases without anchor': { code: 'too-many-errors', text: () => repeat('*a ', MIB / 4) },
  'a MiB of directives': { code: 'too-many-errors', text: () => repeat('%YAML 1.2\n') },
  '256 KiB of blank lines': { code: 'empty-description', text: () => repeat('\n', MIB / 4) },
  'a MiB of one text': { code: 'wrong-type', text: () => repeat('x') },
  '256 KiB of one key': { code: 'duplicate-key', text: () => repeat('a:\n', MIB / 4) },
  'two hundred thousand documents': { code: 'yaml-syntax', text: () => 'a: 1\n---\n'.repeat(200_000) },
  'more than a million values': { code: 'file-too-large', text: () => `[${'1,'.repeat(1_100_000)}]` },
  'a billion laughs': {
    code: 'alias-bomb',
    text: () =>
      lines(
        9,
        i => `a${i}: &a${i} [ ${Array.from({ length: 9 }, () => (i ? `*a${i - 1}` : 'lol')).join(', ')} ]`,
      ),
  },
  'an anchor that contains itself': { code: 'alias-bomb', text: () => 'a: &a { b: [ *a ] }\n' },
  'fifty thousand aliases of one bad service': {
    code: 'missing-key',
    text: () => `version: 1\nservices:\n  - &a { name: a }\n${'  - *a\n'.repeat(50_000)}`,
  },
  'thirty thousand unknown keys': {
    code: 'unknown-key',
    text: () => `version: 1\nservices: []\n${lines(30_000, i => `k${i}: 1`)}`,
  },
  'thirty thousand bad servers': {
    code: 'bad-address',
    text: () => `${service}${lines(30_000, () => '      - 1.2.3')}`,
  },
  'thirty thousand times one server': {
    code: 'duplicate-server',
    text: () => `${service}${lines(30_000, () => '      - 1.2.3.4')}`,
  },
  'thirty thousand unknown hosts': {
    code: 'unknown-host',
    text: () =>
      `hosts:\n${lines(500, i => `  host${i}: {}`)}${service}${lines(30_000, i => `      - hast${i}`)}`,
  },
  'a MiB of braces in the classic form': { code: 'unexpected-brace', form: 'conf', text: () => repeat('}') },
  'a MiB of words in the classic form': { code: 'unknown-line', form: 'conf', text: () => repeat('a ') },
  'a MiB of lines in the classic form': { code: 'unknown-line', form: 'conf', text: () => repeat('a\n') },
  'a MiB of services in the classic form': {
    code: 'unclosed-service',
    form: 'conf',
    text: () => `lvshost 1.2.3.4\n${repeat('service tcp 80 wlc {\n')}`,
  },
};

/** For a process of its own, whose memory can be bounded: a line of JSON for each. */
export async function readHeavy(): Promise<void> {
  for (const [title, { text, form }] of Object.entries(HEAVY)) {
    const bytes = new TextEncoder().encode(text());
    const start = performance.now();
    const { cluster, diagnostics } = await readDescription(bytes, `lvs.${form ?? 'yaml'}`, {
      lookUp: () => undefined,
    });
    const milliseconds = performance.now() - start;
    const code = diagnostics.find(one => one.severity === 'error')?.code;
    const result = { title, code, milliseconds, valid: cluster !== undefined, count: diagnostics.length };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}
