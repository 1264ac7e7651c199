import type * as z from '../diagnostic/zod.js';
import { harmless } from '../diagnostic/quote.js';
import type { Files } from '../system/ports.js';
import { onFile, StateFailure } from './failure.js';
import type { Writing } from './staging.js';
import { FOLDER, GENERATIONS, OPERATOR, READABLE, RUN_FOLDER, STATE_FOLDER } from './paths.js';

/** The version of every kept JSON file. A file of a higher one was written by a newer lvsctl. */
const VERSION = 1;

/** What a file holds once more than its version. */
type Document<T> = z.ZodType<T>;

/**
 * A kept JSON file, or undefined where there is none.
 *
 * @throws StateFailure where it is damaged, of a newer version, or cannot be read; the file stays as it is
 */
export async function readDocument<T>(
  files: Files,
  path: string,
  schema: Document<T>,
): Promise<T | undefined> {
  const bytes = await readIfThere(files, path);
  return bytes && parseDocument(bytes, path, schema);
}

/** What nobody of ours has put there: no fault of the file system's. */
const STRANGE: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ERR_FS_FILE_TOO_LARGE: 'it is too large to be read',
};

/** A kept file; undefined where there is none. @throws StateFailure */
export async function readIfThere(files: Files, path: string): Promise<Uint8Array | undefined> {
  return await onFile(path, async () => {
    try {
      return await files.read(path);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      const strange = STRANGE[code];
      throw strange === undefined ? error : damaged(path, strange);
    }
  });
}

function parseDocument<T>(bytes: Uint8Array, path: string, schema: Document<T>): T {
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw damaged(path, bytes.length === 0 ? 'it is empty' : (error as Error).message);
  }
  const { version, ...rest } = (found ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version > VERSION) {
    throw new StateFailure(
      'newer',
      `${path} was written by a newer lvsctl: its version is ${version}, this one knows ${VERSION}`,
      'use that lvsctl, or move the file away; what it says is then forgotten',
    );
  }
  if (version !== VERSION) throw damaged(path, `its version is not ${VERSION}`);
  const { success, data, error } = schema.safeParse(rest);
  if (success) return data;
  const [issue] = error.issues;
  throw damaged(path, `${issue?.path.join('.') || 'top'}: ${issue?.message}`);
}

export function damaged(path: string, why: string): StateFailure {
  return new StateFailure(
    'damaged',
    `${path} is damaged: ${harmless(why)}`,
    path === OPERATOR
      ? '`lvsctl log --rebuild` puts back what the journal has of it'
      : 'mend it, or move it away; what it says is then forgotten',
  );
}

/** Writes a kept JSON file; `indent` for those that people read. @throws StateFailure */
export async function writeDocument(
  files: Writing,
  path: string,
  value: object,
  { indent = 0, mode = READABLE }: { readonly indent?: number; readonly mode?: number } = {},
): Promise<void> {
  const text = `${JSON.stringify({ version: VERSION, ...value }, null, indent)}\n`;
  await writeKept(files, path, text, mode);
}

export async function writeKept(files: Writing, path: string, text: string, mode = READABLE): Promise<void> {
  await onFile(path, async () => {
    await files.makeFolder(path.slice(0, path.lastIndexOf('/')), FOLDER);
    await files.replace(path, text, mode);
  });
}

/** What a file of which another can be made says. */
export interface Renewable<T> {
  readonly value: T;
  /** Why the file could not be used. */
  readonly damage?: Damage;
  /** There is none. */
  readonly isAbsent?: true;
}

export interface Damage {
  readonly path: string;
  readonly why: string;
}

/**
 * A file whose content comes again by itself (measures, health). One that is damaged or too new counts as empty;
 * whoever holds the lock puts it aside, so that a writer can go on and nothing is lost.
 *
 * @param read throws StateFailure
 */
export async function readRenewable<T>(
  path: string,
  read: () => Promise<T | undefined>,
  empty: T,
): Promise<Renewable<T>> {
  try {
    const value = await read();
    return value === undefined ? { value: empty, isAbsent: true } : { value };
  } catch (error) {
    if (!(error instanceof StateFailure) || (error.problem !== 'damaged' && error.problem !== 'newer'))
      throw error;
    return { value: empty, damage: { path, why: error.message } };
  }
}

/** Gives a file the first free name `PATH.damaged-N`. Only under the lock: it may be another file by now. */
export async function putAside(files: Files, path: string): Promise<string> {
  return await onFile(path, async () => {
    const to = await freeName(files, path);
    await files.rename(path, to);
    return to;
  });
}

/** So large may a file be of which a copy is made. */
const COPIED = 1 << 26;

/**
 * Keeps what a damaged file has under such a name, and the file as it is; what is no file of ours, as a folder, and
 * could not be replaced, goes there itself.
 *
 * @throws StateFailure
 */
export async function copyAside(files: Files, path: string): Promise<string> {
  return await onFile(path, async () => {
    const found = await files.look(path);
    if (found?.kind === 'folder' || (found?.kind === 'file' && found.size > COPIED))
      return await putAside(files, path);
    const to = await freeName(files, path);
    await files.replace(to, await files.read(path), READABLE);
    return to;
  });
}

async function freeName(files: Files, path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const to = `${path}.damaged-${n}`;
    if (!(await files.look(to))) return to;
  }
}

/** What a killed write leaves beside its file, as `Files.replace` names it. */
const TEMPORARY = /^\.lvsctl-[0-9a-f]+$/;

/** Removes what killed writes have left. Only under the lock, when nobody else writes there. @throws StateFailure */
export async function sweep(files: Files): Promise<void> {
  await sweepFolders(files, [STATE_FOLDER, GENERATIONS, RUN_FOLDER]);
}

/** The same in other folders. @throws StateFailure */
export async function sweepFolders(files: Files, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    await onFile(folder, async () => {
      const left = (await files.list(folder)).filter(name => TEMPORARY.test(name));
      for (const name of left) await files.remove(`${folder}/${name}`);
    });
  }
}
