import * as z from '../diagnostic/zod.js';
import { isInterface } from '../cluster/naming.js';
import {
  type FoundThere,
  isSettingPath,
  type MachineChange,
  type PlacedAddress,
  type Possessions,
} from '../table/machine.js';
import { address, integer, line, text } from './values.js';

export const placedAddress: z.ZodType<PlacedAddress> = z.strictObject({
  address,
  prefix: integer(0, 128),
  interface: text('the name of an interface', isInterface),
});

const path = text('a path below /proc/sys', isSettingPath);

const possessions: z.ZodType<Possessions> = z.strictObject({
  addresses: z.array(placedAddress),
  marks: z.string().max(16_000_000).nullable().exactOptional(),
  settings: z.array(z.strictObject({ path, value: line })),
});

export const machineChange: z.ZodType<MachineChange> = z.strictObject({
  before: possessions,
  after: possessions,
});

export const foundThere: z.ZodType<FoundThere> = z.strictObject({
  addresses: z.array(address),
  marks: z.string().max(16_000_000).nullable(),
});
