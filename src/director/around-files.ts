import type { Event } from '../state/events.js';
import type { Intent } from '../state/intent.js';
import type { Doer } from './host/act.js';
import type { Asking, Renewal } from './renewal.js';

/** Who renews files, and writes down what did not go well. */
export interface Renewer extends Doer, Asking {
  readonly note: (events: readonly Event[]) => Promise<void>;
}

/**
 * The files' part of a transaction, around the table's. They come before the table: what cannot be written is found out
 * while no packet goes another way yet. Daemons read them after it, when all is there that they may ask for.
 */
export interface FilesWork {
  readonly forward: (table: () => Promise<void>) => Promise<void>;
  /** Puts back what was there; what cannot be is told, and keeps the table from nothing. */
  readonly back: (table: () => Promise<void>) => Promise<void>;
  /** Forgets the way back. */
  readonly end: () => Promise<void>;
}

const NO_WORK: FilesWork = {
  forward: table => table(),
  back: table => table(),
  end: () => Promise.resolve(),
};

/**
 * For what changes no files, an alert or a drain, nothing of them is loaded.
 *
 * @param goesBack whether what held before runs again: that is done as far as it can be, and never taken back
 */
export async function aroundFiles(
  doer: Renewer,
  renewal: Renewal | undefined,
  goesBack: boolean,
): Promise<FilesWork> {
  if (!renewal || renewal.change.files.length === 0) return NO_WORK;
  return (await import('./files-work.js')).filesWork(doer, renewal, goesBack);
}

/** What a killed run has left of it. */
export async function aroundLeftFiles(
  doer: Renewer,
  { files, to }: Pick<Intent, 'files' | 'to'>,
): Promise<FilesWork> {
  if (!files) return NO_WORK;
  return (await import('./files-work.js')).leftFilesWork(doer, files, to);
}
