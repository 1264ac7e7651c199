import type { Files } from '../system/ports.js';
import { damaged, readDocument, writeDocument } from './documents.js';
import { onFile, StateFailure } from './failure.js';
import { type Generation, generationSchema } from './generation.js';
import type { Moment } from './moment.js';
import { FOLDER, GENERATIONS } from './paths.js';

/** So many generations stay. */
export const KEPT = 50;

const CURRENT = `${GENERATIONS}/current`;
const NAME = /^([1-9]\d{0,14})\.json$/;

export function generationPath(number: number): string {
  return `${GENERATIONS}/${number}.json`;
}

/** The numbers of all generations, in order, whether they can be read or not. */
export async function generationNumbers(files: Files): Promise<number[]> {
  const names = await onFile(GENERATIONS, () => files.list(GENERATIONS));
  return names
    .flatMap(name => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** @throws StateFailure where it is absent or cannot be used */
export async function readGeneration(files: Files, number: number): Promise<Generation> {
  const path = generationPath(number);
  const found = await readDocument(files, path, generationSchema);
  if (!found) {
    const kept = await generationNumbers(files);
    const help =
      kept.length === 0
        ? 'nothing has been applied yet'
        : `kept are ${kept[0]} to ${kept.at(-1)}; \`lvsctl rollback N\` makes one of them run`;
    throw new StateFailure('absent', `there is no generation ${number}`, help);
  }
  if (found.number !== number) throw damaged(path, `it says that it is generation ${found.number}`);
  return found;
}

/** The number of the generation that runs, or undefined where none does. @throws StateFailure */
export async function currentNumber(files: Files): Promise<number | undefined> {
  const entry = await onFile(CURRENT, () => files.look(CURRENT));
  if (!entry) return undefined;
  const number = entry.kind === 'link' ? NAME.exec(entry.target)?.[1] : undefined;
  if (number === undefined) throw damaged(CURRENT, 'it is no link to a generation beside it');
  return Number(number);
}

/** What runs. @throws StateFailure where it cannot be read */
export async function currentGeneration(files: Files): Promise<Generation | undefined> {
  const number = await currentNumber(files);
  if (number === undefined) return undefined;
  try {
    return await readGeneration(files, number);
  } catch (error) {
    if (!(error instanceof StateFailure) || error.problem !== 'damaged') throw error;
    const help = 'mend it, or make another generation run: `lvsctl history`, then `lvsctl rollback N`';
    throw new StateFailure(error.problem, error.message, help);
  }
}

/** Every generation that can be read, oldest first, and what is wrong with the others. */
export async function readGenerations(
  files: Files,
): Promise<{ readonly generations: readonly Generation[]; readonly problems: readonly StateFailure[] }> {
  const generations: Generation[] = [];
  const problems: StateFailure[] = [];
  for (const number of await generationNumbers(files)) {
    try {
      generations.push(await readGeneration(files, number));
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      problems.push(error);
    }
  }
  return { generations, problems };
}

/**
 * Keeps a generation. It runs only once `setCurrent` has said so.
 *
 * @throws StateFailure, also where it could not be read again: one that runs and cannot be read would stop everything
 */
export async function writeGeneration(files: Files, generation: Generation): Promise<void> {
  const { error } = generationSchema.safeParse(JSON.parse(JSON.stringify(generation)));
  if (error) {
    const [issue] = error.issues;
    const why = `${issue?.path.join('.')}: ${issue?.message}`;
    throw new StateFailure('damaged', `generation ${generation.number} cannot be kept: ${why}`);
  }
  await writeDocument(files, generationPath(generation.number), generation);
}

/** Says which generation runs; undefined: none. @throws StateFailure */
export async function setCurrent(files: Files, number: number | undefined): Promise<void> {
  await onFile(CURRENT, async () => {
    await files.makeFolder(GENERATIONS, FOLDER);
    if (number === undefined) await files.remove(CURRENT);
    else await files.link(CURRENT, `${number}.json`);
  });
}

/** The number of the next generation: no number is given twice while its file is there. */
export async function nextNumber(files: Files): Promise<number> {
  return ((await generationNumbers(files)).at(-1) ?? 0) + 1;
}

export async function removeGeneration(files: Files, number: number): Promise<void> {
  const path = generationPath(number);
  await onFile(path, () => files.remove(path));
}

/** Removes all but the last generations, and those that are still needed: what runs and what it may go back to. */
export async function pruneGenerations(files: Files, needed: readonly (number | null)[]): Promise<void> {
  const numbers = await generationNumbers(files);
  for (const number of numbers.slice(0, -KEPT)) {
    if (!needed.includes(number)) await removeGeneration(files, number);
  }
}

/** The generation with its trial passed. @throws StateFailure where it does not wait */
export function confirmed(generation: Generation, now: Moment): Generation {
  if (generation.trial.state !== 'waiting') {
    throw new StateFailure('absent', `nothing waits to be confirmed: generation ${generation.number} holds`);
  }
  return { ...generation, trial: { state: 'confirmed', at: now } };
}

/**
 * What a trial that begins now goes back to: the last generation that held. A trial that replaces another goes back to
 * the same one.
 */
export function holding(current: Generation | undefined): number | null {
  if (!current) return null;
  return current.trial.state === 'waiting' ? current.trial.back : current.number;
}
