import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = `${ROOT}dist/main.js`;
const PEAK = new URL('peak.js', import.meta.url).href;

/** Arguments of Node. */
export type Command = readonly string[];

export function lvsctl(...args: string[]): Command {
  return [PROGRAM, ...args];
}

function run(command: Command, env: Record<string, string> = {}): void {
  const { status, stderr, error } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${error?.message ?? stderr}`);
}

/** What has to be undone between two runs, so that each has the same to do. */
type Prepare = () => void;

/**
 * Median milliseconds of each command. They take turns, A B A B, so that a busy moment of the machine meets all;
 * the first round is not counted.
 */
export function medians(commands: readonly Command[], rounds: number, prepare: Prepare = () => {}): number[] {
  const times = commands.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, command] of commands.entries()) {
      prepare();
      const start = performance.now();
      run(command);
      if (round > 0) times[index]!.push(performance.now() - start);
    }
  }
  return times.map(median);
}

/** The most memory that a command held at once, in MB, as the kernel counts it (VmHWM). */
export function peakMemory(command: Command, prepare: Prepare = () => {}): number {
  prepare();
  const file = `${ROOT}build/peak.${process.pid}`;
  run(['--import', PEAK, ...command], { LVSCTL_PEAK_FILE: file });
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8')) ?? [];
  rmSync(file);
  return Number(kilobytes) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
