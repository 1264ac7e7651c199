import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Match } from '../../src/cluster/service.js';
import { type Marks, readMark } from '../../src/config/import/rules.js';
import { portNames } from '../../src/config/port-names.js';
import { type Reading, readDescription, readTableRules } from '../../src/config/read.js';
import { writeYaml } from '../../src/config/yaml/write.js';
import { diagnosticText } from '../../src/view/diagnostics.js';
import { createStyle } from '../../src/view/style.js';

const FOLDER = fileURLToPath(new URL('../../../tap-tests/cases/', import.meta.url));
export const FOLDERS = ['classic', 'yaml', 'checks', 'import', 'hostile'] as const;

/** The line between what goes in and what comes out. */
const DIVIDER = '----\n';
const MARKS = ['crlf', 'bom', 'no-last-newline', 'escapes'] as const;
type Mark = (typeof MARKS)[number];

export interface Case {
  readonly folder: (typeof FOLDERS)[number];
  /** What it shows, as a sentence. */
  readonly title: string;
  /** What messages call the description; its ending is the case file's. */
  readonly name: 'lvs.conf' | 'lvs.yaml' | 'ipvsadm.rules';
  readonly bytes: Uint8Array;
  readonly expected: string | undefined;
  /** Writes another expectation into the case file. */
  update(expected: string): void;
}

/** The ports that cases may name, whatever this machine's /etc/services has. */
export const PORTS = portNames(
  ['ftp 21/tcp', 'ssh 22/tcp', 'domain 53/tcp', 'domain 53/udp', 'http 80/tcp www', 'xdmcp 177/udp'].join(
    '\n',
  ),
);

export function allCases(): Case[] {
  return FOLDERS.flatMap(folder =>
    readdirSync(`${FOLDER}${folder}`)
      .toSorted()
      .map(file => readCase(folder, file)),
  );
}

function readCase(folder: Case['folder'], file: string): Case {
  const [, stem, ending] = /^([a-z0-9-]+)\.(conf|yaml|rules)\.case$/.exec(file) ?? [];
  if (!stem || !ending)
    throw new Error(`${folder}/${file} is not called <what-it-shows>.conf.case, .yaml.case or .rules.case`);
  const path = `${FOLDER}${folder}/${file}`;
  const text = readFileSync(path, 'utf8');
  const at = text.search(/^----$/m);
  const written = at === -1 ? text : text.slice(0, at);
  return {
    folder,
    title: `${folder}, ${ending}: ${stem.replaceAll('-', ' ')}`,
    name: ending === 'rules' ? 'ipvsadm.rules' : ending === 'conf' ? 'lvs.conf' : 'lvs.yaml',
    bytes: bytesOf(written, path),
    expected: at === -1 ? undefined : text.slice(at + DIVIDER.length),
    update: expected => writeFileSync(path, `${written}${DIVIDER}${expected}`),
  };
}

/** The description of a case: what its first line `#: …` says is done to the text below it. */
function bytesOf(written: string, path: string): Uint8Array {
  const [header = '', words = ''] = /^#: (.*)\n/.exec(written) ?? [];
  const marks = new Set(words.split(' ').filter(word => word !== '') as Mark[]);
  for (const mark of marks) if (!MARKS.includes(mark)) throw new Error(`${path}: there is no mark ${mark}`);
  let text = written.slice(header.length);
  if (marks.has('no-last-newline')) text = text.replace(/\n$/, '');
  if (marks.has('crlf')) text = text.replaceAll('\n', '\r\n');
  if (marks.has('bom')) text = `\ufeff${text}`;
  if (!marks.has('escapes')) return new TextEncoder().encode(text);
  return Buffer.concat(text.split(/(\\t|\\x[0-9a-f]{2}|\\u\{[0-9a-f]+\})/).map(unescape));
}

/** `\t` a tab, `\x1b` a byte, `\u{202e}` a character; any other backslash is itself. */
function unescape(part: string): Buffer {
  if (part === '\\t') return Buffer.from('\t');
  const [, byte, character] = /^\\x(..)$|^\\u\{(.+)\}$/.exec(part) ?? [];
  if (byte) return Buffer.of(Number.parseInt(byte, 16));
  return Buffer.from(character ? String.fromCodePoint(Number.parseInt(character, 16)) : part);
}

export function read({ bytes, name }: Pick<Case, 'bytes' | 'name'>): Promise<Reading> {
  if (name !== 'ipvsadm.rules') return readDescription(bytes, name, PORTS);
  return Promise.resolve(readTableRules(bytes, name, PORTS, marksIn(Buffer.from(bytes).toString())));
}

/** What gets the marks, in comments of the rules: `# --match 7=192.0.2.1:80/tcp`. */
function marksIn(text: string): Marks {
  const marks = new Map<string, Match[]>();
  for (const [, entry] of text.matchAll(/^# --match (.+)$/gm)) {
    const { service, match } = readMark(entry!, PORTS)!;
    marks.set(service, [...(marks.get(service) ?? []), match]);
  }
  return marks;
}

/** All diagnostics as `validate` prints them, without colour. */
export function diagnosticsText({ diagnostics }: Reading): string {
  const style = createStyle(false);
  return diagnostics.map(one => `${diagnosticText(one, style)}\n`).join('\n');
}

/** What a case's file should have below its divider. */
export function outcome({ folder, name }: Case, reading: Reading): string {
  const parts = [diagnosticsText(reading)];
  if (reading.cluster) parts.push(folder === 'checks' ? 'valid\n' : written(reading.cluster, folder, name));
  return parts.filter(part => part !== '').join('\n');
}

function written(cluster: Cluster, folder: Case['folder'], name: string): string {
  return writeYaml(cluster, folder === 'import' ? `Imported by lvsctl from ${name}` : undefined);
}
