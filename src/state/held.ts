import * as z from 'zod';
import type { Files } from '../system/ports.js';
import { readDocument, readRenewable, writeDocument } from './documents.js';
import { HELD } from './paths.js';
import { words } from './values.js';

const schema = z.strictObject({ held: z.array(words) });

/**
 * What keepalived held down when it was last asked, by `place`. It counts where keepalived can be asked no more, of
 * servers that are still out: a drained one looks the same, alive or dead.
 *
 * @returns undefined where that was never written
 */
export async function readHeld(files: Files): Promise<ReadonlySet<string> | undefined> {
  // Nobody misses what cannot be read: the next answer takes its place.
  const { value } = await readRenewable(HELD, () => readDocument(files, HELD, schema), undefined);
  return value && new Set(value.held);
}

/** Only under the lock. @throws StateFailure */
export async function writeHeld(files: Files, held: ReadonlySet<string>): Promise<void> {
  await writeDocument(files, HELD, { held: [...held] });
}
