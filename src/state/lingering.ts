import * as z from '../diagnostic/zod.js';
import type { Files } from '../system/ports.js';
import type { PlacedAddress } from '../table/machine.js';
import { readDocument, readRenewable, type Renewable, writeDocument } from './documents.js';
import { onFile } from './failure.js';
import { tableLines } from './generation.js';
import { placedAddress } from './machine.js';
import type { Due } from './moment.js';
import { LINGERING } from './paths.js';
import { due, number, serviceKey } from './values.js';

/**
 * What an apply has let go and what is still there, at weight 0, for its connections. Whoever brings the table to what
 * runs meanwhile leaves it there. It does not outlive the boot, since the table does not.
 */
export interface Lingering {
  /** The generation without them. */
  readonly generation: number;
  /** When they go, whatever connections they have and whoever waited for these. */
  readonly due: Due;
  /** By `serviceKey`: the services that go whole. */
  readonly services: readonly string[];
  /** Lines of ipvsadm(8): each service with those of its servers that go. */
  readonly lines: readonly string[];
  /** The addresses that go with them. */
  readonly addresses: readonly PlacedAddress[];
}

const lingering: z.ZodType<Lingering> = z.strictObject({
  generation: number,
  due,
  services: z.array(serviceKey),
  lines: tableLines,
  addresses: z.array(placedAddress),
});

/** While an apply is at work: for what runs and for what is to run, whichever then does. */
const schema = z.strictObject({ all: z.array(lingering) });

/**
 * Of the generation that runs. Of a file that cannot be used they go with the next change.
 *
 * @throws StateFailure
 */
export async function readLingering(
  files: Files,
  current: number | undefined,
): Promise<Renewable<Lingering | undefined>> {
  const read = async (): Promise<Lingering | undefined> => {
    const found = await readDocument(files, LINGERING, schema);
    return found?.all.find(({ generation }) => generation === current);
  };
  return await readRenewable(LINGERING, read, undefined);
}

/** @param all each of another generation @throws StateFailure */
export async function writeLingering(files: Files, all: readonly Lingering[]): Promise<void> {
  if (all.length === 0) return await removeLingering(files);
  const kept = all.map(({ generation, due: until, services, lines, addresses }) => ({
    generation,
    due: until,
    services,
    lines,
    addresses,
  }));
  await writeDocument(files, LINGERING, { all: kept });
}

/** @throws StateFailure */
export async function removeLingering(files: Files): Promise<void> {
  await onFile(LINGERING, () => files.remove(LINGERING));
}
