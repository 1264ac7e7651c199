import type { Files } from '../system/ports.js';
import { textAt } from './ask.js';

/** A process of this machine. */
export interface Process {
  readonly pid: number;
  /** Its program, then its arguments; never empty. */
  readonly words: readonly string[];
}

/** All that have a command line (proc(5)); kernel threads have none. Those that end meanwhile are left out. */
export async function listProcesses(files: Files): Promise<Process[]> {
  const pids = (await files.list('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async pid => {
      // ESRCH: it has just ended.
      const text = await textAt(files, `/proc/${pid}/cmdline`, 1 << 16).catch(() => undefined);
      const words = (text ?? '').split('\0');
      // A title that a daemon has given itself ends in many zeros.
      while (words.at(-1) === '') words.pop();
      return words.length === 0 ? [] : [{ pid: Number(pid), words }];
    }),
  );
  return found.flat();
}
