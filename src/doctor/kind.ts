/** `note`: worth to be known, and no reason to act. */
export type Severity = 'error' | 'warning' | 'note';

/** All that can be said of a finding without the machine. docs/doctor.md is made from it. */
export interface Kind {
  readonly severity: Severity;
  /** What is found, as a sentence. */
  readonly about: string;
  /** What happens, or may, if it stays. */
  readonly why: string;
  /** What mends it, in general. */
  readonly mend: string;
  /** Whether `--fix` runs the commands: they do no harm where the finding is right, and none where it is wrong. */
  readonly safe: boolean;
  /** Where to read more. */
  readonly more?: string;
}
