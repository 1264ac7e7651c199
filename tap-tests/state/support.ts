import type { ExecutionContext } from 'ava';
import { StateFailure, type StateProblem } from '../../src/state/failure.js';
import type { JournalEntry } from '../../src/state/events.js';
import type { Generation } from '../../src/state/generation.js';
import { lastEntries } from '../../src/state/journal-entries.js';
import { isSnapshot } from '../../src/state/journal-reader.js';
import { GENERATIONS } from '../../src/state/paths.js';
import type { Moment } from '../../src/state/moment.js';
import type { Files } from '../../src/system/ports.js';
import { cluster } from '../support/clusters.js';

export const BOOT = '6f1c1d6e-0000-4000-8000-000000000001';
const NEXT_BOOT = '6f1c1d6e-0000-4000-8000-000000000002';
const START = Date.UTC(2026, 10, 21, 2);

/** So many milliseconds after the start of the story, which is two in the morning, an hour after a boot. */
export function after(ms: number): Moment {
  return { at: new Date(START + ms).toISOString(), boot: BOOT, up: 3_600_000 + ms };
}

/** The same machine after another boot, by what its clocks say. */
export function rebooted(wall: number, up: number): Moment {
  return { at: new Date(START + wall).toISOString(), boot: NEXT_BOOT, up };
}

export const WEB = { service: '192.168.45.26:80/tcp', server: '192.168.45.13:80' };
export const OTHER = { service: '192.168.45.26:80/tcp', server: '192.168.45.43:80' };

export function generation(number: number, changes: Partial<Generation> = {}): Generation {
  return {
    number,
    made: after(number),
    author: 'ada',
    by: 'apply',
    description: { name: '/etc/lvsctl/lvs.yaml', text: 'version: 1\nservices: []\n' },
    cluster: cluster(),
    before: ['-A -t 192.168.45.26:80 -s wlc', '--set 900 120 300'],
    replaces: number > 1 ? number - 1 : null,
    trial: { state: 'confirmed', at: after(number) },
    revision: number,
    host: 'midas',
    ...changes,
  };
}

/** Writes a file as nobody of ours would have. */
export async function spoil(files: Files, path: string, content: string | Uint8Array): Promise<void> {
  await files.replace(path, content, 0o644);
}

export async function textOf(files: Files, path: string): Promise<string> {
  return Buffer.from(await files.read(path)).toString();
}

export function pathOf(number: number): string {
  return `${GENERATIONS}/${number}.json`;
}

/** The act fails with this problem, in one sentence that matches. */
export async function fails(
  t: ExecutionContext,
  act: Promise<unknown>,
  problem: StateProblem,
  message: RegExp,
): Promise<StateFailure> {
  const error = await t.throwsAsync(act, { instanceOf: StateFailure });
  t.is(error?.problem, problem, error?.message);
  t.regex(error?.message ?? '', message);
  t.false(error?.message.includes('\n'));
  return error;
}

/** Every entry of the newest file, and the numbers of the lines that are none. */
export async function readJournal(
  files: Files,
): Promise<{ readonly entries: readonly JournalEntry[]; readonly skipped: readonly number[] }> {
  const { entries, damaged } = await lastEntries(files, line => !isSnapshot(line), Infinity);
  return { entries, skipped: damaged.map(({ line }) => line) };
}
