import * as z from 'zod';
import { CHECKER_UNITS, type FilesChange, isFilePath, type UnitStep } from '../table/renewed.js';
import { text } from './values.js';

const steps: z.ZodType<readonly UnitStep[]> = z.array(
  z.strictObject({
    act: z.enum(['stop', 'start', 'disable', 'enable']),
    unit: z.enum(CHECKER_UNITS),
  }),
);

export const filesChange: z.ZodType<FilesChange> = z.strictObject({
  files: z.array(
    z.strictObject({
      path: text('an absolute path', isFilePath),
      act: z.enum(['make', 'renew']),
    }),
  ),
  units: z.boolean(),
  reloads: z.array(z.enum(['keepalived', 'mon', 'heartbeat'])),
  handover: z.strictObject({ first: steps, last: steps }).exactOptional(),
});
