import type { Runner } from '../system/ports.js';
import { type LabEvent, parseEvent } from './events.js';

export interface MachineOrder {
  /** The script lab/boot.sh. */
  readonly boot: string;
  readonly job: Uint8Array;
  /** Files and folders that go into the job under their own names. */
  readonly added: readonly string[];
  readonly megabytes: number;
  /** After which a machine that has not come to its end is taken for hung; 0 = never. */
  readonly seconds: number;
  /** It gets the terminal of this process. */
  readonly terminal: boolean;
  readonly signal: AbortSignal;
}

/** Who is told what, as it comes. */
export interface MachineWatch {
  event(event: LabEvent): void;
  /** What the recipe says that it does. */
  note(text: string): void;
  /** What else was printed, by whatever runs in the machine. */
  words(line: string): void;
}

/** How it ended: `reason` is undefined where all that was ordered is done. */
export interface MachineEnd {
  /** Of the user's last command, where there was one. */
  readonly status: number;
  readonly reason?: string;
  /** A program or the permission that the recipe needs is missing. */
  readonly lacks?: 'program' | 'permission';
}

/** lab/boot.sh, whose exit codes these are. */
const PROGRAM_MISSING = 69;
const NOT_PERMITTED = 77;
const NOTE = 'lab: ';
const ERROR = 'lab: error: ';

/** Boots the machine for one job. Where `signal` or this process's end cuts it short, nothing is left of it. */
export async function runMachine(
  runner: Runner,
  order: MachineOrder,
  watch: MachineWatch,
): Promise<MachineEnd> {
  let error: string | undefined;
  let failure: string | undefined;
  let status: number | undefined;
  const line = (text: string): void => {
    const event = parseEvent(text);
    if (event?.event === 'done') status = event.status;
    else if (event?.event === 'failed') failure = event.message;
    else if (event) watch.event(event);
    else if (text.startsWith(ERROR)) error = text.slice(ERROR.length);
    else if (text.startsWith(NOTE)) watch.note(text.slice(NOTE.length));
    else watch.words(text);
  };
  const words = ['-t', String(order.seconds), '-m', String(order.megabytes)];
  for (const path of order.added) words.push('-a', path);
  if (order.terminal) words.push('-i');
  // It dies with this process. What it says of itself comes in order with what the machine says.
  const command = ['--pdeathsig', 'TERM', 'sh', '-c', 'exec sh "$0" "$@" 2>&1', order.boot];
  const result = await runner.follow('setpriv', [...command, ...words, '-'], line, {
    input: order.job,
    signal: order.signal,
  });
  if (result.missing) return { status: 1, reason: 'setpriv (util-linux) is missing', lacks: 'program' };
  if (failure !== undefined) return { status: 1, reason: failure };
  if (result.exitCode === 0 && status !== undefined) return { status };
  if (result.exitCode === PROGRAM_MISSING || result.exitCode === NOT_PERMITTED) {
    const lacks = result.exitCode === PROGRAM_MISSING ? 'program' : 'permission';
    return { status: 1, reason: error ?? 'its recipe failed', lacks };
  }
  return { status: 1, reason: error ?? 'the program inside the machine broke off' };
}
