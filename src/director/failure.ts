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

/** Debian's packages of the programs that are run on a director. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  ipvsadm: 'ipvsadm',
  modprobe: 'kmod',
  nft: 'nftables',
  setsid: 'util-linux',
  sh: 'dash',
};

/** That a program is missing, and where it comes from. */
export function missing(program: string): KernelFailure {
  const from = PACKAGES[program];
  return new KernelFailure(
    'no-program',
    `the program ${program} is missing, or may not be run`,
    ...(from === undefined ? [] : [`install it (Debian: package ${from})`]),
  );
}

/** Whether what a program says is that its caller may not do this. */
export function isDenied(said: string): boolean {
  return /permission denied|not permitted|must be root/i.test(said);
}
