import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { sweep } from '../../src/state/documents.js';
import { currentGeneration, generationNumbers, readGenerations } from '../../src/state/generations.js';
import { takeLock } from '../../src/state/lock.js';
import { readOperator } from '../../src/state/operator.js';
import { GENERATIONS, STATE_FOLDER } from '../../src/state/paths.js';
import { endLeftover, findLeftover, type TableWork } from '../../src/state/transaction.js';
import { desired } from '../../src/table/desired.js';
import { cluster } from '../support/clusters.js';
import { TestHost } from '../support/context.js';
import { after, readJournal } from './support.js';

const MODULES = ['src/state/lock', 'src/state/generations', 'src/state/transaction', 'src/state/operator'];
const MORE = ['src/state/journal', 'src/system/files', 'tap-tests/state/support'];
const URLS = [...MODULES, ...MORE].map(name => new URL(`../../${name}.js`, import.meta.url).href);
const US = { pid: process.pid, since: after(0).at };
const nothing = (): Promise<void> => Promise.resolve();
const NO_TABLE: TableWork = { forward: nothing, back: nothing, tell: nothing, end: nothing };

/** Applies, drains and writes the journal without end. Its table never changes, so that only files matter. */
function writer(root: string): ChildProcess {
  const code = `const modules = await Promise.all(${JSON.stringify(URLS)}.map(url => import(url)));
    const { takeLock, transact, nextNumber, currentNumber, drain, readOperator, writeOperator, appendJournal,
      createFiles, generation, after, WEB } = Object.assign({}, ...modules);
    const files = createFiles(${JSON.stringify(root)});
    const work = { forward: async () => {}, back: async () => {}, tell: async () => {}, end: async () => {} };
    for (let n = 0; ; n++) {
      const now = after(n);
      const lock = await takeLock(files, 'apply', { pid: process.pid, since: now.at }, 30_000);
      const to = await nextNumber(files);
      const from = (await currentNumber(files)) ?? null;
      const intent = { kind: 'apply', from, to, changes: [], begun: now, by: 'apply' };
      await transact(files, intent, generation(to, { description: { name: 'x', text: 'x'.repeat(100_000) } }), work);
      await writeOperator(files, drain(await readOperator(files), [WEB], { author: 'ada' }, { host: 'midas', now }));
      await appendJournal(files, { host: 'midas', now, limit: 2000 }, [{ event: 'applied', cause: 'ada: ' + to }]);
      await lock.release();
      if (n === 0) console.log('running');
    }`;
  return spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('what a killed process leaves can be read, finished and swept, whenever it dies', async t => {
  t.timeout(110_000);
  const host = new TestHost(t);
  const { files } = host;
  const live = desired(cluster());
  let entries = 0;
  for (const wait of [0, 1, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29]) {
    const child = writer(host.root);
    t.teardown(() => void child.kill('SIGKILL'));
    await once(child.stdout!, 'data');
    await sleep(wait);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await takeLock(files, 'apply', US, 30_000);
    const leftover = await findLeftover(files, live, after(0));
    if (leftover) await endLeftover(files, leftover, NO_TABLE);
    await sweep(files);
    const { generations, problems } = await readGenerations(files);
    t.deepEqual(problems, []);
    t.is((await currentGeneration(files))?.number, generations.at(-1)?.number);
    t.deepEqual(
      await generationNumbers(files),
      Array.from({ length: generations.length }, (_, n) => n + 1),
    );
    t.is((await readOperator(files)).entries.length, 1);
    const journal = await readJournal(files);
    t.true(journal.entries.length > entries && journal.skipped.length === 0);
    entries = journal.entries.length;
    for (const folder of [STATE_FOLDER, GENERATIONS]) {
      t.deepEqual(
        readdirSync(host.root + folder).filter(name => name.startsWith('.')),
        [],
      );
    }
    await lock.release();
  }
});

test('only what killed writes have left is swept', async t => {
  const { files } = new TestHost(t);
  const names = ['.lvsctl-0123456789ab', '.lvsctl-notes', 'lvsctl-0123', 'operator.json'];
  for (const name of names) await files.replace(`${STATE_FOLDER}/${name}`, '', 0o644);
  await sweep(files);
  t.deepEqual(await files.list(STATE_FOLDER), names.slice(1).toSorted());
  await sweep(new TestHost(t).files);
});
