import { isScalar } from 'yaml';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import type { Source } from '../../diagnostic/source.js';
import { keyOf, type Located, valueAt } from '../located.js';
import { compose, MOST_ERRORS, MOST_LEVELS } from './compose.js';
import { plainData } from './data.js';
import { judgeDocument } from './judge.js';
import { spanAt } from './place.js';
import { syntaxErrors } from './syntax.js';

/** A description of more values than this, aliases written out, is an attack and no cluster. */
const MOST_EXPANDED = 2_000_000;

/** YAML text → plain data and places. Without `located` the text cannot be judged any further. */
export function readYaml(source: Source): { located?: Located; diagnostics: Diagnostic[] } {
  const { document, errors, stopped } = compose(source.text);
  if (stopped) {
    const span = { start: stopped.offset, end: stopped.offset + 1 };
    switch (stopped.reason) {
      case 'nested-too-deep':
        return refuse(source, 'nested-too-deep', `nested deeper than ${MOST_LEVELS} levels`, span);
      case 'too-many-errors':
        return refuse(
          source,
          'too-many-errors',
          `more than ${MOST_ERRORS} errors of syntax: this is no YAML`,
          span,
        );
      case 'too-many-values':
        return refuse(source, 'file-too-large', 'the file has more than a million values', span);
      case 'second-document':
        return refuse(source, 'yaml-syntax', 'a second document begins here; a description is one', span);
    }
  }
  if (errors.length > 0) return { diagnostics: syntaxErrors(source, errors) };
  if (!document?.contents || (isScalar(document.contents) && document.contents.value === null)) {
    const help = 'the least is `version: 1` and `services:` with a list';
    return {
      diagnostics: [
        diagnostic('empty-description', { message: 'there is nothing in this file', source, help }),
      ],
    };
  }
  const { diagnostics, usable, targets } = judgeDocument(source, document);
  if (!usable) return { diagnostics: [...diagnostics] };
  const raw: unknown = plainData(document.contents, targets);
  if (expandedSize(raw, new Map()) > MOST_EXPANDED) {
    const message = 'aliases that would expand to more than two million values';
    return refuse(source, 'alias-bomb', message, { start: 0, end: 0 });
  }
  const located: Located = {
    source,
    form: 'yaml',
    raw,
    span: (path, part) => spanAt(document.contents, targets, source.text, path, part),
    declared: path => valueAt(raw, path) !== undefined,
    label: keyOf,
  };
  return { located, diagnostics: [...diagnostics] };
}

function refuse(
  source: Source,
  code: 'nested-too-deep' | 'too-many-errors' | 'file-too-large' | 'yaml-syntax' | 'alias-bomb',
  message: string,
  span: { start: number; end: number },
): { diagnostics: Diagnostic[] } {
  return { diagnostics: [diagnostic(code, { message, source, span })] };
}

/** How many values there are with every alias written out. */
function expandedSize(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  let size = 1;
  for (const inner of Object.values(value)) size += expandedSize(inner, known);
  known.set(value, size);
  return size;
}
