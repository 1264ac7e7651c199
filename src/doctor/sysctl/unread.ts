import { quote } from '../../diagnostic/quote.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { type Assignment, isAssignment, readSysctlLines, type SysctlLine } from './files.js';
import { numbersIn } from './numbers.js';

export const unread: Check = {
  name: 'sysctl-lines',
  about: "the lines of the files of sysctl.d about the network's settings say what they seem to say",
  async examine({ ports: { files } }) {
    return judgeLines(await readSysctlLines(files));
  },
};

/** As systemd-sysctl(8) 252 and sysctl(8) of procps 4.0.2 read them. */
export function judgeLines(lines: readonly SysctlLine[]): Finding[] {
  return lines
    .filter(({ path, exempts }) => path.startsWith('net/') && !exempts)
    .flatMap(line => (isAssignment(line) ? commented(line) : withoutValue(line)));
}

function withoutValue({ file: subject, line, key }: SysctlLine): Finding[] {
  const what = `${subject}:${line}: ${quote(key)} has no "=", and sets nothing`;
  const [, name, value] = /^([\w./*?-]{1,80}):?\s+(-?\d{1,20})$/.exec(key) ?? [];
  const help = name === undefined ? 'write KEY = VALUE' : `write ${name} = ${value}`;
  return [{ code: 'sysctl-no-assignment', subject, what, help: `${help} instead, and run sysctl --system` }];
}

function commented({ file: subject, line, value }: Assignment): Finding[] {
  if (!/[#;]/.test(value)) return [];
  const numbers = numbersIn(value);
  const taken = numbers === value ? 'nothing' : numbers;
  const what = `${subject}:${line}: the comment in ${quote(value)} is a part of the value, of which the kernel takes ${taken} where it wants a number`;
  return [
    { code: 'sysctl-comment', subject, what, help: 'give the comment a line of its own, in front of this' },
  ];
}
