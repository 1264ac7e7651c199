import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createNet } from '../../src/system/net.js';
import { createRunner } from '../../src/system/runner.js';

const runner = createRunner();
const run: typeof runner.run = (program, args, options) => runner.run(program, args, options);

test('what a program prints and its exit code come back', async t => {
  t.deepEqual(await run('sh', ['-c', 'echo out; echo err >&2; exit 3']), {
    exitCode: 3,
    stdout: 'out\n',
    stderr: 'err\n',
    missing: false,
    timedOut: false,
  });
});

test('a program that does not exist, or may not be run, is missing', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'no-program'), '#!/bin/sh\n', { mode: 0o644 });
  for (const program of ['no-such-program-anywhere', '/nowhere/program', join(folder, 'no-program')]) {
    t.like(await run(program, []), { missing: true, exitCode: undefined, timedOut: false }, program);
  }
  t.like(await run('sh', ['-c', 'exit 127']), { missing: false, exitCode: 127 });
});

test('a program that takes too long is ended', async t => {
  const start = performance.now();
  t.like(await run('sleep', ['60'], { timeout: 100 }), {
    timedOut: true,
    exitCode: undefined,
    missing: false,
  });
  t.true(performance.now() - start < 5000);
});

test('a program that a signal ended has no exit code', async t => {
  t.like(await run('sh', ['-c', 'kill -9 $$']), { exitCode: undefined, missing: false, timedOut: false });
});

test('standard input is what is given, or empty', async t => {
  t.is((await run('cat', [], { input: 'line\n' })).stdout, 'line\n');
  t.is((await run('cat', [])).stdout, '');
  t.is((await run('true', [], { input: 'x'.repeat(1_000_000) })).exitCode, 0);
});

test('programs speak the language that they are parsed in', async t => {
  process.env['LANG'] = 'de_DE.UTF-8';
  t.is((await run('sh', ['-c', 'echo $LC_ALL'])).stdout, 'C\n');
});

test('no shell reads the arguments', async t => {
  const words = ['$HOME', '`id`', 'a b', '*', "'", ';', ''];
  t.is((await run('printf', ['%s\\n', ...words])).stdout, words.map(word => `${word}\n`).join(''));
});

test('this host has a name and addresses, without zones', t => {
  const net = createNet();
  t.regex(net.hostName(), /^\S+$/);
  t.true(net.addresses().includes('127.0.0.1'));
  t.true(net.addresses().every(address => !address.includes('%')));
});
