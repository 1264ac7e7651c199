import type { Diagnostic } from '../diagnostic/diagnostic.js';
import type { Severity } from '../diagnostic/codes.js';
import { INVISIBLE } from '../diagnostic/quote.js';
import type { Style } from './style.js';

/** Source lines are shown up to this many characters; the rest of a longer one is cut around the place. */
const WIDTH = 100;

/** One diagnostic for people: place, message, the source line with carets, help. */
export function diagnosticText(one: Diagnostic, style: Style): string {
  const colour = { error: style.red, warning: style.yellow, hint: style.cyan }[one.severity];
  const label = style.bold(colour(`${one.severity}[${one.code}]`));
  const lines = [`${placeText(one)}${label}: ${one.message}`];
  if (one.source && one.span && one.span.end > one.span.start) lines.push(...excerpt(one, colour, style));
  if (one.help) lines.push(`  ${style.bold('help:')} ${one.help}`);
  return lines.join('\n');
}

function placeText({ source, span }: Diagnostic): string {
  if (!source) return '';
  if (!span) return `${source.name}: `;
  const { line, column } = source.place(span.start);
  return `${source.name}:${line}:${column}: `;
}

/** The source line and, below it, carets; tabs stay tabs so that both lines agree. */
function excerpt({ source, span }: Diagnostic, colour: (text: string) => string, style: Style): string[] {
  const { line, column } = source!.place(span!.start);
  const full = source!.line(line);
  const at = span!.start - source!.lineStart(line);
  // A line may have millions of characters, each of up to two units: only what can be shown is taken apart.
  const reach = 2 * WIDTH;
  const cut = column > WIDTH - 20;
  const before = Array.from(full.slice(Math.max(0, at - reach), at)).slice(cut ? -19 : 0);
  const rest = Array.from(full.slice(at, at + reach));
  const after = rest.slice(0, WIDTH - before.length);
  const more = after.length < rest.length || at + reach < full.length;
  const length = Array.from(full.slice(at, Math.min(at + reach, span!.end - span!.start + at))).length;
  const under = after.slice(0, Math.max(1, length));
  const gutter = `${line}`.padStart(4);
  const blank = ' '.repeat(gutter.length);
  const padding = before
    .map(character => (character === '\t' ? '\t' : ' '.repeat(cells(character))))
    .join('');
  const carets = '^'.repeat(
    Math.max(
      1,
      under.reduce((sum, character) => sum + cells(character), 0),
    ),
  );
  const text = `${cut ? '…' : ''}${[...before, ...after].map(visible).join('')}${more ? '…' : ''}`;
  return [
    `${style.dim(`${gutter} |`)} ${text}`,
    `${style.dim(`${blank} |`)} ${cut ? ' ' : ''}${padding}${colour(carets)}`,
  ];
}

const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** Terminal cells of a character: two for the wide scripts, none for what combines. */
function cells(character: string): number {
  if (/^[\p{Mn}\p{Me}]$/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** What would steer the terminal, turn the reading direction or not be seen must not reach it from a hostile file. */
function visible(character: string): string {
  return character !== '\t' && INVISIBLE.test(character) ? '\ufffd' : character;
}

/** The same as data; lines and columns count from 1, the end is exclusive. */
export function diagnosticJson(one: Diagnostic): Record<string, unknown> {
  const { severity, code, message, help, source, span } = one;
  const start = source && span ? source.place(span.start) : undefined;
  const end = source && span ? source.place(span.end) : undefined;
  return {
    severity,
    code,
    message,
    ...(source ? { file: source.name } : {}),
    ...(start && end
      ? { line: start.line, column: start.column, endLine: end.line, endColumn: end.column }
      : {}),
    ...(start ? { source: source!.line(start.line).slice(0, 1000) } : {}),
    ...(help ? { help } : {}),
  };
}

/** `2 errors, 1 warning`; undefined where there is nothing to count. */
export function countsText(diagnostics: readonly Diagnostic[]): string | undefined {
  const counted = (['error', 'warning', 'hint'] as const).flatMap(severity => {
    const count = countOf(diagnostics, severity);
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  return counted.length === 0 ? undefined : counted.join(', ');
}

export function countOf(diagnostics: readonly Diagnostic[], severity: Severity): number {
  return diagnostics.filter(one => one.severity === severity).length;
}
