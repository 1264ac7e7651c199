import { type Code, CODES, type Severity } from '../diagnostic/codes.js';
import { type Diagnostic, diagnostic, type Finding } from '../diagnostic/diagnostic.js';
import type { Located, Path } from './located.js';

export interface Remark extends Pick<Finding, 'message' | 'help' | 'severity'> {
  readonly part?: 'key' | 'value';
}

/** A hundred are shown, the first in the file: more than this of one severity are only counted. */
const ENOUGH = 1000;

/** Collects the problems of one description, and remembers which of its values are no good. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];
  /** How many more there were of a severity of which there were enough. */
  omitted = 0;
  private readonly counts: Record<Severity, number> = { error: 0, warning: 0, hint: 0 };
  private readonly bad = new Set<string>();
  /** What holds something bad. */
  private readonly touched = new Set<string>();
  private readonly seen = new Set<string>();

  constructor(readonly located: Located) {}

  /** Whether it is not worth while to say errors well any longer. */
  get isFull(): boolean {
    return this.counts.error >= ENOUGH;
  }

  add(code: Code, path: Path, remark: Remark): void {
    const severity = remark.severity ?? CODES[code].severity;
    if (this.counts[severity] >= ENOUGH) {
      this.omitted++;
      return;
    }
    const span = this.located.span(path, remark.part ?? 'value');
    // A value reached by several aliases, or given once in `defaults`, is one problem.
    const key = `${code} ${span.start} ${remark.message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.counts[severity]++;
    this.diagnostics.push(diagnostic(code, { ...remark, source: this.located.source, span }));
  }

  /** The value at this path is missing or wrong: whatever depends on it is not judged. */
  spoil(path: Path): void {
    this.bad.add(path.join('\0'));
    for (let length = 0; length <= path.length; length++) this.touched.add(path.slice(0, length).join('\0'));
  }

  isSpoilt(path: Path): boolean {
    return this.bad.size > 0 && this.bad.has(path.join('\0'));
  }

  /** Whether it is clear what the forwarding of the server at this path is. */
  knowsForwarding(server: Path): boolean {
    return ![server, server.slice(0, 2), ['defaults']].some(path => this.isSpoilt([...path, 'forwarding']));
  }

  /** Whether anything at or below this path is spoilt. */
  hasSpoilt(path: Path): boolean {
    return this.touched.has(path.join('\0'));
  }
}
