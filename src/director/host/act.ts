import { harmless } from '../../diagnostic/quote.js';
import { shellQuote } from '../../render/shell-quote.js';
import type { Lock, Ports } from '../../system/ports.js';
import { isDenied, KernelFailure, missing } from '../failure.js';

/** A command that changes this machine. */
export interface Act {
  readonly program: string;
  readonly args: readonly string[];
  /** Its standard input. */
  readonly input?: string;
  /** As a person would type it. */
  readonly line: string;
  /** It goes on after its program has ended: the lock must not stay with it. */
  readonly lasts?: true;
}

/** Who does it. */
export interface Doer {
  readonly ports: Ports;
  /** Held by the programs, too, where it is. */
  readonly lock?: Lock;
  readonly echo: (line: string) => void;
  readonly warn: (text: string) => void;
}

/** A program with its arguments. */
export function command(program: string, ...args: readonly string[]): Act {
  return { program, args, line: [program, ...args].map(shellQuote).join(' ') };
}

/** Does it, after it has been echoed. @throws KernelFailure where it does not succeed */
export async function perform(
  { ports, lock, echo }: Omit<Doer, 'warn'>,
  { program, args, input, line, lasts }: Act,
): Promise<void> {
  echo(line);
  const result = await ports.runner.run(program, args, {
    ...(lock && !lasts ? { holding: lock } : {}),
    ...(input === undefined ? {} : { input }),
  });
  if (result.missing) throw missing(program);
  if (result.exitCode === 0) return;
  const said = harmless(result.stderr.trim().split('\n')[0]!.slice(0, 200));
  const denied = isDenied(result.stderr);
  throw new KernelFailure(
    denied ? 'not-permitted' : 'refused',
    `\`${line.split('\n')[0]}\` failed: ${said || `it ended with ${result.exitCode ?? 'a signal'}`}`,
    denied ? 'try as root' : undefined,
  );
}
