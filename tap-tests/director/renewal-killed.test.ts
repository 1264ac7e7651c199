import test, { type ExecutionContext } from 'ava';
import { fileError } from '../support/fake-files.js';
import { Killed, type Mortal, survives } from '../support/mortal.js';
import { etc, MON_CF, mortalConfigured, NEW, SLOWER } from '../support/renewed.js';

/** The generation that runs, its table and its files: all of one and the same. */
async function whole(mortal: Mortal): Promise<string> {
  return [await mortal.state(), mortal.table(), await etc(mortal)].join('\n---\n');
}

function dieAt(mortal: Mortal, at: number): void {
  mortal.before = step => {
    if (step >= at) throw new Killed();
  };
}

async function ends(t: ExecutionContext, text: string): Promise<{ steps: number; states: Set<string> }> {
  const mortal = await mortalConfigured(t);
  const states = new Set([await whole(mortal)]);
  t.is(await mortal.apply(text), 0);
  const { steps } = mortal;
  states.add(await whole(mortal));
  t.is(states.size, 2);
  return { steps, states };
}

for (const [what, text] of [
  ['table and files', NEW],
  ['files alone', SLOWER],
] as const) {
  test(`kill -9 at any step of an apply of ${what}: files, table and generation are of one cluster`, async t => {
    const { steps, states } = await ends(t, text);
    t.true(steps > 12, `${steps} steps`);
    const seen = new Set<string>();
    for (let at = 1; at <= steps; at++) {
      const mortal = await mortalConfigured(t);
      dieAt(mortal, at);
      if (await survives(() => mortal.apply(text))) t.fail(`step ${at} was not reached`);
      mortal.before = () => {};
      t.is(await mortal.tick(), 0);
      const found = await whole(mortal);
      t.true(states.has(found), `killed at step ${at}: ${found.slice(0, 2000)}`);
      seen.add(found);
      if (found.startsWith('2'))
        t.true(
          mortal.host.called.some(line => line.includes('HUP')),
          `step ${at}`,
        );
      t.is(await mortal.apply(text), 0);
    }
    t.is(seen.size, 2);
  });
}

test('kill -9 of what ends a killed apply: the next one ends both', async t => {
  const { steps, states } = await ends(t, NEW);
  for (let at = 4; at <= steps; at += 4) {
    for (let then = 1; ; then += 3) {
      const mortal = await mortalConfigured(t);
      dieAt(mortal, at);
      await survives(() => mortal.apply(NEW));
      dieAt(mortal, then);
      const isDone = await survives(() => mortal.tick());
      mortal.before = () => {};
      t.is(await mortal.tick(), 0);
      t.true(states.has(await whole(mortal)), `killed at ${at}, then at ${then}`);
      if (isDone) break;
    }
  }
});

test('a disk that is full from any write on: refused, and files, table and generation are as they were', async t => {
  const { steps, states } = await ends(t, NEW);
  let failed = 0;
  for (let at = 1; at <= steps; at++) {
    const mortal = await mortalConfigured(t);
    mortal.before = (step, what) => {
      if (step >= at && /^(replace|link|append|makeFolder)/.test(what)) throw fileError('ENOSPC', what);
    };
    const exitCode = await mortal.apply(NEW);
    mortal.before = () => {};
    if (exitCode !== 0) failed++;
    await mortal.tick();
    const found = await whole(mortal);
    t.true(states.has(found), `full at step ${at}: ${found.slice(0, 2000)}`);
    t.is(found.startsWith('2'), exitCode === 0, `full at step ${at}`);
  }
  t.true(failed > 5 && failed < steps);
});

test('kill -9 at any step of the end of a trial: its files go back with its table', async t => {
  const trial = async (): Promise<Mortal> => {
    const mortal = await mortalConfigured(t);
    t.is(await mortal.apply(NEW, '--confirm', '60s'), 0);
    mortal.host.time = 60_000;
    return mortal;
  };
  const first = await trial();
  t.is(await first.tick(), 0);
  const { steps } = first;
  const wanted = await whole(first);
  t.is(await etc(first), await etc(await mortalConfigured(t)));
  for (let at = 1; at <= steps; at++) {
    const mortal = await trial();
    dieAt(mortal, at);
    await survives(() => mortal.tick());
    mortal.before = () => {};
    t.is(await mortal.tick(), 0);
    t.is(await whole(mortal), wanted, `killed at step ${at}`);
  }
});

test('a copy that an earlier change has left is never put back, wherever this one is killed or fails', async t => {
  const left = '/etc/mon/.lvsctl-before-mon.cf';
  const other = await mortalConfigured(t);
  t.is(await other.apply(SLOWER), 0);
  const older = await other.disk.read(MON_CF);
  const ready = async (): Promise<Mortal> => {
    const mortal = await mortalConfigured(t);
    await mortal.disk.replace(left, older, 0o644);
    return mortal;
  };
  const interval = async ({ disk }: Mortal): Promise<string | undefined> =>
    /interval (\d+)s/.exec(Buffer.from(await disk.read(MON_CF)).toString())?.[1];
  const first = await ready();
  t.is(await first.apply(NEW), 0);
  t.is(await first.disk.look(left), undefined);
  const { steps } = first;
  for (const isKilled of [true, false]) {
    for (let at = 1; at <= steps; at++) {
      const mortal = await ready();
      mortal.before = (step, what) => {
        if (step < at) return;
        if (isKilled) throw new Killed();
        if (/^(replace|link|append|makeFolder)/.test(what)) throw fileError('ENOSPC', what);
      };
      await survives(() => mortal.apply(NEW));
      mortal.before = () => {};
      t.is(await mortal.tick(), 0);
      const isNew = (await mortal.state()).startsWith('2');
      t.is(await interval(mortal), isNew ? '7' : '5', `${isKilled ? 'killed' : 'full'} at step ${at}`);
    }
  }
});

test('a copy that an earlier change has left, and that cannot be removed: refused, and nothing is changed', async t => {
  const left = '/etc/mon/.lvsctl-before-mon.cf';
  const mortal = await mortalConfigured(t);
  await mortal.disk.replace(left, 'older', 0o644);
  const before = await whole(mortal);
  mortal.before = (_step, what) => {
    if (what === `remove ${left}`) throw fileError('EROFS', left);
  };
  t.is(await mortal.apply(NEW), 1);
  t.is(await whole(mortal), before);
  t.is(await mortal.disk.look('/var/lib/lvsctl/intent.json'), undefined);
});
