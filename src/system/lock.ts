import { spawn } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Lock } from './ports.js';

/** flock(1)'s exit code where another holds the lock: none of its own. */
const HELD = 75;

/**
 * Node knows no flock(2). flock(1) does, and a lock belongs to the open file, not to the process that asked for it: it
 * locks the file that we opened, ends, and the lock stays until every process that has this open file has closed it.
 */
export async function lockFile(path: string, note: string, wait: number): Promise<Lock | undefined> {
  const deadline = performance.now() + wait;
  for (;;) {
    const file = await open(path, 'a+', 0o600);
    try {
      if (!(await flock(file.fd, Math.max(0, deadline - performance.now())))) {
        await file.close();
        return undefined;
      }
      if (await isStill(path, file)) {
        // A script that was first may have left it readable, and whoever may read it may lock it.
        await file.chmod(0o600);
        return await noted(file, note);
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
  }
}

/** Whether the lock was had of the file that others will find: the folder may have been cleared while we waited. */
async function isStill(path: string, file: FileHandle): Promise<boolean> {
  const [ours, theirs] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return theirs?.ino === ours.ino && theirs.dev === ours.dev;
}

async function noted(file: FileHandle, note: string): Promise<Lock> {
  // A full disk takes the note away, not the lock.
  const write = async (text: string): Promise<void> => {
    await file.truncate().catch(() => undefined);
    await file.appendFile(text).catch(() => undefined);
  };
  await write(note);
  let held = true;
  return {
    descriptor: file.fd,
    async release() {
      if (!held) return;
      held = false;
      await write('');
      await file.close();
    },
  };
}

/** @returns whether the lock is had */
async function flock(descriptor: number, wait: number): Promise<boolean> {
  const seconds = (wait / 1000).toFixed(3);
  const args = wait > 0 ? ['--wait', seconds] : ['--nonblock'];
  const child = spawn('flock', [...args, '--conflict-exit-code', String(HELD), '3'], {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
    // A Ctrl-C is for us to judge.
    detached: true,
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', error => reject(Object.assign(error, { path: 'flock' })));
    child.once('exit', resolve);
  });
  if (code === 0 || code === HELD) return code === 0;
  throw new Error(`flock ended with ${code ?? 'a signal'}`);
}
