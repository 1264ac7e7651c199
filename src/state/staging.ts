import { basename, dirname } from 'node:path';
import type { Files } from '../system/ports.js';
import { onFile } from './failure.js';

/** What writing a file takes. */
export type Writing = Pick<Files, 'makeFolder' | 'replace'>;

/** Files that wait beside their places. */
export interface Staging {
  readonly files: Writing;
  /** Puts them there, in the order in which they were written; that needs no more room. @throws StateFailure */
  readonly commit: () => Promise<void>;
}

/**
 * What is written is on the disk at once, under a name that `sweep` clears where it is left, and counts once it is
 * committed. So whatever must come before it, and cannot be taken back, is not done where there is no room for it.
 */
export function staging(files: Files): Staging {
  const waiting = new Map<string, string>();
  return {
    files: {
      makeFolder: (path, mode) => files.makeFolder(path, mode),
      async replace(path, content, mode) {
        const beside = `${dirname(path)}/.lvsctl-${Buffer.from(basename(path)).toString('hex')}`;
        await files.replace(beside, content, mode);
        waiting.set(path, beside);
      },
    },
    async commit() {
      for (const [path, beside] of waiting) await onFile(path, () => files.rename(beside, path));
    },
  };
}
