import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import type { Clock, Files } from '../system/ports.js';
import { putAside, readDocument, readRenewable, writeDocument } from './documents.js';
import { onFile } from './failure.js';
import { INBOX } from './paths.js';

/**
 * Events for whoever gets the lock next, so that fifty alerts cost one reconciliation. Each is a file, made in one
 * step, and stays until it is settled: who dies in between has lost nothing, and the next one sees it again. So what is
 * done for an event must be the same done twice.
 */
export interface Taken<T> {
  readonly name: string;
  readonly event: T;
}

const NAME = /^\d{18}-[0-9a-f]{12}\.json$/;

/** Puts an event into the inbox. @throws StateFailure */
export async function drop(files: Files, clock: Clock, event: object): Promise<void> {
  // The boot's clock never steps, so the names are in the order of the events; the folder does not outlive the boot.
  const order = String(Math.round(clock.elapsed() * 1000)).padStart(18, '0');
  await writeDocument(files, `${INBOX}/${order}-${randomBytes(6).toString('hex')}.json`, { event });
}

/**
 * All events, in the order in which they happened. One that cannot be read is put aside; `aside` says where.
 *
 * @param schema of `{ event }`
 * @throws StateFailure
 */
export async function takeAll<T>(
  files: Files,
  schema: z.ZodType<{ readonly event: T }>,
): Promise<{ readonly taken: readonly Taken<T>[]; readonly aside: readonly string[] }> {
  const names = await onFile(INBOX, () => files.list(INBOX));
  const taken: Taken<T>[] = [];
  const aside: string[] = [];
  for (const name of names.filter(each => NAME.test(each))) {
    const path = `${INBOX}/${name}`;
    const { value, damage } = await readRenewable(path, () => readDocument(files, path, schema), undefined);
    if (damage) aside.push(await putAside(files, path));
    // Undefined where another has settled it meanwhile.
    else if (value) taken.push({ name, event: value.event });
  }
  return { taken, aside };
}

/** Removes events that have had their effect. @throws StateFailure */
export async function settled(files: Files, taken: readonly Taken<unknown>[]): Promise<void> {
  for (const { name } of taken) {
    const path = `${INBOX}/${name}`;
    await onFile(path, () => files.remove(path));
  }
}
