// Bundles src/main.ts into dist/: one script, what V8 makes of it, and main.js, which starts it. And
// src/guest.ts, whole: in the lab's emulated machine a single module starts far sooner than many.

import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { build } from 'esbuild';
import { root, say } from './run.mjs';

const dist = join(root, 'dist');
const main = join(dist, 'main.js');

const options = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  // Names in the stack traces of bug reports are worth a few kilobytes.
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
};
const [program, guest] = await Promise.all([
  build({
    ...options,
    entryPoints: { lvsctl: 'src/main.ts' },
    format: 'cjs',
    define: { 'import.meta.url': 'launchedFrom' },
  }),
  build({
    ...options,
    entryPoints: { 'lab-guest': 'src/guest.ts' },
    format: 'esm',
    // Some libraries are CommonJS and call require for Node's own modules, which an ES module does not have.
    banner: {
      js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
    },
  }),
]).catch(() => process.exit(1)); // esbuild has said why.

// Only ASCII, so that reading it takes no decoding; what esbuild leaves stands in regular expressions.
const text = program.outputFiles[0].text
  .replace(/^#!.*/, '')
  .replace(/[^\0-\x7f]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
const script = `(function (require, exports, module, launchedFrom) {${text}\n})\n`;
// The names go with the content: a start never finds code that was made of another text.
const name = `lvsctl-${createHash('sha256').update(script).digest('hex').slice(0, 12)}`;
const scriptPath = join(dist, `${name}.cjs`);
const codePath = join(dist, `${name}-${process.versions.v8}.code`);

// Only what differs is written, and whole: a program that runs from dist/ meanwhile never sees half a file.
const files = new Map([
  [scriptPath, script],
  ...(existsSync(codePath) ? [] : [[codePath, codeOf(script)]]),
  [join(dist, 'lab-guest.js'), guest.outputFiles[0].text],
  [main, launcher()],
]);
const changed = [...files].filter(([path, content]) => !contentOf(path)?.equals(Buffer.from(content)));
mkdirSync(dist, { recursive: true });
mkdirSync(join(root, 'build'), { recursive: true });
for (const [path, content] of changed) {
  const temporary = join(root, 'build', `${basename(path)}.${process.pid}`);
  writeFileSync(temporary, content);
  chmodSync(temporary, path === main ? 0o755 : 0o644);
  renameSync(temporary, path);
}
for (const one of readdirSync(dist)) {
  if (!files.has(join(dist, one)) && !one.startsWith(name)) {
    rmSync(join(dist, one), { recursive: true, force: true });
  }
}
if (changed.length > 0) {
  const sizes = [...files.keys()].map(path => statSync(path).size / 1024);
  const sum = sizes.reduce((a, b) => a + b, 0);
  say(`built dist/: ${files.size} files, ${Math.round(sum)} KiB`);
}

/** dist/main.js: runs the script with the code that V8 has made of it. Where that is of another V8, it makes its own. */
function launcher() {
  return `#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
const here = path => new URL(path, import.meta.url);
const filename = fileURLToPath(here('./${name}.cjs'));
let cachedData;
try {
  cachedData = readFileSync(here(\`./${name}-\${process.versions.v8}.code\`));
} catch {}
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
const module = { exports: {} };
script.runInThisContext()(createRequire(import.meta.url), module.exports, module, import.meta.url);
`;
}

/**
 * What V8 makes of a script, all functions compiled, for vm.Script's `cachedData`. Reading it takes less than half the
 * time of compiling what a verb needs. V8 compares its own version, its flags and the length of the script.
 */
function codeOf(text) {
  // By default V8 compiles a function when it is first called. The flag must not stay: the code is for the usual ones.
  setFlagsFromString('--no-lazy');
  const compiled = new Script(text, { filename: scriptPath });
  setFlagsFromString('--lazy');
  return compiled.createCachedData();
}

function contentOf(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
