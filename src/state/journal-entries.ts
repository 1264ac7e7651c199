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
  { file, at, line: first }: Position,
  wanted: Wanted,
  isNewest: boolean,
): AsyncGenerator<Batch> {
  let line = first;
  for await (const { texts, end, isTorn } of linesOf(files, file.path, at)) {
    if (isTorn && isNewest) return;
    const entries: JournalEntry[] = [];
    const damaged: Damage[] = [];
    for (const text of texts) {
      line++;
      if (text === '' || (isPlausible(text) && !wanted(text))) continue;
      const entry = parseEntry(text);
      // What cannot be read may be wanted; what can be, and had another beginning than ours, is asked again.
      if (!entry) damaged.push({ path: file.path, line });
      else if (wanted(text)) entries.push(entry);
    }
    yield { entries, damaged, position: { file, at: end, line } };
  }
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
  let found: JournalEntry[] = [];
  const damaged: Damage[] = [];
  let position: Position | undefined;
  for (const file of all.toReversed()) {
    if (position && found.length >= most) break;
    const isNewest = position === undefined;
    let here: JournalEntry[] = [];
    let end: Position = { file, at: 0, line: 0 };
    for await (const batch of entriesOf(files, end, wanted, isNewest)) {
      here = [...here, ...batch.entries].slice(-most);
      damaged.push(...batch.damaged);
      end = batch.position;
    }
    position ??= end;
    found = [...here, ...found].slice(-most);
  }
  return { entries: found, damaged, position };
}
