import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
      const whole =
        options.holding && options.input !== undefined ? await wholeInput(options.input) : undefined;
      const stdin = whole?.fd ?? (options.input === undefined ? 'ignore' : 'pipe');
      const stdio: unknown[] = [
        stdin,
        'pipe',
        'pipe',
        ...(options.holding ? [options.holding.descriptor] : []),
      ];
      try {
        const result = await execa(program, args, {
          reject: false,
          stripFinalNewline: false,
          env: LOCALE,
          // Its types know no number of an open file, though it takes one.
          stdio: stdio as ['pipe', 'pipe', 'pipe'],
          // Ctrl-C goes to everybody at the terminal: a batch is not broken off by it, whoever waits for it is told.
          ...(options.holding ? { detached: true } : {}),
          ...(whole || options.input === undefined ? {} : { input: options.input }),
          ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
        });
        return resultOf(result);
      } finally {
        await whole?.close();
      }
    },
    async follow(program, args, line, options = {}) {
      const { execa } = await import('execa');
      const child = execa(program, args, {
        reject: false,
        buffer: false,
        env: LOCALE,
        forceKillAfterDelay: 10_000,
        stderr: 'inherit',
        ...input(options.input),
        ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
      });
      for await (const text of child.iterable()) line(text);
      return resultOf(await child);
    },
  };
}

/**
 * The text as an open file, whole even where this process ends before the program has read it: half a line of a table
 * may mean another server. Undefined where there is no room for it; a pipe does then.
 */
async function wholeInput(text: string): Promise<FileHandle | undefined> {
  const path = join(tmpdir(), `lvsctl-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return await open(path, 'r');
  } catch {
    return undefined;
  } finally {
    await rm(path, { force: true });
  }
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
