import * as z from 'zod';
import { onFile } from './failure.js';
import { readIfThere } from './documents.js';
import { FOLDER, JOURNAL, READABLE, STATE_FOLDER } from './paths.js';
import { hostName, serverKey, serviceKey, time, words } from './values.js';
import type { Files } from '../system/ports.js';

/** One line of the journal: what happened to what, why, and from what to what. */
export interface JournalEntry {
  readonly time: string;
  readonly host: string;
  /** By the kernel's identity, as `serviceKey` and `serverKey` have it. */
  readonly service?: string;
  readonly server?: string;
  /** A word: `applied`, `reverted`, `drained`, `mended`, `down`. */
  readonly event: string;
  /** Who or what brought it about, in words. */
  readonly cause: string;
  /** What was, and what is: lines of ipvsadm(8), weights, numbers of generations. */
  readonly before?: string;
  readonly after?: string;
}

const schema: z.ZodType<JournalEntry> = z.strictObject({
  time,
  host: hostName,
  service: serviceKey.exactOptional(),
  server: serverKey.exactOptional(),
  event: z.string().regex(/^[a-z][a-z-]{0,31}$/),
  cause: words,
  before: words.exactOptional(),
  after: words.exactOptional(),
});

/** Adds entries to the end, on the disk when this returns. @throws StateFailure */
export async function appendJournal(files: Files, entries: readonly JournalEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const lines = entries.map(entry => `${JSON.stringify(entry)}\n`).join('');
  await onFile(JOURNAL, async () => {
    await files.makeFolder(STATE_FOLDER, FOLDER);
    await files.append(JOURNAL, lines, READABLE);
  });
}

export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** The numbers, from 1, of the lines that are none: torn by a crash, or a newer version's. */
  readonly skipped: readonly number[];
}

/** @throws StateFailure where it cannot be read at all */
export async function readJournal(files: Files): Promise<Journal> {
  const bytes = await readIfThere(files, JOURNAL);
  const entries: JournalEntry[] = [];
  const skipped: number[] = [];
  const lines = new TextDecoder().decode(bytes).split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const entry = parseEntry(line);
    if (entry) entries.push(entry);
    else skipped.push(index + 1);
  }
  return { entries, skipped };
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
