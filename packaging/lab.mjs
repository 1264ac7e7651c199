// Bundles the lab's scenarios, and what renders their clusters, each into one file: in the emulated machine a single module starts far sooner than hundreds.

import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './run.mjs';

await build({
  absWorkingDir: root,
  entryPoints: { scenarios: 'tap-tests/lab/run.ts', render: 'tap-tests/lab/render.ts' },
  outdir: join(root, 'build/lab'),
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
