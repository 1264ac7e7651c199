// Bundles the lab's scenarios into one file: in the emulated machine a single module starts far sooner than hundreds.

import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './run.mjs';

await build({
  absWorkingDir: root,
  entryPoints: ['tap-tests/lab/run.ts'],
  outfile: join(root, 'build/lab/scenarios.js'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  keepNames: true,
  legalComments: 'none',
  banner: {
    js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
  },
  logLevel: 'warning',
}).catch(() => process.exit(1)); // esbuild has said why.
