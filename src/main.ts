#!/usr/bin/env node
import { closeSync, existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { EXIT, Failure } from './commands/exit.js';
import type { Surroundings } from './commands/context.js';
import { runProgram } from './commands/program.js';
import { createClock } from './system/clock.js';
import { createFiles } from './system/files.js';
import { createNet } from './system/net.js';
import { firstBytes } from './system/pipe.js';
import { createRunner } from './system/runner.js';
import { startedBy } from './system/started.js';
import { openTerminal } from './system/terminal.js';

const argv = process.argv.slice(2);

/** dist/main.js and build/src/main.js lie at different depths below the package. What lies beside them is not its own. */
function packageRoot(): string {
  let folder = dirname(dirname(fileURLToPath(import.meta.url)));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function coloured(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR: noColour, TERM: term } = process.env;
  // Undefined, not false, where no terminal is; that would leave the choice to the library of colours.
  if (!stream.isTTY) return false;
  return !noColour && term !== 'dumb' && !argv.includes('--no-color');
}

/** Whether a terminal is there, with a cursor that can be moved. */
function isScreen(): boolean {
  const { TERM: term = 'dumb' } = process.env;
  return process.stdin.isTTY && process.stdout.isTTY && term !== 'dumb';
}

/** As much of a name as the kept files take. */
const LONGEST_NAME = 200;

function userName(): string {
  const before = process.env['SUDO_USER'];
  if (before) return before.slice(0, LONGEST_NAME);
  try {
    return userInfo().username;
  } catch {
    // A user whom /etc/passwd does not have.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

async function standardInput(most: number): Promise<Uint8Array> {
  try {
    return await firstBytes(addAbortSignal(stop.signal, process.stdin) as AsyncIterable<Buffer>, most);
  } catch (error) {
    if (stop.signal.aborted) throw new Failure(EXIT.interrupted, 'interrupted: nothing was read');
    throw error;
  }
}

/** The errors of an output that nobody reads any more: a pipe, a terminal, and either once more. */
const GONE = new Set(['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']);

let undisturbed = 0;
let interrupts = 0;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The first one lets the file in hand be finished; the second one does not wait.
    if (++interrupts > 1) process.exit(EXIT.interrupted);
    stop.abort();
  });
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.has(error.code ?? '')) throw error;
    // Whoever read our output has seen enough: `lvsctl … | head`. What has begun on a director is ended all the same.
    if (undisturbed === 0) process.exit(process.exitCode ?? EXIT.done);
  });
}

const root = packageRoot();
const surroundings: Surroundings = {
  ports: { runner: createRunner(), files: createFiles(), net: createNet(), clock: createClock() },
  version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
  packageRoot: root,
  workingDirectory: process.cwd(),
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  outColour: coloured(process.stdout),
  errColour: coloured(process.stderr),
  stdin: standardInput,
  close: closeSync,
  interrupted: () => interrupts > 0,
  async undisturbed(act) {
    undisturbed++;
    try {
      return await act();
    } finally {
      undisturbed--;
    }
  },
  stop: stop.signal,
  inTerminal: process.stdin.isTTY,
  errTerminal: process.stderr.isTTY,
  ...(isScreen() ? { openTerminal } : {}),
  node: process.execPath,
  program: startedBy(process.execPath, fileURLToPath(import.meta.url), () =>
    readFileSync('/proc/self/cmdline', 'utf8').split('\0'),
  ),
  pid: process.pid,
  user: userName(),
  monAlertType: process.env['MON_ALERTTYPE'],
  searchPath: process.env['PATH'] ?? '',
  labAccelerator: process.env['LVSCTL_LAB_ACCEL'],
};

async function main(): Promise<void> {
  try {
    process.exitCode = await runProgram(argv, surroundings);
  } catch (error) {
    if (error instanceof Failure) {
      surroundings.err(`lvsctl: ${error.message}\n`);
      if (error.help) surroundings.err(`  help: ${error.help}\n`);
      process.exitCode = error.exitCode;
    } else {
      surroundings.err(
        `lvsctl: this is a bug; please report it with what follows\n${(error as Error).stack}\n`,
      );
      process.exitCode = EXIT.bug;
    }
  }
  if (interrupts > 0) process.exitCode = EXIT.interrupted;
}

// It is bundled as a script, which cannot wait at its top.
void main();
