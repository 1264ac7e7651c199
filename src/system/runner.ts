import type { Runner } from './ports.js';

/** Programs of this machine. */
export function createRunner(): Runner {
  return {
    async run(program, args, options = {}) {
      // Loading execa takes as long as starting Node: only for who runs something.
      const { execa } = await import('execa');
      const result = await execa(program, args, {
        reject: false,
        stripFinalNewline: false,
        env: { LC_ALL: 'C' },
        ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      });
      return {
        exitCode: result.exitCode,
        stdout: result.stdout ?? '',
        stderr: result.stderr ?? '',
        missing: result.code === 'ENOENT' || result.code === 'EACCES',
        timedOut: result.timedOut,
      };
    },
  };
}
