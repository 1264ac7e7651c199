import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export function read(path: string): string {
  return readFileSync(ROOT + path, 'utf8');
}

/** Every page for people, by its path in the repository. */
export function pages(): string[] {
  const folders = ['', 'docs/', 'realserver/'];
  return folders.flatMap(folder =>
    readdirSync(ROOT + folder)
      .filter(name => name.endsWith('.md'))
      .map(name => folder + name),
  );
}

export interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a Markdown page. */
export function snippetsOf(page: string): Snippet[] {
  const text = read(page);
  return [...text.matchAll(/^```([a-z]*)\n([\s\S]*?)^```$/gm)].map(match => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1]!,
    text: match[2]!,
  }));
}

/** The literal displays of a manual page, without roff's escapes. */
export function displaysOf(page: string): Snippet[] {
  const text = read(page);
  return [...text.matchAll(/^\.Bd -literal.*\n([\s\S]*?)^\.Ed$/gm)].map(match => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: 'roff',
    text: match[1]!.replaceAll('\\&', ''),
  }));
}

/** A part of a page, from its heading to the next one of the same or a higher level. */
export function section(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`);
  if (start === -1) return '';
  const level = /^#+/.exec(heading)![0].length;
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end === -1 ? rest : rest.slice(0, end);
}
