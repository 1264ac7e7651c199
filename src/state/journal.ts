import type { Files } from '../system/ports.js';
import { writeKept } from './documents.js';
import { type Event, entryLine, type JournalEntry, type Snapshot } from './events.js';
import { onFile, StateFailure } from './failure.js';
import { currentNumber } from './generations.js';
import { keptHealth } from './health.js';
import { isJournalWhole, rebuilt } from './journal-reader.js';
import type { Moment } from './moment.js';
import { keptOperator } from './operator.js';
import { FOLDER, JOURNAL, JOURNAL_WHOLE, OLD_JOURNALS, READABLE, STATE_FOLDER } from './paths.js';

/** Who writes, and when. */
export interface Writer {
  readonly host: string;
  readonly now: Moment;
  /** Bytes of events after which a new file begins; the old ones stay as `journal.jsonl.1` to `.8`. */
  readonly limit?: number;
}

const LIMIT = 8 * 1024 * 1024;

/**
 * Adds events to the end, on the disk when this returns. Only under the lock.
 *
 * Each file begins with a snapshot of both overlays, and so does what is written after the boot, and after events that
 * could not be written: from the last snapshot on the journal has all, or a rebuild would bring back what is over. That
 * nothing is missing is remembered by a file which the boot clears and which can be removed on a full disk.
 *
 * A snapshot is made before the lines beside it, and may have what they tell: told twice is the same.
 *
 * @throws StateFailure
 */
export async function appendJournal(files: Files, writer: Writer, events: readonly Event[]): Promise<void> {
  if (events.length === 0) return;
  const { host, now, limit = LIMIT } = writer;
  const lines = events.map(event => entryLine(event, now.at, host)).join('');
  try {
    await onFile(JOURNAL, () => files.makeFolder(STATE_FOLDER, FOLDER));
    const size = await sizeOf(files);
    const isWhole = await isJournalWhole(files);
    const isFull = size !== undefined && size + lines.length > limit;
    const head = size === undefined || !isWhole || isFull ? await snapshotLine(files, writer) : '';
    // Not without a snapshot, nor where it would fill the file by itself: old events are worth more.
    const turns = isFull && head !== '' && size + lines.length > limit + head.length;
    if (turns) await shift(files);
    // A new file is there whole, or not at all: a torn snapshot would be no ground.
    if (turns || size === undefined) await writeKept(files, JOURNAL, head + lines);
    else await onFile(JOURNAL, () => files.append(JOURNAL, (isWhole ? '' : head) + lines, READABLE));
    if (!isWhole && head !== '') await writeKept(files, JOURNAL_WHOLE, '');
  } catch (error) {
    await files.remove(JOURNAL_WHOLE).catch(() => undefined);
    throw error;
  }
}

/** Undefined where there is none. A link of the administrator's stays, and what it leads to does not turn. */
async function sizeOf(files: Files): Promise<number | undefined> {
  const entry = await onFile(JOURNAL, () => files.look(JOURNAL));
  return entry?.kind === 'file' ? entry.size : entry && 0;
}

/** Frees the journal's name. Killed in between it leaves a gap in the numbers, which is used up the next time. */
async function shift(files: Files): Promise<void> {
  await onFile(JOURNAL, async () => {
    let free = 1;
    while (free < OLD_JOURNALS && (await files.look(oldJournal(free)))) free++;
    for (let n = free; n > 1; n--) await files.rename(oldJournal(n - 1), oldJournal(n));
    await files.rename(JOURNAL, oldJournal(1));
  });
}

function oldJournal(n: number): string {
  return `${JOURNAL}.${n}`;
}

/**
 * Both overlays as they are. Of one that is not there the journal itself knows more than an empty file would say: it
 * may have been lost. '' where one is damaged: what the journal has of it must be found again.
 */
async function snapshotLine(files: Files, { host, now }: Writer): Promise<string> {
  try {
    const kept = { operator: await keptOperator(files), health: await keptHealth(files) };
    const known = kept.operator && kept.health ? undefined : (await rebuilt(files, now.boot)).overlays;
    const snapshot: Snapshot = {
      version: 1,
      generation: (await currentNumber(files)) ?? null,
      operator: kept.operator ?? known!.operator,
      health: kept.health ?? known!.health,
    };
    const entry: JournalEntry = {
      time: now.at,
      host,
      event: 'snapshot',
      cause: 'what follows begins with it',
      snapshot,
    };
    return `${JSON.stringify(entry)}\n`;
  } catch (error) {
    if (error instanceof StateFailure && error.problem !== 'file') return '';
    throw error;
  }
}
