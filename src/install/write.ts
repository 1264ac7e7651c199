import type { Files } from '../system/ports.js';
import type { Change } from './change.js';
import { presentAt, type Tree } from './tree.js';

export interface Written {
  readonly path: string;
  /** Where the file that was there before is kept. */
  readonly kept?: string;
}

/** A failure in the middle: every file is whole, and these had been written. */
export class WriteFailure extends Error {
  override readonly name = 'WriteFailure';

  constructor(
    readonly path: string,
    readonly written: readonly Written[],
    override readonly cause: Error,
  ) {
    super(`${path}: ${cause.message}`);
  }
}

/**
 * Carries the changes out, each file in one step. Foreign files are replaced: the caller decides whether to come here.
 *
 * @param goOn asked before each file; false stops between two files
 * @throws WriteFailure
 */
export async function write(
  tree: Tree,
  changes: readonly Change[],
  files: Files,
  goOn: () => boolean = () => true,
): Promise<Written[]> {
  const written: Written[] = [];
  for (const change of changes) {
    if (change.action === 'unchanged') continue;
    if (!goOn()) break;
    const path = tree.root + change.path;
    try {
      const kept = await writeOne(path, change, files);
      written.push({ path, ...(kept === undefined ? {} : { kept }) });
    } catch (error) {
      throw new WriteFailure(path, written, error as Error);
    }
  }
  return written;
}

async function writeOne(path: string, { action, artifact, content, present, reason }: Change, files: Files) {
  if (action === 'blocked') throw new Error(reason);
  const mode = artifact.kind === 'key' ? 0o600 : artifact.kind === 'link' ? 0o777 : artifact.mode;
  if (action === 'mode') {
    await files.chmod(path, mode);
    return undefined;
  }
  const kept =
    (action === 'foreign' || action === 'replace') && present ? await keep(path, files) : undefined;
  if (artifact.kind === 'link') await files.link(path, artifact.target);
  else if (content !== undefined) {
    const own = artifact.kind === 'block' && present?.entry.kind === 'file' ? present.entry.mode : mode;
    await files.replace(path, content, own);
  }
  return kept;
}

/** Copies what is at the path beside it; the path itself never is without a file. */
async function keep(path: string, files: Files): Promise<string | undefined> {
  const present = await presentAt(path, files);
  if (present?.entry.kind !== 'file' && present?.entry.kind !== 'link') return undefined;
  let name = `${path}.lvsctl-old`;
  // An earlier original is not overwritten by a later one.
  for (let number = 2; await files.look(name); number++) name = `${path}.lvsctl-old.${number}`;
  if (present.entry.kind === 'link') await files.link(name, present.entry.target);
  else await files.replace(name, present.bytes!, present.entry.mode);
  return name;
}
