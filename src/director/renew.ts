import { dirname, basename } from 'node:path/posix';
import { findBlock } from '../install/block.js';
import { type Change, textOf } from '../install/change.js';
import { presentAt } from '../install/tree.js';
import { write, WriteFailure } from '../install/write.js';
import { provenance } from '../render/stamp.js';
import { sweepFolders } from '../state/documents.js';
import { failureText, onFile, StateFailure } from '../state/failure.js';
import type { Files } from '../system/ports.js';
import type { FilesChange, RenewedFile } from '../table/renewed.js';

/** Beside the file, so that putting it back is one rename, for which a full disk has room. */
function keptAt(path: string): string {
  return `${dirname(path)}/.lvsctl-before-${basename(path)}`;
}

/**
 * Removes what earlier changes may have left for their way back. Until this is done no change is announced: then all
 * that is kept is its own, whenever it is killed and whatever fails of it.
 *
 * @throws StateFailure
 */
export async function forgetEarlier(files: Files, { files: all }: FilesChange): Promise<void> {
  for (const { path } of all) {
    const kept = keptAt(path);
    await onFile(kept, async () => {
      if (await files.look(kept)) await files.remove(kept);
    });
  }
}

/**
 * Keeps the files that are about to be renewed, each beside itself, until `forgetKept`. All of them before the first is
 * written: a disk without room for both is found out while nothing has changed.
 *
 * @throws StateFailure
 */
export async function keepOld(files: Files, { files: all }: FilesChange): Promise<void> {
  for (const { path, act } of all) {
    if (act === 'make') continue;
    await onFile(path, async () => {
      const present = await presentAt(path, files);
      if (!present?.bytes || present.entry.kind !== 'file') return;
      await files.replace(keptAt(path), present.bytes, present.entry.mode, path);
    });
  }
}

/** Writes the new files, each in one step. @throws StateFailure that names the one at which it ended */
export async function writeRenewed(files: Files, changes: readonly Change[]): Promise<void> {
  try {
    await write({ name: '', root: '', artifacts: [] }, changes, files);
  } catch (error) {
    if (!(error instanceof WriteFailure)) throw error;
    throw new StateFailure('file', `${error.path} cannot be renewed`, undefined, error.cause);
  }
}

/**
 * Puts back what `keepOld` has kept, and removes what was made. What somebody has edited meanwhile stays; what cannot
 * be put back keeps the rest from nothing.
 *
 * @returns what could not be, a sentence each
 */
export async function putBack(files: Files, { files: all }: FilesChange): Promise<string[]> {
  const put = (path: string, act: RenewedFile['act']): Promise<string | undefined> =>
    act === 'make' ? unmake(files, path) : restore(files, path);
  return await eachBack(all.map(({ path, act }) => [path, () => put(path, act)]));
}

/** Does what puts each file back. @returns what could not be, a sentence each */
export async function eachBack(
  all: readonly (readonly [path: string, put: () => Promise<string | undefined>])[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const [path, put] of all) {
    try {
      const why = await onFile(path, put);
      if (why !== undefined) problems.push(`${path} is not put back: ${why}`);
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      problems.push(`${failureText(error)}: it is not put back`);
    }
  }
  return problems;
}

async function restore(files: Files, path: string): Promise<string | undefined> {
  const kept = await presentAt(keptAt(path), files);
  // Killed before it was kept, or put back already.
  if (!kept?.bytes || kept.entry.kind !== 'file') return undefined;
  const { mode } = kept.entry;
  const old = { bytes: kept.bytes, mode };
  const why = await putOld(files, path, old, () => files.rename(keptAt(path), path));
  // Done twice, as after a kill, it would take the rest of the file for edited.
  if (why === undefined) await files.remove(keptAt(path));
  return why;
}

/** A file as it was. */
export interface Old {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/**
 * Puts a file back as it was, unless somebody has edited it meanwhile; of one that is not all ours our part alone.
 *
 * @param putWhole puts all of it back
 * @returns why it is not put back
 */
export async function putOld(
  files: Files,
  path: string,
  { bytes, mode }: Old,
  putWhole: () => Promise<void>,
): Promise<string | undefined> {
  const old = textOf(bytes);
  const present = await presentAt(path, files);
  const now = present?.bytes ? textOf(present.bytes) : undefined;
  if (now !== undefined && now !== old && !isOurs(now)) return 'it was edited meanwhile';
  const [before, part] = [findBlock(old), now === undefined ? undefined : findBlock(now)];
  if (part && now !== undefined && `${part.before}${part.after}` !== around(old, before)) {
    // The rest of it is somebody else's, who has edited it meanwhile: only our part goes back.
    const text = before ? withOldBlock(now, old) : part.before + part.after;
    await files.replace(path, text, mode, path);
  } else await putWhole();
  return undefined;
}

function around(text: string, part: ReturnType<typeof findBlock>): string {
  return part ? part.before + part.after : text;
}

/** The text with the other one's block in the place of its own, line of origin and all. */
function withOldBlock(text: string, other: string): string {
  const { before, after } = findBlock(text)!;
  const old = findBlock(other)!;
  return before + other.slice(old.before.length, other.length - old.after.length) + after;
}

/** Removes what was made, or of a file that is not all ours our part. @returns why it stays */
export async function unmake(files: Files, path: string): Promise<string | undefined> {
  const present = await presentAt(path, files);
  if (!present) return undefined;
  if (present.entry.kind === 'link') {
    await files.remove(path);
    return undefined;
  }
  const text = present.bytes ? textOf(present.bytes) : '';
  if (!isOurs(text)) return 'it was edited meanwhile';
  const part = findBlock(text);
  const rest = part ? part.before + part.after : '';
  if (rest === '') await files.remove(path);
  else await files.replace(path, rest, present.entry.kind === 'file' ? present.entry.mode : 0o644, path);
  return undefined;
}

function isOurs(text: string): boolean {
  return provenance(text) === 'ours' || findBlock(text)?.intact === true;
}

/** Removes the kept ones. One that stays does no harm: the next renewal removes it before it begins. */
export async function forgetKept(files: Files, { files: all }: FilesChange): Promise<void> {
  for (const { path } of all) await files.remove(keptAt(path)).catch(() => {});
}

/** Removes what killed writes have left beside these files. @throws StateFailure */
export async function sweepBeside(files: Files, { files: all }: FilesChange): Promise<void> {
  await sweepFolders(files, [...new Set(all.map(one => dirname(one.path)))]);
}
