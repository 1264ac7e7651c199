import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Files } from '../../src/system/ports.js';

/** The open files that are locked, by device and inode. */
const locked = new Set<string>();

/**
 * flock(2) among what one process does, as most tests need no more of it, without a program for each lock. What other
 * processes hold it does not see: tests of that take the lock of `createFiles`.
 */
export function lockHere(root: string): Files['lock'] {
  return async (path, note, wait) => {
    const deadline = performance.now() + wait;
    for (;;) {
      const file = await open(root + path, 'a+', 0o600);
      const { dev, ino } = await file.stat();
      const key = `${dev}:${ino}`;
      while (locked.has(key) && performance.now() < deadline) await sleep(1);
      if (locked.has(key)) {
        await file.close();
        return undefined;
      }
      locked.add(key);
      // The folder may have been cleared while we waited.
      if ((await stat(root + path).catch(() => undefined))?.ino === ino) return await held(file, note, key);
      locked.delete(key);
      await file.close();
    }
  };
}

async function held(file: FileHandle, note: string, key: string): ReturnType<Files['lock']> {
  await file.chmod(0o600);
  const write = async (text: string): Promise<void> => {
    await file.truncate().catch(() => undefined);
    await file.appendFile(text).catch(() => undefined);
  };
  await write(note);
  let isHeld = true;
  return {
    descriptor: file.fd,
    async release() {
      if (!isHeld) return;
      isHeld = false;
      await write('');
      locked.delete(key);
      await file.close();
    },
  };
}
