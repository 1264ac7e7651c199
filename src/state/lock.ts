import * as z from '../diagnostic/zod.js';
import type { Files, Lock } from '../system/ports.js';
import { onFile, StateFailure } from './failure.js';
import { FOLDER, LOCK, RUN_FOLDER } from './paths.js';
import { time } from './values.js';

/** How long one waits: a person who typed a command, or what runs by itself (alert, poll, tick, director). */
export const PATIENCE = { person: 5000, program: 30_000 } as const;

/** Who holds the lock, as the lock's file says. */
interface Holder {
  readonly pid: number;
  readonly verb: string;
  readonly since: string;
}

const holderSchema: z.ZodType<Holder> = z.strictObject({
  pid: z.int().positive(),
  verb: z.string().regex(/^[a-z][a-z -]{0,63}$/),
  since: time,
});

/**
 * The lock that every change of the table and of the state is made under. Shell scripts take the same one with
 * flock(1). It ends with this process, however that ends, unless a program was started with it (`Runner.run`).
 *
 * @param verb which verb asks, for others
 * @throws StateFailure `locked` where it is still held after the wait
 */
export async function takeLock(
  files: Files,
  verb: string,
  { pid, since }: { readonly pid: number; readonly since: string },
  wait: number,
): Promise<Lock> {
  const note = `${JSON.stringify({ pid, verb, since } satisfies Holder)}\n`;
  const lock = await lockFile(files, LOCK, note, wait);
  if (lock) return lock;
  throw new StateFailure(
    'locked',
    `${await whoHolds(files)} holds ${LOCK}, still after ${wait / 1000} s`,
    'wait until it has ended, then try again',
  );
}

/**
 * A lock on a file in the folder that is gone with each boot.
 *
 * @param wait milliseconds
 * @returns undefined where somebody else still holds it after the wait
 * @throws StateFailure
 */
export async function lockFile(
  files: Files,
  path: string,
  note: string,
  wait: number,
): Promise<Lock | undefined> {
  return await onFile(path, async () => {
    await files.makeFolder(RUN_FOLDER, FOLDER);
    return await files.lock(path, note, wait);
  }).catch((error: unknown) => {
    throw isMissingFlock(error)
      ? new StateFailure('no-flock', 'the program flock is missing', 'Debian has it in util-linux')
      : error;
  });
}

/** The holder in words. A script's lock, or one whose holder has left no note, has none of its own. */
async function whoHolds(files: Files): Promise<string> {
  const holder = await readHolder(files);
  if (!holder) return 'another program';
  const { pid, verb, since } = holder;
  // The note of one that was killed stays; the lock may be somebody else's by now.
  if (!(await files.look(`/proc/${pid}`))) {
    return `a program that \`lvsctl ${verb}\` (process ${pid}, ended) had started, or a script,`;
  }
  return `\`lvsctl ${verb}\` (process ${pid}, since ${since})`;
}

async function readHolder(files: Files): Promise<Holder | undefined> {
  try {
    const text = new TextDecoder().decode(await files.read(LOCK, 1000));
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isMissingFlock(error: unknown): boolean {
  const cause = error instanceof StateFailure ? (error.cause as NodeJS.ErrnoException) : undefined;
  return cause?.code === 'ENOENT' && cause.path === 'flock';
}
