import assert from 'node:assert/strict';
import type { Host, Lab } from '../../src/lab/lab.js';
import { must, patiently } from './lvsctl.js';
import { note, secondsSince } from './notes.js';

/** What the doctor says, as data. */
export interface Said {
  readonly exitCode: number;
  readonly findings: readonly {
    readonly code: string;
    readonly subject: string;
    readonly what: string;
    readonly commands: readonly string[];
  }[];
  readonly unknown: readonly { readonly check: string; readonly why: string }[];
}

/** Where the machine is so busy that a program has not answered in time, it is asked once more. */
export async function doctor(lab: Lab, host: Host, words = '', tries = 3): Promise<Said> {
  const start = performance.now();
  const { stdout, stderr, exitCode } = await patiently(lab, host, `lvsctl doctor -o json ${words}`);
  note(`lvsctl doctor ${words}: ${secondsSince(start)} s`);
  assert.match(stdout, /^\{/, stderr);
  const said = { ...(JSON.parse(stdout) as Omit<Said, 'exitCode'>), exitCode: exitCode! };
  const late = said.unknown.filter(({ why }) => why.includes('gave no answer'));
  for (const { check, why } of late) note(`${check}: ${why}`);
  return late.length > 0 && tries > 1 ? await doctor(lab, host, words, tries - 1) : said;
}

/** `code subject`, sorted. */
export function found({ findings }: Said): string[] {
  return findings.map(({ code, subject }) => `${code} ${subject}`).toSorted();
}

/** Nothing is wrong, and all but the clock can be known: the lab's hosts have no systemd. */
export function assertWhole(said: Said): void {
  assert.deepEqual(said.findings, []);
  assert.deepEqual(
    said.unknown.map(({ check }) => check),
    ['clock'],
  );
  assert.equal(said.exitCode, 0);
}

/** Types each command that the doctor printed. */
export async function obey(lab: Lab, host: Host, { findings }: Said): Promise<void> {
  const commands = new Set(findings.flatMap(one => one.commands));
  await must(lab, host, `set -e\n${[...commands].join('\n')}`);
}
