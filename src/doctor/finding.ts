import type { Act } from '../director/host/act.js';
import type { Code } from './codes.js';

/** Something of this machine that is not as the cluster needs it. */
export interface Finding {
  readonly code: Code;
  /** What it is about, by which the report groups: an address, a service, a setting, a file, a daemon. */
  readonly subject: string;
  /** One sentence, in which texts of others are harmless. */
  readonly what: string;
  /** What to do, where no command says it. */
  readonly help?: string;
  /** The commands that mend it, in their order; `--fix` runs them where the code allows it. */
  readonly mend?: readonly Act[];
}

/** What a check could not find out. */
export interface Unknown {
  readonly check: string;
  readonly why: string;
  readonly help?: string;
}

/** What was found of a machine. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Names of the checks that found nothing. */
  readonly passed: readonly string[];
  readonly unknown: readonly Unknown[];
}
