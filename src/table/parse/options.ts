import type { Span } from '../../diagnostic/source.js';

export interface Word extends Span {
  readonly text: string;
}

/** ipvsadm(8)'s long names, and the short one that stands for each; those without one stand for themselves. */
const SHORT: Readonly<Record<string, string>> = {
  '--add-service': '-A',
  '--add-server': '-a',
  '--clear': '-C',
  '--tcp-service': '-t',
  '--udp-service': '-u',
  '--fwmark-service': '-f',
  '--scheduler': '-s',
  '--persistent': '-p',
  '--netmask': '-M',
  '--real-server': '-r',
  '--masquerading': '-m',
  '--ipip': '-i',
  '--gatewaying': '-g',
  '--weight': '-w',
  '--u-threshold': '-x',
  '--l-threshold': '-y',
  '--ipv6': '-6',
  '--ops': '-o',
  '--sched-flags': '-b',
};

/** The option that a word is, by its short name where it has one. */
export function optionName(word: string): string {
  return SHORT[word] ?? word;
}

/** Options with a value, by command; `-p` and, in what ipvsadm prints, `-b` may go without. */
const VALUED: Readonly<Record<string, readonly string[]>> = {
  '-A': ['-t', '-u', '--sctp-service', '-f', '-s', '-p', '-M', '--pe', '-b'],
  '-a': ['-t', '-u', '--sctp-service', '-f', '-r', '-w', '-x', '-y', '--tun-type', '--tun-port'],
};
const OPTIONAL = new Set(['-p', '-b']);
const BARE: Readonly<Record<string, readonly string[]>> = {
  '-A': ['-6', '-o'],
  '-a': ['-6', '-g', '-m', '-i', '--tun-csum', '--tun-nocsum', '--tun-remcsum'],
};

export interface Given {
  readonly name: Word;
  /** Absent for a switch. */
  readonly value?: Word;
}

export type Options = ReadonlyMap<string, Given>;

/**
 * The options of a line behind its command, each at most once, or the word that is none of them.
 *
 * @param command `-A` or `-a`
 */
export function readOptions(
  command: '-A' | '-a',
  words: readonly Word[],
): Options | { readonly unexpected: Word; readonly why: string } {
  const options = new Map<string, Given>();
  for (let index = 0; index < words.length; index++) {
    const name = words[index]!;
    const [option, attached] = splitAttached(name);
    if (options.has(option)) return { unexpected: name, why: 'it is there twice' };
    if (BARE[command]!.includes(option) && attached === undefined) options.set(option, { name });
    else if (VALUED[command]!.includes(option)) {
      const next = words[index + 1];
      const value = attached ?? (next && isValue(next.text, option) ? next : undefined);
      if (!value && !OPTIONAL.has(option)) return { unexpected: name, why: 'its value is missing' };
      if (value && value === next) index++;
      options.set(option, value ? { name, value } : { name });
    } else return { unexpected: name, why: `ipvsadm ${command} has no such option` };
  }
  return options;
}

/** Values may be negative: ipvsadm prints marks above 2^31 so, among them -6, which is an option as well. */
function isValue(text: string, option: string): boolean {
  return !/^-\D/.test(text) && !(text === '-6' && OPTIONAL.has(option));
}

/** `--weight=3` → `-w` and `3`. */
function splitAttached(word: Word): [string, Word?] {
  const at = word.text.startsWith('--') ? word.text.indexOf('=') : -1;
  if (at === -1) return [optionName(word.text)];
  const value = { text: word.text.slice(at + 1), start: word.start + at + 1, end: word.end };
  return [optionName(word.text.slice(0, at)), value];
}
