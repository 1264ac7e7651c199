import { harmless } from '../../diagnostic/quote.js';
import type { Setting } from '../../render/director/duties.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { isAssignment, matches, readSysctlLines, type SysctlLine } from './files.js';
import { numbersIn } from './numbers.js';

export const contrary: Check = {
  name: 'sysctl-files',
  about: 'no file of sysctl.d sets back what this host needs',
  async examine(patient) {
    const told = await patient.setUp();
    const wanted = [...((await patient.duties())?.settings ?? []), ...settingsIn(told?.words ?? [])];
    if (wanted.length === 0) return undefined;
    return judgeFiles(await readSysctlLines(patient.ports.files), wanted);
  },
};

/** The settings that the script of real servers sets, in place or not: `KIND: sysctl PATH VALUE`. */
export function settingsIn(words: readonly string[]): Setting[] {
  return words.flatMap(one => {
    const [, path, value] = /^(?:missing|in place): sysctl (\S+) (.+)$/.exec(one) ?? [];
    return path === undefined || value === undefined ? [] : [{ path, value }];
  });
}

/** What does as well as what is rendered. */
const AS_GOOD: Readonly<Record<string, readonly string[]>> = {
  rp_filter: ['0', '2'],
  arp_ignore: ['1', '2'],
};

/**
 * Of several lines for one setting the last that names it counts, or exempts it; else the last whose wild cards match
 * (sysctl.d(5)).
 */
export function judgeFiles(all: readonly SysctlLine[], wanted: readonly Setting[]): Finding[] {
  const findings = new Map<string, Finding>();
  const lines = all.filter(one => isAssignment(one) || one.exempts);
  for (const { path, value } of wanted) {
    const line = lines.findLast(one => one.path === path) ?? lines.findLast(one => matches(one.path, path));
    if (!line || !isAssignment(line)) continue;
    const set = numbersIn(line.value);
    if (set === numbersIn(value) || AS_GOOD[path.split('/').at(-1)!]?.includes(set)) continue;
    const at = `${line.file}:${line.line}`;
    const what = `${at}: ${harmless(line.key.slice(0, 80))} = ${harmless(line.value.slice(0, 40))} is not the ${value} that this host needs`;
    const help = 'take the line out: a boot, or sysctl --system, goes by it';
    findings.set(at, { code: 'sysctl-contrary', subject: line.file, what, help });
  }
  return [...findings.values()];
}
