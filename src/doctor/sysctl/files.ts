import type { Files } from '../../system/ports.js';
import { textAt } from '../ask.js';

/** A line of a file of sysctl.d(5) that is no comment. */
export interface SysctlLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** As it is written; where there is no `=`, all of it. */
  readonly key: string;
  /** Below /proc/sys; it may hold `*`, `?` and `[`. */
  readonly path: string;
  /** Undefined without `=`. */
  readonly value: string | undefined;
  /** `-KEY` without `=`: wild cards pass it over. */
  readonly exempts: boolean;
}

/** A line that gives a setting a value. */
export interface Assignment extends SysctlLine {
  readonly value: string;
}

export function isAssignment(line: SysctlLine): line is Assignment {
  return line.value !== undefined;
}

/** In the order of sysctl.d(5): of two files of one name the one in the earlier folder counts. */
const FOLDERS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map(one => `${one}/sysctl.d`);
/** sysctl(8) `--system` reads it last, and Debian links it as 99-sysctl.conf. */
const CONF = '/etc/sysctl.conf';

/** A file of settings that is longer is none. */
const MOST = 1 << 20;

/** All lines of this host, in the order in which they are applied. */
export async function readSysctlLines(files: Files): Promise<SysctlLine[]> {
  const paths = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const name of await files.list(folder))
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${folder}/${name}`);
  }
  const ordered = [...paths].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => path);
  const texts = await Promise.all(
    [...ordered, CONF].map(async path =>
      (await isLinkToConf(files, path)) ? undefined : textAt(files, path, MOST),
    ),
  );
  return [...ordered, CONF].flatMap((path, at) => linesOf(path, texts[at] ?? ''));
}

async function isLinkToConf(files: Files, path: string): Promise<boolean> {
  const found = await files.look(path);
  return found?.kind === 'link' && /(^|\/)sysctl\.conf$/.test(found.target);
}

/** The lines of one file: `KEY = VALUE`, `-KEY = VALUE`, `-KEY`; `#` and `;` begin comments where they come first. */
export function linesOf(file: string, text: string): SysctlLine[] {
  return text.split('\n').flatMap((whole, at) => {
    const trimmed = whole.trim();
    if (/^[#;]/.test(trimmed)) return [];
    const equals = trimmed.indexOf('=');
    const name = equals < 0 ? trimmed : trimmed.slice(0, equals);
    const key = name.replace(/^-/, '').trim();
    if (key === '') return [];
    const value =
      equals < 0
        ? undefined
        : trimmed
            .slice(equals + 1)
            .trim()
            .replaceAll(/\s+/g, ' ');
    const exempts = value === undefined && name.startsWith('-');
    return [{ file, line: at + 1, key, path: pathOf(key), value, exempts }];
  });
}

/** Where the first separator is a dot, dots and slashes are interchanged (sysctl.d(5)). */
function pathOf(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  if (first !== '.') return key;
  return key.replaceAll(/[./]/g, one => (one === '.' ? '/' : '.'));
}

/** Whether a line's path, with its wild cards, is this one. */
export function matches(pattern: string, path: string): boolean {
  if (!/[*?[]/.test(pattern)) return pattern === path;
  const parts = pattern.split('/');
  const names = path.split('/');
  return parts.length === names.length && parts.every((part, at) => wildcard(part).test(names[at]!));
}

/** What one name between two slashes may be, where `*` and `?` stand for others. */
export function wildcard(part: string): RegExp {
  const source = part
    .replaceAll(/[.+^${}()|\\[\]]/g, String.raw`\$&`)
    // Several in a row say no more than one, and would be tried in all ways.
    .replaceAll(/\*+/g, '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${source}$`);
}
