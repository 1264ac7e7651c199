import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Generation } from '../../src/state/generation.js';
import { currentNumber, generationNumbers } from '../../src/state/generations.js';
import { readIntent } from '../../src/state/intent.js';
import { cluster, server, service } from '../support/clusters.js';
import type { Files } from '../../src/system/ports.js';
import { failingAt, fileError } from '../support/fake-files.js';
import { Director, Killed } from './machine.js';
import { after, fails, rebooted } from './support.js';

const weights = (...all: number[]): ReturnType<typeof service> =>
  service('192.0.2.100:80', [], {
    servers: all.flatMap((weight, n) => (weight > 0 ? server(`192.0.2.${n + 1}`, { weight }) : [])),
  });
const OLD: Cluster = cluster({
  services: [weights(1, 1, 1), service('192.0.2.101:25', ['192.0.2.1'])],
});
/** Adds, edits and deletes, of servers and services. */
const NEW: Cluster = cluster({
  services: [weights(0, 5, 1, 2), service('192.0.2.102:443', ['192.0.2.1', '192.0.2.2'])],
});
const TRIAL: Generation['trial'] = { state: 'waiting', due: { since: after(0), ms: 60_000 }, back: 1 };

async function running(): Promise<Director> {
  const director = new Director();
  director.start();
  await director.apply(OLD);
  return director;
}

/** Nothing is left to end, and the table is what the disk says that runs. */
async function isWhole(t: ExecutionContext, director: Director, what: string): Promise<void> {
  t.is(await readIntent(director.disk), undefined, what);
  t.true(await director.isTrue(), what);
}

async function killed(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    if (error instanceof Killed) return true;
    throw error;
  }
}

test('an apply leaves table, generation and link, and no intent', async t => {
  const director = await running();
  t.is(await currentNumber(director.disk), 1);
  await director.apply(NEW);
  t.is(await currentNumber(director.disk), 2);
  await isWhole(t, director, 'after two applies');
});

/** What a process may be doing when it is killed, each from the same start. */
const ACTS: Record<
  string,
  { prepare: (one: Director) => Promise<void>; act: (one: Director) => Promise<void> }
> = {
  'an apply': { prepare: one => one.apply(OLD), act: one => one.apply(NEW) },
  'the first apply': { prepare: async () => {}, act: one => one.apply(NEW) },
  'an apply that the kernel refuses': {
    prepare: one => one.apply(OLD),
    act: async one => {
      one.refuses = /192\.0\.2\.102/;
      await one.apply(NEW).catch((error: unknown) => {
        if (error instanceof Killed) throw error;
      });
    },
  },
  'the end of a trial': {
    prepare: async one => {
      await one.apply(OLD);
      await one.apply(NEW, { trial: TRIAL });
    },
    act: one => one.goBack(),
  },
  'the end of the first trial': {
    prepare: one => one.apply(NEW, { trial: { ...TRIAL, back: null } }),
    act: one => one.goBack(),
  },
};

for (const [what, { prepare, act }] of Object.entries(ACTS)) {
  /** A director on which it is about to begin. */
  const ready = async (): Promise<Director> => {
    const director = new Director();
    director.start();
    await prepare(director);
    return director;
  };

  test(`kill -9 at any step of ${what}, and of its recovery: the next run ends it`, async t => {
    const whole = await ready();
    whole.start();
    await act(whole);
    const steps = whole.steps;
    t.true(steps > 5);
    for (let first = 1; first <= steps; first++) {
      for (let second = 1; ; second++) {
        const director = await ready();
        const before = director.told.length;
        const start = await currentNumber(director.disk);
        director.start(first);
        const died = await killed(() => act(director));
        if (!died) t.fail(`step ${first} of ${steps} was not reached`);
        director.refuses = /^$/;
        director.start(second);
        const diedAgain = await killed(() => director.recover());
        director.start();
        await director.recover();
        await isWhole(t, director, `killed at step ${first}, then at ${second}`);
        const numbers = await generationNumbers(director.disk);
        const current = await currentNumber(director.disk);
        t.true(current === undefined || numbers.includes(current));
        const [last = 'nothing'] = director.told.slice(before).slice(-1);
        // Where it never was there may be nothing to tell.
        const right = current === start ? ['nothing', 'taken-back'] : ['applied', 'reverted'];
        t.true(right.includes(last), `killed at step ${first}, then at ${second}: ${last}`);
        if (!diedAgain) break;
      }
    }
  });

  test(`power lost at any step of ${what}: what runs after the boot is one of the two`, async t => {
    const whole = await ready();
    whole.start();
    await act(whole);
    for (let step = 1; step <= whole.steps; step++) {
      const director = await ready();
      const before = await currentNumber(director.disk);
      director.start(step);
      await killed(() => act(director));
      // A boot begins with an empty table, and the director's start fills it with what runs.
      director.refuses = /^$/;
      director.live = { ...director.live, services: [] };
      director.now = rebooted(60_000, 5000);
      director.start();
      await director.recover();
      t.is(await readIntent(director.disk), undefined);
      const current = await currentNumber(director.disk);
      const after = await currentNumber(whole.disk);
      t.true(current === before || current === after, `${current} after step ${step}`);
      await director.apply(OLD);
      await isWhole(t, director, `applied after a loss of power at step ${step}`);
    }
  });
}

test('an apply that was killed before the first line never was; after it, it is finished', async t => {
  const outcomes: (number | undefined)[] = [];
  for (let step = 1; step <= 20; step++) {
    const director = await running();
    director.start(step);
    if (!(await killed(() => director.apply(NEW)))) break;
    director.start();
    await director.recover();
    outcomes.push(await currentNumber(director.disk));
    const numbers = await generationNumbers(director.disk);
    t.deepEqual(numbers, outcomes.at(-1) === 1 ? [1] : [1, 2], `step ${step}`);
  }
  // Two files with their folders come before the first line: killed before it is done, all is as it was.
  t.deepEqual(outcomes.slice(0, 6), [1, 1, 1, 1, 1, 2]);
  t.true(outcomes.slice(6).every(one => one === 2));
  t.true(outcomes.length > 10);
});

test('what the kernel refuses is taken back, and leaves no generation', async t => {
  const director = await running();
  director.refuses = /192\.0\.2\.102/;
  await t.throwsAsync(director.apply(NEW), { message: /the kernel refused -a -t 192\.0\.2\.102:443/ });
  t.deepEqual(await generationNumbers(director.disk), [1]);
  await isWhole(t, director, 'refused');
  director.refuses = /^$/;
  await director.apply(NEW);
  t.is(await currentNumber(director.disk), 2);
});

for (const code of ['ENOSPC', 'EROFS', 'EIO']) {
  test(`${code} at any write of an apply leaves all as it was, or is mended by the next run`, async t => {
    let failures = 0;
    for (let n = 1; ; n++) {
      const director = await running();
      director.start();
      const failing = failingAt(director.files, n, code);
      director.files = failing;
      const failed = await director.apply(NEW).then(
        () => false,
        () => true,
      );
      if (failing.changes < n) break;
      t.true(failed, `write ${n} failed and nobody said so`);
      failures++;
      director.start();
      await director.recover();
      await isWhole(t, director, `${code} at write ${n}`);
      t.is(await currentNumber(director.disk), 1, `${code} at write ${n}`);
      t.deepEqual(await generationNumbers(director.disk), [1]);
      await director.apply(NEW);
      await isWhole(t, director, `applied after ${code} at write ${n}`);
    }
    t.true(failures >= 6, `${failures}`);
  });
}

/** The files, except that from the n-th change on nothing more fits onto the disk. Removing still works. */
function fullFrom(files: Files, n: number): Files & { readonly changes: number } {
  let changes = 0;
  const fits = async (act: () => Promise<void>): Promise<void> => {
    if (++changes >= n) throw fileError('ENOSPC');
    await act();
  };
  return {
    ...failingAt(files, Infinity, ''),
    get changes() {
      return changes;
    },
    replace: (path, content, mode) => fits(() => files.replace(path, content, mode)),
    link: (path, target) => fits(() => files.link(path, target)),
  };
}

test('a disk that is full from any write of an apply on leaves all as it was', async t => {
  for (let n = 1; ; n++) {
    const director = await running();
    director.start();
    const full = fullFrom(director.files, n);
    director.files = full;
    const apply = director.apply(NEW);
    if (n > 3) {
      await apply;
      t.is(full.changes, 3);
      break;
    }
    await fails(t, apply, 'file', /intent\.json$|2\.json$|current$/);
    await isWhole(t, director, `full from write ${n} on`);
    t.is(await currentNumber(director.disk), 1);
    t.deepEqual(await generationNumbers(director.disk), [1]);
  }
});

test('a way back is gone though the disk is full; what could not be written stays due', async t => {
  for (let n = 1; n <= 6; n++) {
    const director = await running();
    await director.apply(NEW, { trial: TRIAL });
    director.start();
    director.files = failingAt(director.files, n, 'ENOSPC');
    const back = director.goBack();
    // The folder and the intent, then folder, link and the end of the intent.
    if (n <= 2 || n === 6) await back;
    else await fails(t, back, 'file', /lvsctl/);
    t.true(isDeepStrictEqual(keys(director), ['192.0.2.100:80', '192.0.2.101:25']), `full at ${n}`);
    director.start();
    await director.recover();
    t.is(await currentNumber(director.disk), 1);
    await isWhole(t, director, `ENOSPC at write ${n}`);
  }
});

test('a reconciliation needs no room on the disk', async t => {
  const director = await running();
  director.live = { ...director.live, services: director.live.services.slice(1) };
  director.start();
  director.files = fullFrom(director.files, 1);
  await director.reconcile();
  await isWhole(t, director, 'reconciled');
});

function keys({ live }: Director): string[] {
  return live.services
    .map(({ key }) => (key.kind === 'address' ? `${key.address}:${key.port}` : ''))
    .toSorted();
}
