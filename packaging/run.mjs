import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the user has to read, and the exit code that goes with it. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Does the work and turns a Failure into its sentence and exit code. */
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    process.exitCode = error.exitCode;
  }
}

export const say = sentence => console.error(`lvsctl: ${sentence}`);

export const works = (file, ...args) => spawnSync(file, args, { cwd: root, stdio: 'ignore' }).status === 0;

// What a step prints is not the command's output: it goes to standard error, or nowhere if it only tells its progress.
export function run(file, args, output = 2) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', output, 2] });
  if (error) throw new Failure(`cannot run ${file}: ${error.message}`, 69);
  if (status !== 0) throw new Failure(`failed: ${[file, ...args].join(' ')}`);
}

export function capture(file, args) {
  const { status, error, stdout } = spawnSync(file, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
  });
  if (error) throw new Failure(`cannot run ${file}: ${error.message}`, 69);
  if (status !== 0) throw new Failure(`failed: ${[file, ...args].join(' ')}`);
  return stdout.trim();
}
