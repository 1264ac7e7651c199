import { harmless } from '../diagnostic/quote.js';
import { isDenied, KernelFailure, missing } from '../director/failure.js';
import type { Files, Runner } from '../system/ports.js';

/** A fact that cannot be had. It is told, and no reason to end. */
export class NotKnown extends Error {
  override readonly name = 'NotKnown';

  constructor(
    message: string,
    readonly help?: string,
  ) {
    super(message);
  }
}

/** Milliseconds that a program may take, where whoever runs it does not say. */
const TIMEOUT = 20_000;

/** The same programs, none of which can keep the doctor for long. */
export function patiently(runner: Runner): Runner {
  return {
    ...runner,
    run: async (program, args, options = {}) => {
      const timeout = options.timeout ?? TIMEOUT;
      const result = await runner.run(program, args, { ...options, timeout });
      if (result.timedOut) throw new NotKnown(`${program} gave no answer in ${Math.round(timeout / 1000)} s`);
      return result;
    },
  };
}

/** What a program prints. @throws NotKnown, KernelFailure where it is missing or may not act */
export async function output(runner: Runner, program: string, ...args: readonly string[]): Promise<string> {
  const { exitCode, missing: isMissing, stdout, stderr } = await runner.run(program, args);
  if (isMissing) throw missing(program);
  if (exitCode === 0) return stdout;
  const said = harmless(stderr.trim().split('\n')[0]!.slice(0, 200));
  if (isDenied(stderr)) throw new KernelFailure('not-permitted', `${program}: ${said}`, 'try as root');
  throw new NotKnown(`${[program, ...args].join(' ')}: ${said || `it ended with ${exitCode ?? 'a signal'}`}`);
}

/** A file's text, at most this many bytes; undefined where there is no such file, or it is something else. */
export async function textAt(files: Files, path: string, most = 1 << 20): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await files.read(path, most));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}
