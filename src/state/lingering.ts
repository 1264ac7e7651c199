import * as z from 'zod';
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

const schema: z.ZodType<Lingering> = z.strictObject({
  generation: number,
  due,
  services: z.array(serviceKey),
  lines: tableLines,
  addresses: z.array(placedAddress),
});

/** A file that cannot be used is put aside: they go with the next change then. @throws StateFailure */
export async function readLingering(files: Files): Promise<Renewable<Lingering | undefined>> {
  return await readRenewable(files, LINGERING, () => readDocument(files, LINGERING, schema), undefined);
}

/** @throws StateFailure */
export async function writeLingering(
  files: Files,
  { generation, due: until, services, lines, addresses }: Lingering,
): Promise<void> {
  await writeDocument(files, LINGERING, { generation, due: until, services, lines, addresses });
}

/** @throws StateFailure */
export async function removeLingering(files: Files): Promise<void> {
  await onFile(LINGERING, () => files.remove(LINGERING));
}
