import type { Runner, RunResult } from './ports.js';

interface Ended {
  readonly exitCode?: number | undefined;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
  readonly code?: string | undefined;
  readonly timedOut: boolean;
}

const LOCALE = { LC_ALL: 'C' };

/** Programs of this machine. */
export function createRunner(): Runner {
  return {
    async run(program, args, options = {}) {
      // Loading execa takes as long as starting Node: only for who runs something.
      const { execa } = await import('execa');
      const result = await execa(program, args, {
        reject: false,
        stripFinalNewline: false,
        env: LOCALE,
        ...input(options.input),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      });
      return resultOf(result);
    },
    async follow(program, args, line, options = {}) {
      const { execa } = await import('execa');
      const shared = {
        reject: false,
        buffer: false,
        env: { ...LOCALE, ...options.environment },
        forceKillAfterDelay: 10_000,
        ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
      } as const;
      if (options.terminal) return resultOf(await execa(program, args, { ...shared, stdio: 'inherit' }));
      const child = execa(program, args, { ...shared, ...input(options.input), stderr: 'inherit' });
      for await (const text of child.iterable()) line(text);
      return resultOf(await child);
    },
  };
}

type Input = string | Uint8Array;

function input(given: Input | undefined): { readonly stdin: 'ignore' } | { readonly input: Input } {
  return given === undefined ? { stdin: 'ignore' } : { input: given };
}

function resultOf(result: Ended): RunResult {
  return {
    exitCode: result.exitCode,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    missing: result.code === 'ENOENT' || result.code === 'EACCES',
    timedOut: result.timedOut,
  };
}
