import { KernelFailure, type KernelProblem } from '../director/failure.js';
import { StateFailure, type StateProblem } from '../state/failure.js';

/** What each exit code means. Documented in docs/reference.md; a test walks this table. */
export const EXIT = {
  done: 0,
  failed: 1,
  pending: 2,
  usage: 64,
  unavailable: 69,
  bug: 70,
  lockHeld: 75,
  notPermitted: 77,
  invalid: 78,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that was foreseen: one sentence for people, and its exit code. Anything else is a bug. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly help?: string,
  ) {
    super(message);
  }
}

/** The failure that an error of the file system means. @param help where it is not about permissions */
export function fileFailure(doing: string, error: unknown, help?: string): Failure {
  const { code } = error as NodeJS.ErrnoException;
  const why = FILE_ERRORS[code ?? ''] ?? (error as Error).message;
  const denied = code === 'EACCES' || code === 'EPERM';
  return new Failure(
    denied ? EXIT.notPermitted : EXIT.failed,
    `${doing}: ${why}`,
    denied ? 'try as root' : help,
  );
}

/** The failure that an error means which was foreseen where it arose; all else is passed on, as it is. */
export function asFailure(error: unknown): unknown {
  if (error instanceof KernelFailure) {
    return new Failure(KERNEL_EXITS[error.problem], error.message, error.help);
  }
  return error instanceof StateFailure ? stateFailure(error) : error;
}

/** The failure that kept state which cannot be used means. */
function stateFailure({ problem, message, help, cause }: StateFailure): Failure {
  if (problem === 'file' && cause) return fileFailure(message, cause, help);
  return new Failure(STATE_EXITS[problem], message, help);
}

const STATE_EXITS: Readonly<Record<StateProblem, ExitCode>> = {
  damaged: EXIT.failed,
  newer: EXIT.failed,
  file: EXIT.failed,
  absent: EXIT.failed,
  changed: EXIT.failed,
  locked: EXIT.lockHeld,
  'no-flock': EXIT.unavailable,
};

const KERNEL_EXITS: Readonly<Record<KernelProblem, ExitCode>> = {
  'no-program': EXIT.unavailable,
  'no-module': EXIT.unavailable,
  'old-program': EXIT.unavailable,
  'not-permitted': EXIT.notPermitted,
  'not-understood': EXIT.failed,
  refused: EXIT.failed,
  'not-ours': EXIT.failed,
  unsafe: EXIT.failed,
  template: EXIT.invalid,
};

const FILE_ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EDQUOT: 'the disk quota is used up',
  ELOOP: 'too many links',
  ENAMETOOLONG: 'the name is too long',
};
