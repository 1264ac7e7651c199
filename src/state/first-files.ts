import * as z from 'zod';
import type { Files } from '../system/ports.js';
import { isFilePath } from '../table/renewed.js';
import { readDocument, writeDocument } from './documents.js';
import { onFile } from './failure.js';
import { FIRST_FILES, PRIVATE } from './paths.js';
import { integer, text } from './values.js';

/** What was at a path before the first generation; nothing, where `was` is absent. */
export interface FirstFile {
  readonly path: string;
  /** Base64, since it may be anybody's text. */
  readonly was?: { readonly mode: number; readonly content: string };
}

const schema = z.strictObject({
  files: z.array(
    z.strictObject({
      path: text('an absolute path', isFilePath),
      was: z.strictObject({ mode: integer(0, 0o7777), content: z.base64() }).exactOptional(),
    }),
  ),
});

/**
 * What trials before the first confirmed generation have changed of the rendered files, as it was before them all. A
 * generation has no room for it: its file is everybody's to read, and a daemon's file may hold a secret.
 *
 * @throws StateFailure
 */
export async function readFirstFiles(files: Files): Promise<readonly FirstFile[]> {
  return (await readDocument(files, FIRST_FILES, schema))?.files ?? [];
}

/** @throws StateFailure */
export async function writeFirstFiles(files: Files, all: readonly FirstFile[]): Promise<void> {
  await writeDocument(files, FIRST_FILES, { files: all }, { mode: PRIVATE });
}

/** Nothing goes back behind the first generation any more. @throws StateFailure */
export async function forgetFirstFiles(files: Files): Promise<void> {
  await onFile(FIRST_FILES, async () => {
    if (await files.look(FIRST_FILES)) await files.remove(FIRST_FILES);
  });
}
