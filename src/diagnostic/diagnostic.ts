import { type Code, CODES, type Severity } from './codes.js';
import type { Source, Span } from './source.js';

/** A problem as data: collected, never thrown, shown as text or JSON from the same value. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable; listed in CODES. */
  readonly code: Code;
  /** What is wrong, what was given, what is allowed. */
  readonly message: string;
  readonly source?: Source;
  readonly span?: Span;
  /** What to do about it. */
  readonly help?: string;
}

export interface Finding {
  readonly message: string;
  readonly source?: Source;
  readonly span?: Span | undefined;
  readonly help?: string | undefined;
  /** For the few codes whose severity depends on the form of the description. */
  readonly severity?: Severity;
}

/** A diagnostic with the severity that the table of codes gives. */
export function diagnostic(code: Code, finding: Finding): Diagnostic {
  const { message, source, span, help } = finding;
  return {
    severity: finding.severity ?? CODES[code].severity,
    code,
    message,
    ...(source ? { source } : {}),
    ...(span ? { span: source ? within(source, span) : span } : {}),
    ...(help ? { help } : {}),
  };
}

/** The place of what is missing at the end is the last character. */
function within({ text }: Source, span: Span): Span {
  if (span.end <= text.length) return span;
  return { start: Math.max(0, Math.min(span.start, text.length - 1)), end: text.length };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(one => one.severity === 'error');
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, hint: 2 };

/** In the order of the source; at one place errors first. Stable, so the order of checks does not show. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) =>
      (a.span?.start ?? -1) - (b.span?.start ?? -1) ||
      RANK[a.severity] - RANK[b.severity] ||
      a.code.localeCompare(b.code) ||
      a.message.localeCompare(b.message),
  );
}
