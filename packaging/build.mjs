// Bundles src/main.ts into dist/: one small file for the start, the rest in chunks that are loaded when used. And
// src/guest.ts, whole: in the lab's emulated machine a single module starts far sooner than many.

import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { root, say } from './run.mjs';

const dist = join(root, 'dist');
const main = join(dist, 'main.js');

const options = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  // Names in the stack traces of bug reports are worth a few kilobytes.
  keepNames: true,
  legalComments: 'none',
  // Some libraries are CommonJS and call require for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
  },
  logLevel: 'warning',
  write: false,
};
const built = await Promise.all([
  build({ ...options, entryPoints: ['src/main.ts'], splitting: true }),
  build({ ...options, entryPoints: { 'lab-guest': 'src/guest.ts' } }),
]).catch(() => process.exit(1)); // esbuild has said why.

// Only what differs is written, and whole: a program that runs from dist/ meanwhile never sees half a file.
const files = new Map(
  built
    .flatMap(one => one.outputFiles)
    .map(({ path, text }) => [path, path === main ? executable(text) : text]),
);
const changed = [...files].filter(([path, text]) => contentOf(path) !== text);
mkdirSync(dist, { recursive: true });
mkdirSync(join(root, 'build'), { recursive: true });
for (const [path, text] of changed) {
  const temporary = join(root, 'build', `${basename(path)}.${process.pid}`);
  writeFileSync(temporary, text);
  chmodSync(temporary, path === main ? 0o755 : 0o644);
  renameSync(temporary, path);
}
for (const name of readdirSync(dist)) {
  if (!files.has(join(dist, name))) rmSync(join(dist, name), { recursive: true, force: true });
}
if (changed.length > 0) {
  const sizes = [...files.keys()].map(path => statSync(path).size / 1024);
  const sum = sizes.reduce((a, b) => a + b, 0);
  say(`built dist/: ${files.size} files, ${Math.round(sum)} KiB`);
}

function executable(text) {
  return text.startsWith('#!') ? text : `#!/usr/bin/env node\n${text}`;
}

function contentOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
