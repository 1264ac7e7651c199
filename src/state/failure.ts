/**
 * Why kept state cannot be used.
 *
 * `damaged`, `newer`: a file that this version cannot read. `file`: the file system refused; `cause` is its error.
 * `locked`: another has the lock. `no-flock`: the program is missing. `absent`: there is nothing of the kind asked for.
 * `changed`: it is not what it was a moment ago.
 */
export type StateProblem = 'damaged' | 'newer' | 'file' | 'locked' | 'no-flock' | 'absent' | 'changed';

/** One sentence for people, what helps, and for a file that cannot be used where it is. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';

  constructor(
    readonly problem: StateProblem,
    message: string,
    readonly help?: string,
    override readonly cause?: Error,
  ) {
    super(message);
  }
}

/** What went wrong, in a line; of a file that the file system refused also why. */
export function failureText({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

/** What `act` gives; what the file system refuses becomes a failure that names the file. */
export async function onFile<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new StateFailure('file', path, undefined, error);
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
