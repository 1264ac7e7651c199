import * as z from 'zod';
import { isInterface } from '../cluster/naming.js';
import { address, integer, line, text } from './values.js';

/** An address of the active director, on its interface. */
export interface PlacedAddress {
  readonly address: string;
  readonly prefix: number;
  readonly interface: string;
}

/** What a director has besides its table, as far as it changes with the cluster. */
export interface Possessions {
  readonly addresses: readonly PlacedAddress[];
  /** Rules for `nft -f`, null for none; undefined where they do not change. */
  readonly marks?: string | null;
  /** Files below /proc/sys, and what they say. */
  readonly settings: readonly { readonly path: string; readonly value: string }[];
}

/** What changes on the machine besides the table: what goes, and what comes. */
export interface MachineChange {
  readonly before: Possessions;
  readonly after: Possessions;
}

const placedAddress: z.ZodType<PlacedAddress> = z.strictObject({
  address,
  prefix: integer(0, 128),
  interface: text('the name of an interface', isInterface),
});

/** No way out of /proc/sys. */
const path = text(
  'a path below /proc/sys',
  it => /^[A-Za-z0-9_./-]{1,255}$/.test(it) && !it.split('/').includes('..'),
);

const possessions: z.ZodType<Possessions> = z.strictObject({
  addresses: z.array(placedAddress),
  marks: z.string().max(16_000_000).nullable().exactOptional(),
  settings: z.array(z.strictObject({ path, value: line })),
});

export const machineChange: z.ZodType<MachineChange> = z.strictObject({
  before: possessions,
  after: possessions,
});

/** What was there before the first generation, and stays when it goes. */
export interface FoundThere {
  readonly addresses: readonly string[];
  readonly marks: string | null;
}

export const foundThere: z.ZodType<FoundThere> = z.strictObject({
  addresses: z.array(address),
  marks: z.string().max(16_000_000).nullable(),
});
