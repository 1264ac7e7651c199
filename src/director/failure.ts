/** `template`: one of the administrator's, from which a change would be made, cannot be used. */
export type KernelProblem =
  | 'no-program'
  | 'not-permitted'
  | 'no-module'
  | 'old-program'
  | 'not-understood'
  | 'refused'
  | 'not-ours'
  | 'unsafe'
  | 'template';

/** The kernel's table cannot be read or changed: why, and what to do about it. */
export class KernelFailure extends Error {
  override readonly name = 'KernelFailure';

  constructor(
    readonly problem: KernelProblem,
    message: string,
    readonly help?: string,
  ) {
    super(message);
  }
}
