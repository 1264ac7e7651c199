import { dirname, resolve } from 'node:path';
import { quote } from '../diagnostic/quote.js';
import type { Context } from './context.js';
import { EXIT, Failure, fileFailure } from './exit.js';

/**
 * The absolute path of a file that is to be written in one step. A new file takes the place of the old one: of a device,
 * a pipe, a link or a folder it must not.
 *
 * @param option the one that names it
 * @param help what else there is, for those who name no file
 * @throws Failure
 */
export async function placeOfFile(
  { ports: { files }, workingDirectory }: Context,
  option: string,
  given: string,
  help?: string,
): Promise<string> {
  const path = resolve(workingDirectory, given);
  const folder = dirname(path);
  try {
    const entry = await files.look(path);
    if (entry && entry.kind !== 'file')
      throw new Failure(EXIT.usage, `${option} writes a file, and ${quote(given)} is none`, help);
    if (!entry && !(await files.look(folder)))
      throw new Failure(EXIT.failed, `${option}: there is no folder ${quote(folder)}`);
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure(`${quote(given)} cannot be written`, error);
  }
  return path;
}
