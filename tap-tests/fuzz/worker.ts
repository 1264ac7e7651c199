import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { survives } from '../property/survival.js';
import { hostileFile } from '../support/arbitrary-text.js';

/** What a worker is to do. */
export interface Task {
  readonly runs: number;
  readonly seed: number;
}

/** What a worker says: how far it is, and how it ended. */
export type Word =
  | { readonly runs: number }
  | {
      readonly failure:
        | { readonly name: string; readonly bytes: Uint8Array; readonly why: string }
        | undefined;
    };

const { runs, seed } = workerData as Task;
const say = (word: Word): void => parentPort!.postMessage(word);

/** A file that takes longer than this is a failure, too. */
const MOST_MILLISECONDS = 5000;

let done = 0;
const property = fc.asyncProperty(hostileFile, async file => {
  const start = performance.now();
  await survives(file);
  const took = performance.now() - start;
  if (took > MOST_MILLISECONDS) throw new Error(`took ${Math.round(took)} ms`);
  if (++done % 250 === 0) say({ runs: 250 });
});
const result = await fc.check(property, { seed, numRuns: runs });
const [file] = result.counterexample ?? [];
const error = result.errorInstance;
say({
  failure:
    result.failed && file
      ? { ...file, why: error instanceof Error ? (error.stack ?? '') : String(error) }
      : undefined,
});
