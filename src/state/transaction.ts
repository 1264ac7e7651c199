import type { Files } from '../system/ports.js';
import { StateFailure } from './failure.js';
import type { Event } from './events.js';
import type { Generation, Trial } from './generation.js';
import {
  currentNumber,
  generationNumbers,
  readGeneration,
  removeGeneration,
  setCurrent,
  writeGeneration,
} from './generations.js';
import {
  type Intent,
  readIntent,
  recovery,
  removeIntent,
  takenBack,
  turnedRound,
  writeIntent,
} from './intent.js';
import type { Moment } from './moment.js';
import { writeOperator } from './operator.js';
import type { Table } from '../table/table.js';

/** What a transaction does to the kernel's table. Both read it back, and throw where it is not as it should be. */
export interface TableWork {
  /** Brings the table to what the intent's `to` says. */
  forward(): Promise<void>;
  /** Brings it to what its `from` says; what is there already is no error. */
  back(): Promise<void>;
  /** Writes it down in the journal, if the disk allows. */
  tell(events: readonly Event[]): Promise<void>;
  /** What is kept only until nothing can be taken back any more. Never fails. */
  end(): Promise<void>;
}

/**
 * Changes the table and what is on the disk together. In this order: intent, generation, table, what operators said,
 * link to the generation that runs, journal, end of the intent. The intent has the lines for the journal, and goes after
 * they are there: no kill loses them, and one between the two leaves them there twice, which a reader can bear. What fails of what somebody wished is taken back, and its error
 * thrown; a way back that fails stays begun, for the next run.
 *
 * @param generation of an apply: the one with the number `to`
 * @throws StateFailure, and what the work throws
 */
export async function transact(
  files: Files,
  intent: Intent,
  generation: Generation | undefined,
  work: TableWork,
): Promise<void> {
  await announce(files, intent);
  if (generation) {
    try {
      await writeGeneration(files, generation);
    } catch (error) {
      // It may be there all the same, where only its folder could not be synced.
      await removeGeneration(files, generation.number);
      await removeIntent(files);
      throw error;
    }
  }
  await complete(files, intent, work);
}

/**
 * A full disk must not keep a dead server in the table, nor a trial that has failed. Without their intent these are
 * found due again by whoever comes next; only what somebody wished would not be.
 */
async function announce(files: Files, intent: Intent): Promise<void> {
  try {
    await writeIntent(files, intent);
  } catch (error) {
    const refused = error instanceof StateFailure && error.problem === 'file';
    if (isWish(intent) || !refused) throw error;
  }
}

async function complete(files: Files, intent: Intent, work: TableWork): Promise<void> {
  let isSaid = false;
  try {
    await work.forward();
    if (intent.operator) await writeOperator(files, intent.operator);
    if (intent.trial) await writeTrial(files, intent.to!, intent.trial);
    isSaid = true;
    if (intent.from !== intent.to) await setCurrent(files, intent.to ?? undefined);
    await work.tell(intent.events ?? []);
    await work.end();
    await removeIntent(files);
  } catch (error) {
    if (intent.kind === 'apply') await undo(files, intent, work);
    else if (isWish(intent) && !isSaid) await unsay(files, intent, work);
    throw error;
  }
}

async function writeTrial(files: Files, number: number, trial: Trial): Promise<void> {
  await writeGeneration(files, { ...(await readGeneration(files, number)), trial });
}

/**
 * The files first: whoever finds the intent without its generation knows that this goes back, and not on. A disk that
 * refuses keeps the table from nothing.
 */
async function undo(files: Files, intent: Intent, work: TableWork): Promise<void> {
  let refused: Error | undefined;
  try {
    if ((await currentNumber(files)) !== (intent.from ?? undefined)) {
      await setCurrent(files, intent.from ?? undefined);
    }
    if (intent.to !== null) await removeGeneration(files, intent.to);
  } catch (error) {
    refused = error as Error;
  }
  await work.back();
  if (refused) throw refused;
  await work.tell([takenBack(intent)]);
  await work.end();
  await removeIntent(files);
}

/**
 * Takes back what an operator said and the table would not have. Turned round first: whoever finds it then goes on with
 * taking it back. A disk that refuses keeps the table from nothing.
 */
async function unsay(files: Files, intent: Intent, work: TableWork): Promise<void> {
  await writeIntent(files, turnedRound(intent)).catch((error: unknown) => {
    if (!(error instanceof StateFailure)) throw error;
  });
  await work.back();
  await work.tell([takenBack(intent)]);
  await removeIntent(files);
}

/** Whether somebody waits for it; all else is found due again by whoever comes next. */
export function isWish({ kind, operator, trial }: Intent): boolean {
  return kind === 'apply' || operator !== undefined || trial !== undefined;
}

/** What a run that ended in its middle has left, and which way it will be ended. */
export interface Leftover {
  readonly intent: Intent;
  readonly way: 'complete' | 'undo';
}

/** Whether a run has ended in its middle. @throws StateFailure */
export async function findLeftover(files: Files, live: Table, now: Moment): Promise<Leftover | undefined> {
  const intent = await readIntent(files);
  if (!intent) return undefined;
  const written = intent.to !== null && (await generationNumbers(files)).includes(intent.to);
  const current = await currentNumber(files);
  return { intent, way: recovery(intent, { live, now, written, current }) };
}

/** Ends what was left. Killed in its middle, it is found and ended again. @throws as `transact` */
export async function endLeftover(files: Files, { intent, way }: Leftover, work: TableWork): Promise<void> {
  if (way === 'complete') await complete(files, intent, work);
  else await undo(files, intent, work);
}
