// Bundles src/main.ts into dist/: parts, of which a verb loads those that it needs, all in one file; what V8 makes of them,
// in another; and main.js, which starts them. And src/guest.ts, whole: in the lab's emulated machine a single module
// starts far sooner than many.

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
import { build, transform } from 'esbuild';
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
    format: 'esm',
    splitting: true,
    chunkNames: '[hash]',
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

/** A part by the name that others give it, as a script that is a function: it has to be loaded by hand. */
const parts = await Promise.all(
  program.outputFiles.map(async file => {
    const { code } = await transform(file.text.replace(/^#!.*/, ''), {
      format: 'cjs',
      platform: 'node',
      target: options.target,
      minifyWhitespace: true,
      minifySyntax: true,
      supported: { 'dynamic-import': false },
    });
    // Only ASCII, so that reading it takes no decoding; what esbuild leaves stands in regular expressions.
    const ascii = code.replace(/[^\0-\x7f]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return {
      name: `./${basename(file.path)}`,
      text: `(function (require, exports, module, launchedFrom) {${ascii}\n})\n`,
    };
  }),
);
const script = parts.map(one => one.text).join('');
// The names go with the content: a start never finds code that was made of another text.
const name = `lvsctl-${createHash('sha256').update(script).digest('hex').slice(0, 12)}`;
const scriptPath = join(dist, `${name}.cjs`);
const codePath = join(dist, `${name}-${process.versions.v8}.code`);

// Only what differs is written, and whole: a program that runs from dist/ meanwhile never sees half a file.
const files = new Map([
  [scriptPath, script],
  ...(existsSync(codePath) ? [] : [[codePath, codeOfAll()]]),
  [join(dist, 'lab-guest.mjs'), guest.outputFiles[0].text],
  // A script starts sooner than a module.
  [join(dist, 'package.json'), '{ "type": "commonjs" }\n'],
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

/** dist/main.js: runs the parts with the code that V8 has made of them. Where that is of another V8, it makes its own. */
function launcher() {
  let begin = 0;
  let line = 0;
  const places = parts.map(({ name: part, text }, index) => {
    const place = [part, [index, begin, begin + text.length, line]];
    begin += text.length;
    line += text.split('\n').length - 1;
    return place;
  });
  return `#!/usr/bin/env node
'use strict';
const { openSync, readSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');
const parts = new Map(${JSON.stringify(places)});
const filename = join(__dirname, '${name}.cjs');
const text = openSync(filename);
let code;
try {
  code = openSync(join(__dirname, \`${name}-\${process.versions.v8}.code\`));
} catch {}
// Only what is needed is read: a program that stays does not keep the rest in memory. The files stay open, since
// another build may take them away meanwhile.
const bytes = (file, from, length) => {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, from));
};
const head = code === undefined ? Buffer.alloc(0) : bytes(code, 0, 4 * parts.size);
const codes = [];
for (let at = 4 * parts.size, n = 0; 4 * n < head.length; n++) {
  const length = head.readUInt32LE(4 * n);
  codes.push([at, length]);
  at += length;
}
const launchedFrom = pathToFileURL(__filename).href;
const loaded = new Map();
const load = name => {
  const part = parts.get(name);
  if (!part) return require(name);
  let module = loaded.get(name);
  if (module) return module.exports;
  loaded.set(name, (module = { exports: {} }));
  const [index, begin, end, lineOffset] = part;
  const cachedData = codes[index] && bytes(code, ...codes[index]);
  const source = bytes(text, begin, end - begin).toString('latin1');
  const script = new Script(source, { filename, lineOffset, cachedData });
  script.runInThisContext()(load, module.exports, module, launchedFrom);
  return module.exports;
};
load('./lvsctl.js');
`;
}

/** What V8 makes of each part: the length of each, then all of them. */
function codeOfAll() {
  const codes = parts.map(({ text }) => codeOf(text));
  const lengths = Buffer.alloc(4 * codes.length);
  for (const [index, one] of codes.entries()) lengths.writeUInt32LE(one.length, 4 * index);
  return Buffer.concat([lengths, ...codes]);
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
