import type { Code } from '../diagnostic/codes.js';
import { type Diagnostic, diagnostic, type Finding } from '../diagnostic/diagnostic.js';
import type { Located, Path } from './located.js';

export interface Remark extends Pick<Finding, 'message' | 'help' | 'severity'> {
  readonly part?: 'key' | 'value';
}

/** Collects the problems of one description, and remembers which of its values are no good. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];
  private readonly bad = new Set<string>();
  private readonly seen = new Set<string>();

  constructor(readonly located: Located) {}

  add(code: Code, path: Path, remark: Remark): void {
    const span = this.located.span(path, remark.part ?? 'value');
    // A value reached by several aliases, or given once in `defaults`, is one problem.
    const key = `${code} ${span.start} ${remark.message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.diagnostics.push(diagnostic(code, { ...remark, source: this.located.source, span }));
  }

  /** The value at this path is missing or wrong: whatever depends on it is not judged. */
  spoil(path: Path): void {
    this.bad.add(path.join('\0'));
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
    const prefix = path.join('\0');
    for (const key of this.bad) if (key === prefix || key.startsWith(`${prefix}\0`)) return true;
    return false;
  }
}
