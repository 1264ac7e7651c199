import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../tap-tests/config/edit/cases/', import.meta.url));

/** A description, a command line that edits it, and what comes out: the new file, or what is said instead. */
export interface EditCase {
  readonly title: string;
  readonly name: 'lvs.conf' | 'lvs.yaml';
  readonly words: readonly string[];
  readonly text: string;
  readonly expected: string | undefined;
  update(expected: string): void;
}

/** `$ server add web "a b"`; words in single or double quotes are one, the quotes' kind being the other's text. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(
      /'([^']*)'|"([^"]*)"/g,
      (_all, one: string | undefined, two: string | undefined) => one ?? two ?? '',
    ),
  );
}

export function editCases(): EditCase[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map(file => {
      const [, stem, ending] = /^([a-z0-9-]+)\.(conf|yaml)\.case$/.exec(file) ?? [];
      if (!stem) throw new Error(`${file} is not called <what-it-shows>.conf.case or .yaml.case`);
      const path = FOLDER + file;
      const whole = readFileSync(path, 'utf8');
      const [, marks = '', command, rest] = /^(?:#: (.*)\n)?\$ (.*)\n([^]*)$/.exec(whole) ?? [];
      if (command === undefined || rest === undefined) throw new Error(`${file} has no line "$ server …"`);
      const at = rest.search(/^----$/m);
      const written = at === -1 ? rest : rest.slice(0, at);
      const head = whole.slice(0, whole.length - rest.length) + written;
      return {
        title: `${ending}: ${stem.replaceAll('-', ' ')}`,
        name: ending === 'conf' ? 'lvs.conf' : 'lvs.yaml',
        words: wordsOf(command),
        text: marked(written, marks.split(' ')),
        expected: at === -1 ? undefined : rest.slice(at + '----\n'.length),
        update: expected => writeFileSync(path, `${head}----\n${expected}`),
      };
    });
}

function marked(written: string, marks: readonly string[]): string {
  let text = written.replaceAll('\\t', '\t');
  if (marks.includes('no-last-newline')) text = text.replace(/\n$/, '');
  if (marks.includes('crlf')) text = text.replaceAll('\n', '\r\n');
  return marks.includes('bom') ? `\ufeff${text}` : text;
}

/** What is not seen in a file, made visible. */
export function visible(text: string): string {
  const shown = text
    .replace(/^\ufeff/, '<BOM>')
    .replaceAll('\r', '<CR>')
    .replaceAll('\t', '\\t');
  return shown.endsWith('\n') ? shown : `${shown}<no newline>\n`;
}
