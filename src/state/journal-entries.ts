import type { Files } from '../system/ports.js';
import { type JournalEntry, parseEntry } from './events.js';
import { type Damage, isPlausible, type JournalFile, journalFiles, linesOf } from './journal-reader.js';

/** Which entries are wanted, by their lines: whoever reads much must not take each apart. */
export type Wanted = (line: string) => boolean;

/** How far a journal has been read. */
export interface Position {
  readonly file: JournalFile;
  /** Bytes and lines. */
  readonly at: number;
  readonly line: number;
}

/** Some entries, and what stood between them and is none. */
export interface Batch {
  readonly entries: readonly JournalEntry[];
  readonly damaged: readonly Damage[];
  readonly position: Position;
}

/**
 * The wanted entries that there are, the oldest first, also while the journal is written and rotated. A last line
 * without its end is left for later.
 *
 * @param from where another reading ended; undefined: from the beginning
 * @throws StateFailure
 */
export async function* entriesFrom(
  files: Files,
  wanted: Wanted,
  from: Position | undefined,
): AsyncGenerator<Batch> {
  let position = from;
  for (;;) {
    const all = await journalFiles(files);
    const known = position && all.findLastIndex(({ head }) => head.startsWith(position!.file.head));
    // One that is no more has been removed, or cut: what is there now is all new.
    const index = known === undefined ? 0 : known < 0 ? all.length - 1 : known;
    const file = all[index];
    if (!file) return;
    const start: Position = position && known !== -1 ? { ...position, file } : { file, at: 0, line: 0 };
    position = start;
    const isNewest = index === all.length - 1;
    for await (const batch of entriesOf(files, start, wanted, isNewest)) {
      ({ position } = batch);
      yield batch;
    }
    if (isNewest) return;
    position = { file: all[index + 1]!, at: 0, line: 0 };
  }
}

/** What a file has from a place on. @param isNewest its last line may still be written */
async function* entriesOf(
  files: Files,
  start: Position,
  wanted: Wanted,
  isNewest: boolean,
): AsyncGenerator<Batch> {
  for await (const { found, position } of candidates(files, start, wanted, isNewest))
    yield { ...parsed(found, start.file), position };
}

/** A line that may be wanted, and its number. */
interface Candidate {
  readonly text: string;
  readonly line: number;
}

async function* candidates(
  files: Files,
  { file, at, line: first }: Position,
  wanted: Wanted,
  isNewest: boolean,
): AsyncGenerator<{ readonly found: readonly Candidate[]; readonly position: Position }> {
  let line = first;
  for await (const { texts, end, isTorn } of linesOf(files, file.path, at)) {
    if (isTorn && isNewest) return;
    const found: Candidate[] = [];
    for (const text of texts) {
      line++;
      // What is none of ours has to be told.
      if (text !== '' && (!isPlausible(text) || wanted(text))) found.push({ text, line });
    }
    yield { found, position: { file, at: end, line } };
  }
}

function parsed(found: readonly Candidate[], { path }: JournalFile): Omit<Batch, 'position'> {
  const entries: JournalEntry[] = [];
  const damaged: Damage[] = [];
  for (const { text, line } of found) {
    const entry = parseEntry(text);
    if (entry) entries.push(entry);
    else damaged.push({ path, line });
  }
  return { entries, damaged };
}

/**
 * The last so many of the wanted entries. Files that are older than all of them are not read.
 *
 * @throws StateFailure
 */
export async function lastEntries(
  files: Files,
  wanted: Wanted,
  most: number,
): Promise<Omit<Batch, 'position'> & { readonly position: Position | undefined }> {
  const all = await journalFiles(files);
  let entries: readonly JournalEntry[] = [];
  let damaged: readonly Damage[] = [];
  let position: Position | undefined;
  for (const file of all.toReversed()) {
    if (position && entries.length >= most) break;
    const here = await lastOf(files, file, wanted, { most: most - entries.length, isNewest: !position });
    position ??= here.position;
    entries = [...here.entries, ...entries];
    damaged = [...here.damaged, ...damaged];
  }
  return { entries, damaged, position };
}

/** The last so many of a file's wanted entries, or all that there are; what stands between them and is none, too. */
async function lastOf(
  files: Files,
  file: JournalFile,
  wanted: Wanted,
  { most, isNewest }: { readonly most: number; readonly isNewest: boolean },
): Promise<Batch> {
  // To take a line apart is slow, and few are damaged: only where too few are left are more of them looked at.
  for (let kept = most; ; kept *= 2) {
    let last: readonly Candidate[] = [];
    let position: Position = { file, at: 0, line: 0 };
    for await (const batch of candidates(files, position, wanted, isNewest)) {
      last = [...last, ...batch.found].slice(-kept);
      ({ position } = batch);
    }
    const { entries, damaged } = parsed(last, file);
    if (entries.length >= most || last.length < kept)
      return { entries: entries.slice(-most), damaged, position };
  }
}
