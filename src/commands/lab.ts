import { join } from 'node:path';
import { tellDemo } from './lab/demo.js';
import type { Run } from './context.js';

/** What `lab` can do; each gets the whole context. */
export const run: Run = context => tellDemo(context, join(context.workingDirectory, 'lvsctl-demo'));
