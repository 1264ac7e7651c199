import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockFile } from './lock.js';
import { readPipe } from './pipe.js';
import type { Entry, Files } from './ports.js';

/** The real file system. `root` puts another folder in the place of `/`. */
export function createFiles(root = ''): Files {
  const at = (path: string): string => root + path;

  async function look(path: string): Promise<Entry | undefined> {
    try {
      const found = await lstat(at(path));
      if (found.isFile()) return { kind: 'file', mode: found.mode & 0o7777, size: found.size };
      if (found.isSymbolicLink()) return { kind: 'link', target: await readlink(at(path)) };
      return { kind: found.isDirectory() ? 'folder' : 'other' };
    } catch (error) {
      if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  /** What `make` makes under a temporary name takes the place of `path` in one step, or nothing happens. */
  async function inPlace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
    const folder = dirname(at(path));
    await makeFolder(folder);
    const temporary = join(folder, `.lvsctl-${randomBytes(6).toString('hex')}`);
    try {
      await make(temporary);
      await rename(temporary, at(path));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(folder);
  }

  return {
    look,
    read: (path, most, signal) =>
      most === undefined ? readFile(at(path)) : readStart(at(path), most, signal),
    readNow(path, most) {
      const file = openSync(at(path), 'r');
      try {
        const buffer = Buffer.alloc(most);
        return buffer.subarray(0, readSync(file, buffer, 0, most, null));
      } finally {
        closeSync(file);
      }
    },
    stream: (path, from) => stream(at(path), from),
    async list(path) {
      try {
        return (await readdir(at(path))).toSorted();
      } catch (error) {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
        throw error;
      }
    },
    replace: (path, content, mode, like) =>
      inPlace(path, async temporary => {
        const file = await open(temporary, 'wx', mode);
        try {
          await file.writeFile(content);
          if (like !== undefined) {
            const { uid, gid } = await stat(at(like));
            await file.chown(uid, gid);
          }
          // The umask may have taken bits from the mode that open was given.
          await file.chmod(mode);
          await file.sync();
        } finally {
          await file.close();
        }
      }),
    link: (path, target) => inPlace(path, temporary => symlink(target, temporary)),
    chmod: (path, mode) => chmod(at(path), mode),
    async makeFolder(path, mode) {
      // The first folder that was made, or undefined.
      const first = await makeFolder(at(path));
      if (first === undefined) return;
      for (let made = at(path); made.length >= first.length; made = dirname(made)) await chmod(made, mode);
    },
    append: (path, lines, mode) => append(at(path), lines, mode),
    async remove(path) {
      try {
        await unlink(at(path));
      } catch (error) {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return;
        throw error;
      }
      await syncFolder(dirname(at(path)));
    },
    async rename(path, to) {
      await rename(at(path), at(to));
      await syncFolder(dirname(at(to)));
    },
    lock: (path, note, wait) => lockFile(at(path), note, wait),
  };
}

const NEWLINE = 10;

async function append(path: string, lines: string, mode: number): Promise<void> {
  await makeFolder(dirname(path));
  const file = await open(path, 'a+', mode);
  try {
    const { size } = await file.stat();
    const last =
      size === 0 ? NEWLINE : (await file.read({ buffer: Buffer.alloc(1), position: size - 1 })).buffer[0];
    await file.appendFile(last === NEWLINE ? lines : `\n${lines}`);
    await file.sync();
    if (size > 0) return;
    // The umask may have taken bits from the mode that open was given.
    await file.chmod(mode);
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

const PIECE = 1 << 20;

async function* stream(path: string, from: number): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (let position = from; ; ) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(PIECE), position });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function readStart(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array> {
  if ((await stat(path)).isFIFO()) return await readPipe(path, most, signal);
  const file = await open(path, 'r');
  try {
    const chunks: Uint8Array[] = [];
    for (let length = 0; length < most; ) {
      const { bytesRead, buffer } = await file.read({
        buffer: Buffer.alloc(Math.min(65_536, most - length)),
      });
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

/** Node's recursive mkdir calls a read-only file system ENOENT; asked for the first missing folder alone it is right. */
async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true });
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    for (let missing = path; missing !== dirname(missing); missing = dirname(missing)) {
      if ((await lstat(dirname(missing)).catch(() => undefined))?.isDirectory()) await mkdir(missing);
    }
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
