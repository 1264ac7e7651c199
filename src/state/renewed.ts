import * as z from 'zod';
import { type FilesChange, isFilePath } from '../table/renewed.js';
import { text } from './values.js';

export const filesChange: z.ZodType<FilesChange> = z.strictObject({
  files: z.array(
    z.strictObject({
      path: text('an absolute path', isFilePath),
      act: z.enum(['make', 'renew']),
    }),
  ),
  units: z.boolean(),
  reloads: z.array(z.enum(['keepalived', 'mon', 'heartbeat'])),
});
