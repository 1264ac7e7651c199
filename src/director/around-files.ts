import type { Event } from '../state/events.js';
import type { Intent } from '../state/intent.js';
import { isNoChange } from '../table/renewed.js';
import type { Doer } from './host/act.js';
import type { Asking, Renewal } from './renewal.js';

/** Who renews files, and writes down what did not go well. */
export interface Renewer extends Doer, Asking {
  readonly note: (events: readonly Event[]) => Promise<void>;
}

/**
 * The files' part of a transaction, around the table's. They come before the table: what cannot be written is found out
 * while no packet goes another way yet. Daemons read them after it, when all is there that they may ask for. Where the
 * checker changes, the old one ends between the two, and the new one begins last.
 */
export interface FilesWork {
  /** Before anything is announced: nothing has changed where it fails. @throws StateFailure */
  readonly begin: () => Promise<void>;
  readonly forward: (table: () => Promise<void>) => Promise<void>;
  /** Puts back what was there; what cannot be is told, and keeps the table from nothing. */
  readonly back: (table: () => Promise<void>) => Promise<void>;
  /** Forgets the way back. */
  readonly end: () => Promise<void>;
}

const NO_WORK: FilesWork = {
  begin: () => Promise.resolve(),
  forward: table => table(),
  back: table => table(),
  end: () => Promise.resolve(),
};

/**
 * For what changes no files and no daemons, an alert or a drain, nothing of them is loaded.
 *
 * @param whole `return`: what held before runs again. That is done as far as it can be, and never taken back
 */
export async function aroundFiles(
  doer: Renewer,
  renewal: Renewal | undefined,
  whole: Pick<Intent, 'kind' | 'to'>,
): Promise<FilesWork> {
  if (!renewal || isNoChange(renewal.change)) return NO_WORK;
  return (await import('./files-work.js')).filesWork(doer, renewal, whole);
}

/** What a killed run has left of it. */
export async function aroundLeftFiles(
  doer: Renewer,
  intent: Pick<Intent, 'files' | 'kind' | 'to'>,
): Promise<FilesWork> {
  if (!intent.files) return NO_WORK;
  return (await import('./files-work.js')).leftFilesWork(doer, intent.files, intent);
}
