import { randomBytes } from 'node:crypto';
import type * as z from '../diagnostic/zod.js';
import type { Clock, Files } from '../system/ports.js';
import { type Damage, damaged, readDocument, readRenewable, writeDocument } from './documents.js';
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

export const NAME = /^\d{18}-[0-9a-f]{12}\.json$/;

/** Puts an event into the inbox, or into another folder. @returns its name there @throws StateFailure */
export async function drop(files: Files, clock: Clock, event: object, folder = INBOX): Promise<string> {
  // The boot's clock never steps, so the names are in the order of the events; the folder does not outlive the boot.
  const order = String(Math.round(clock.elapsed() * 1000)).padStart(18, '0');
  const name = `${order}-${randomBytes(6).toString('hex')}.json`;
  await writeDocument(files, `${folder}/${name}`, { event });
  return name;
}

/** Whether an event still waits. @throws StateFailure */
export async function waits(files: Files, name: string): Promise<boolean> {
  const path = `${INBOX}/${name}`;
  return (await onFile(path, () => files.look(path))) !== undefined;
}

/** Whether any event waits. @throws StateFailure */
export async function isAnyWaiting(files: Files): Promise<boolean> {
  return (await names(files)).length > 0;
}

async function names(files: Files): Promise<string[]> {
  return (await onFile(INBOX, () => files.list(INBOX))).filter(each => NAME.test(each));
}

/**
 * All events, in the order in which they happened, and the files of which no event can be made.
 *
 * @param schema of `{ event }`
 * @throws StateFailure
 */
export async function takeAll<T>(
  files: Files,
  schema: z.ZodType<{ readonly event: T }>,
): Promise<{ readonly taken: readonly Taken<T>[]; readonly damaged: readonly Damage[] }> {
  const taken: Taken<T>[] = [];
  const damaged: Damage[] = [];
  for (const name of await names(files)) {
    const path = `${INBOX}/${name}`;
    const { value, damage } = await readRenewable(path, () => readFile(files, path, schema), undefined);
    if (damage) damaged.push(damage);
    // Undefined where another has settled it meanwhile.
    else if (value) taken.push({ name, event: value.event });
  }
  return { taken, damaged };
}

/** Bytes. An event has some hundred; who reads a larger file has no memory left for the others. */
const LARGEST = 65_536;

/** @throws StateFailure: `damaged` also for what is no file, and keeps nobody from the others */
async function readFile<T>(files: Files, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const entry = await onFile(path, () => files.look(path));
  if (entry && entry.kind !== 'file') throw damaged(path, 'it is no regular file');
  if (entry && entry.size > LARGEST) throw damaged(path, `it has ${entry.size} bytes, which no event has`);
  return await readDocument(files, path, schema);
}

/** Removes events that have had their effect. @throws StateFailure */
export async function settled(files: Files, taken: readonly Taken<unknown>[]): Promise<void> {
  for (const { name } of taken) {
    const path = `${INBOX}/${name}`;
    await onFile(path, () => files.remove(path));
  }
}
