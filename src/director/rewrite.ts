import { join } from 'node:path/posix';
import { harmless } from '../diagnostic/quote.js';
import { onFile, StateFailure } from '../state/failure.js';
import type { Files } from '../system/ports.js';
import { apply, type Outcome, type Wish } from './apply.js';
import type { Door } from './door.js';
import type { Waker } from './timer.js';

type Show = Parameters<typeof apply>[3];

/** A description that is edited and applied in one. */
export interface Rewriting {
  /** What people call the file. */
  readonly name: string;
  /** The file itself, as `realPath` gives it. */
  readonly path: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * Applies an edited description, whose file is written between the plan and the first change of the table. So, where
 * the process is killed,
 *
 * - before the file is written, all is as it was;
 * - after it, and before the kernel has any of it, the file says what the table does not have yet. The same command
 *   once more finds its edit done and applies it, as `lvsctl apply` does. In the other order the table would have what
 *   no file says, and the next apply would take it away again;
 * - later, the next run finishes the apply or takes it back. Taken back, it is as in the case before.
 *
 * What fails without a kill puts the file back; nobody else's edit is lost by that.
 *
 * @throws StateFailure, KernelFailure: then what ran before runs, and the file is as it was
 */
export async function applyEdited(
  door: Door,
  wish: Wish,
  file: Rewriting,
  waker: Waker,
  show: Show,
): Promise<Outcome> {
  let written = false;
  try {
    return await apply(door, wish, waker, async planned => {
      await show(planned);
      await refuseChanged(door.ports.files, file);
      if (same(file.before, file.after)) return;
      written = true;
      await write(door.ports.files, file.path, file.after);
    });
  } catch (error) {
    if (written) await putBack(door, file);
    throw error;
  }
}

async function refuseChanged(files: Files, { name, path, before }: Rewriting): Promise<void> {
  if (same(await onFile(path, () => files.read(path)), before)) return;
  throw new StateFailure(
    'changed',
    `somebody else has edited ${harmless(name)} meanwhile; nothing is changed`,
    'try it again',
  );
}

async function putBack(
  { ports: { files }, warn }: Door,
  { name, path, before, after }: Rewriting,
): Promise<void> {
  try {
    const now = await files.read(path);
    if (same(now, before)) return;
    if (!same(now, after)) return warn(`${harmless(name)} keeps the edit: somebody has edited it further`);
    await write(files, path, before);
    warn(`${harmless(name)} is put back as it was`);
  } catch (error) {
    warn(
      `${harmless(name)} keeps the edit, which does not run: it cannot be written (${(error as Error).message})`,
    );
  }
}

/** With the mode and the owner that it has. */
async function write(files: Files, path: string, content: Uint8Array): Promise<void> {
  await onFile(path, async () => {
    const entry = await files.look(path);
    await files.replace(path, content, entry?.kind === 'file' ? entry.mode : 0o644, path);
  });
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** As many as Linux follows (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * The path without links in it: what takes the place of a link must not, but of the file that it leads to.
 *
 * @param path absolute
 * @throws StateFailure where links lead in a circle
 */
export async function realPath(files: Files, path: string): Promise<string> {
  let rest = path.split('/');
  let real = '/';
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...others] = rest;
    const at = join(real, name);
    const entry =
      name === '' || name === '.' || name === '..' ? undefined : await onFile(at, () => files.look(at));
    if (entry?.kind !== 'link') [real, rest] = [at, others];
    else if (++links > MOST_LINKS)
      throw new StateFailure('changed', `${harmless(path)}: its links lead in a circle`);
    else {
      rest = [...entry.target.split('/'), ...others];
      if (entry.target.startsWith('/')) real = '/';
    }
  }
  return real;
}
