import type { Finding } from './finding.js';
import type { Patient } from './patient.js';

/** One question to a machine. */
export interface Check {
  /** For `--only`, and in the report. */
  readonly name: string;
  /** What holds where it finds nothing. */
  readonly about: string;
  /**
   * Looks, and changes nothing.
   *
   * @returns what was found; undefined where the question does not arise on this machine
   * @throws NotKnown, KernelFailure, StateFailure or an error of the file system where it cannot be found out
   */
  readonly examine: (patient: Patient) => Promise<readonly Finding[] | undefined>;
}
