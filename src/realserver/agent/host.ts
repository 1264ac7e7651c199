import type { Files } from '../../system/ports.js';

/** The first line of a file of the kernel's; empty where there is none. */
export type FirstLine = (path: string) => string;

/** Of each file as much as its first line can be. */
const LONGEST = 4096;

export function firstLines(files: Files): FirstLine {
  return path => firstLineOf(textOf(files, path, LONGEST));
}

/** The start of a file of the kernel's; empty where there is none. */
export function textOf(files: Files, path: string, most: number): string {
  try {
    // Not a decoder: each of those takes memory that is not counted as garbage.
    return Buffer.from(files.readNow(path, most)).toString();
  } catch {
    // Not this kernel, not this kind of host, or not for this user: what is not known is not said.
    return '';
  }
}

/** As sh(1) reads it: what else is blank to Unicode, as a byte order mark, is a part of it. */
export function firstLineOf(text: string): string {
  return text.split('\n', 1)[0]!.replaceAll(/^[ \t]+|[ \t\r]+$/g, '');
}

/** What the host has been busy for, in microseconds of all processors together; undefined where it is not known. */
export interface Cpu {
  readonly busy?: bigint;
  readonly steal?: bigint;
  /** In millionths of a processor. */
  readonly cpus?: bigint;
}

/** proc_stat(5) counts in hundredths of a second. */
const TICK = 10_000n;
export const MILLION = 1_000_000n;

/** Of the whole machine: proc_stat(5). Guests are counted in `user` already. */
export function machineCpu(first: FirstLine): Cpu {
  const words = first('/proc/stat').split(/\s+/);
  const [, user, nice, system, , , irq, softirq, steal] = words.map(numberOf);
  const parts = [user, nice, system, irq, softirq];
  const cpus = processors(first);
  return {
    ...(parts.every(one => one !== undefined) ? { busy: parts.reduce((a, b) => a + b, 0n) * TICK } : {}),
    ...(steal === undefined ? {} : { steal: steal * TICK }),
    ...(cpus === undefined ? {} : { cpus }),
  };
}

/**
 * In millionths.
 *
 * @param own a file that says which ones this host may use; without it all that are online count
 */
export function processors(first: FirstLine, own?: string): bigint | undefined {
  const line = (own === undefined ? '' : first(own)) || first('/sys/devices/system/cpu/online');
  return line === '' ? undefined : countOf(line) * MILLION;
}

/** How many there are in a list such as `0-3,5`: cpuset(7), "List format". */
function countOf(list: string): bigint {
  let count = 0n;
  for (const range of list.split(',')) {
    const [from = 0n, to = from] = range.split('-').map(numberOf);
    count += to - from + 1n;
  }
  return count;
}

/** A whole number from 0 on, as the kernel writes it. */
export function numberOf(text: string): bigint | undefined {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}
