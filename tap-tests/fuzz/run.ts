// node build/tap-tests/fuzz/run.js [RUNS [SEED]]
//
// Reads arbitrary and mutated descriptions on all processors. What cannot be read without a crash, or gives a
// diagnostic that cannot be shown, is made as small as possible, shown and kept in build/fuzz/.

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Task, Word } from './worker.js';

const runs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
  console.error('usage: fuzz [RUNS [SEED]], whole numbers');
  process.exit(64);
}

const start = performance.now();
let done = 0;
let shown = 0;

function progress(more: number): void {
  done += more;
  if (done - shown < runs / 20) return;
  shown = done;
  const seconds = (performance.now() - start) / 1000;
  console.error(`${String(done).padStart(8)} of ${runs}, ${Math.round(done / seconds)} a second`);
}

function fuzz(task: Task): Promise<boolean> {
  const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: task });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (word: Word) => {
      if ('runs' in word) return progress(word.runs);
      if (word.failure) report(word.failure, task);
      resolve(word.failure === undefined);
    });
  });
}

function report({ name, bytes, why }: { name: string; bytes: Uint8Array; why: string }, task: Task): void {
  mkdirSync('build/fuzz', { recursive: true });
  const path = `build/fuzz/${task.seed}-${name.replace(/[^a-z.]/g, '')}`;
  writeFileSync(path, bytes);
  console.log(`failed as ${name} with seed ${task.seed}; kept in ${path}, ${bytes.length} bytes:`);
  console.log(`${JSON.stringify(Buffer.from(bytes).toString().slice(0, 2000))}\n${why}\n`);
}

const workers = availableParallelism();
console.error(`${runs} descriptions, seed ${seed}, ${workers} workers`);
const tasks = Array.from({ length: workers }, (_, index) => ({
  runs: Math.ceil(runs / workers),
  seed: (seed + index) | 0,
}));
const outcomes = await Promise.all(tasks.map(fuzz));
const seconds = Math.round((performance.now() - start) / 1000);
const failed = outcomes.filter(fine => !fine).length;
console.log(failed === 0 ? `${runs} descriptions in ${seconds} s: all were read` : `${failed} failures`);
process.exitCode = failed === 0 ? 0 : 1;
