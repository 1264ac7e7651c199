import { isDeepStrictEqual } from 'node:util';
import type { Files } from '../system/ports.js';
import { type Overlays, parseEntry } from './events.js';
import { onFile, StateFailure } from './failure.js';
import type { Health } from './health.js';
import { JOURNAL, JOURNAL_WHOLE, OLD_JOURNALS } from './paths.js';
import { Replay } from './replay.js';

/** One of the journal's files, known by its beginning: a name is another file's after the next rotation. */
export interface JournalFile {
  readonly path: string;
  readonly head: string;
}

/** So many bytes have the time of a snapshot in them, and no two files of one host the same. */
const HEAD = 256;

/** The journal's files that are there, the oldest first. @throws StateFailure */
export async function journalFiles(files: Files): Promise<JournalFile[]> {
  const paths = Array.from({ length: OLD_JOURNALS }, (_, n) => `${JOURNAL}.${OLD_JOURNALS - n}`);
  // Twice the same, or they have been renamed while they were looked at.
  for (let last: JournalFile[] | undefined; ; ) {
    const found: JournalFile[] = [];
    for (const path of [...paths, JOURNAL]) {
      const head = await headOf(files, path);
      // An empty one is somebody else's doing, and like any other empty one.
      if (head) found.push({ path, head });
    }
    if (isDeepStrictEqual(found, last)) return found;
    last = found;
  }
}

async function headOf(files: Files, path: string): Promise<string | undefined> {
  return await onFile(path, async () => {
    try {
      return textOf(await files.read(path, HEAD));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
}

/** Some lines of a file, without their ends. */
export interface Lines {
  readonly texts: readonly string[];
  /** The byte behind them; of a torn one the byte that it begins with. */
  readonly end: number;
  /** Whether it is one without its end: its writer died, or still writes. */
  readonly isTorn: boolean;
}

/** A line that is longer is none of ours. */
const LONGEST_LINE = 1 << 26;
const NEWLINE = 10;

/** The lines of a file in pieces, from a byte on, never the whole file at once. @throws StateFailure */
export async function* linesOf(files: Files, path: string, from = 0): AsyncGenerator<Lines> {
  let rest: Uint8Array = new Uint8Array();
  let read = from;
  let done = from;
  const pieces = await onFile(path, () =>
    Promise.resolve().then(() => files.stream(path, from)[Symbol.asyncIterator]()),
  );
  try {
    for (;;) {
      const { value: piece } = (await onFile(path, () => pieces.next())) as { value?: Uint8Array };
      if (!piece) break;
      read += piece.length;
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      rest = bytes.subarray(end);
      if (end > 0) {
        done = read - rest.length;
        yield { texts: textOf(bytes.subarray(0, end - 1)).split('\n'), end: done, isTorn: false };
      }
      // Not to be kept in memory: it is passed over as the damaged line that it is.
      if (rest.length > LONGEST_LINE) rest = rest.subarray(0, 1);
    }
  } finally {
    await pieces.return?.();
  }
  if (rest.length > 0) yield { texts: [textOf(rest)], end: done, isTorn: true };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A line that is no entry. */
export interface Damage {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** What the journal says of the overlays. */
export interface Rebuilt {
  readonly overlays: Overlays;
  /** Whether there was a snapshot to begin with. */
  readonly isGrounded: boolean;
  /** What follows the snapshot and cannot be read: what it said is missing. */
  readonly damaged: readonly Damage[];
  /** Whether the last of these is the end of all: its writer died, or still writes. */
  readonly isTorn: boolean;
}

/**
 * Both overlays from nothing but the journal: its last snapshot, and what has been told since. Only under the lock.
 *
 * @param boot this one, whose checkers' findings still count
 * @param concerns which lines are wanted; what is none of ours is told in any case
 * @throws StateFailure
 */
export async function rebuilt(
  files: Files,
  boot: string,
  concerns: (line: string) => boolean = concernsOverlays,
): Promise<Rebuilt> {
  const all = (await journalFiles(files)).map(({ path }) => path);
  // From the newest file that has a snapshot on.
  let first = all.length;
  while (first > 0 && !(await hasSnapshot(files, all[--first]!)));
  const replay = new Replay();
  let damaged: Damage[] = [];
  let torn = false;
  for (const path of all.slice(first)) {
    let line = 0;
    torn = false;
    for await (const { texts, isTorn } of linesOf(files, path)) {
      for (const text of texts) {
        line++;
        if (text === '' || (isPlausible(text) && !concerns(text))) continue;
        const entry = parseEntry(text);
        if (entry?.snapshot) damaged = [];
        if (entry) replay.add(entry);
        else {
          damaged.push({ path, line });
          torn = isTorn;
        }
      }
    }
  }
  return { overlays: replay.overlays(boot), isGrounded: replay.isGrounded, damaged, isTorn: torn };
}

async function hasSnapshot(files: Files, path: string): Promise<boolean> {
  for await (const { texts } of linesOf(files, path)) {
    if (texts.some(text => isSnapshot(text) && parseEntry(text)?.snapshot !== undefined)) return true;
  }
  return false;
}

/** Whether all was written down that has happened since the boot; false, too, where nothing was. @throws StateFailure */
export async function isJournalWhole(files: Files): Promise<boolean> {
  return (await onFile(JOURNAL_WHOLE, () => files.look(JOURNAL_WHOLE))) !== undefined;
}

/**
 * Whether the newest file tells of servers that checkers found dead since the boot: then there was a file of them. A
 * journal that cannot be read tells nothing.
 */
export async function knowsOfDead(files: Files, boot: string): Promise<boolean> {
  try {
    for await (const { texts } of linesOf(files, JOURNAL)) {
      for (const text of texts) {
        if (!concernsHealth(text) || !text.includes(boot)) continue;
        const { snapshot, health } = parseEntry(text) ?? {};
        const found = [
          health?.dead,
          health?.rising,
          ...(snapshot?.health.dead ?? []),
          ...(snapshot?.health.rising ?? []),
        ];
        if (found.some(one => one?.since.boot === boot)) return true;
      }
    }
    return false;
  } catch (error) {
    if (error instanceof StateFailure) return false;
    throw error;
  }
}

/**
 * What the checkers had found, where the journal has all of it, and undefined where anything may be missing: rather is a
 * dead server back for a minute, until its checker repeats what it said, than a healthy one out for good. Without the lock
 * it is a guess.
 */
export async function healthInJournal(files: Files, boot: string): Promise<Health | undefined> {
  try {
    if (!(await isJournalWhole(files))) return undefined;
    // Each file begins with one. Where the newest does not, somebody has taken away what was between it and the older ones.
    if (!(await hasSnapshot(files, JOURNAL))) return undefined;
    const { overlays, isGrounded, damaged, isTorn } = await rebuilt(files, boot, concernsHealth);
    // What was found is in its file only after its line is whole here: one that is torn never was there.
    const missing = damaged.length - (isTorn ? 1 : 0);
    return isGrounded && missing === 0 ? overlays.health : undefined;
  } catch (error) {
    if (error instanceof StateFailure) return undefined;
    throw error;
  }
}

// What follows tells lines apart without reading them, which takes fifty times as long.

/** Whether a line has the beginning and the end of an entry. */
export function isPlausible(line: string): boolean {
  return line.startsWith('{"time":"') && line.endsWith('}');
}

export function isSnapshot(line: string): boolean {
  return line.includes('"event":"snapshot"');
}

function concernsOverlays(line: string): boolean {
  return concernsOperator(line) || concernsHealth(line);
}

/** Whether a line may tell what checkers found: snapshots always do. */
function concernsHealth(line: string): boolean {
  return line.includes('"health":');
}

/** Whether a line may tell what operators said: snapshots always do. */
export function concernsOperator(line: string): boolean {
  return line.includes('"operator":');
}
