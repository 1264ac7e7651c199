import test, { type ExecutionContext } from 'ava';
import { fileError } from '../support/fake-files.js';
import { Killed, Mortal, survives } from '../support/mortal.js';

const OLD = `version: 1
services:
  - name: web # the shop
    address: 192.0.2.100
    port: 80
    scheduler: wrr
    servers:
      # rack 1
      - 192.0.2.11
      - 192.0.2.12
`;
const NEW = OLD.replace('      - 192.0.2.11\n', '');
const EDIT = ['server', 'remove', 'web', '192.0.2.11', '-f', 'lvs.yaml'];
const FILE = '/here/lvs.yaml';

async function made(t: ExecutionContext): Promise<Mortal> {
  const mortal = new Mortal(t);
  await mortal.ready(OLD);
  return mortal;
}

async function fileOf(mortal: Mortal): Promise<string> {
  return new TextDecoder().decode(await mortal.disk.read(FILE));
}

/** File and generation, and the table that belongs to the generation. */
async function found(mortal: Mortal): Promise<string> {
  const text = await fileOf(mortal);
  const file = text === OLD ? 'old file' : text === NEW ? 'new file' : `neither: ${text}`;
  const isOld = mortal.table().includes('192.0.2.11:80');
  return `${file}, ${isOld ? 'old' : 'new'} table, ${await mortal.state()}`;
}

const BEFORE = 'old file, old table, 1.json of 1.json current';
const AFTER = 'new file, new table, 2.json of 1.json 2.json current';
/** Killed between the two: what the next apply makes of it is what was asked for. */
const BETWEEN = 'new file, old table, 1.json of 1.json current';

async function steps(t: ExecutionContext): Promise<number> {
  const mortal = await made(t);
  t.is(await found(mortal), BEFORE);
  t.is(await mortal.act(...EDIT), 0);
  t.is(await found(mortal), AFTER);
  return mortal.steps;
}

test('kill -9 at any step: the same command once more, or an apply, ends it', async t => {
  const all = await steps(t);
  t.true(all > 10, `${all} steps`);
  const seen = new Set<string>();
  for (const again of [EDIT, ['apply', '-f', 'lvs.yaml']]) {
    for (let at = 1; at <= all; at++) {
      const mortal = await made(t);
      mortal.before = step => {
        if (step >= at) throw new Killed();
      };
      if (await survives(() => mortal.act(...EDIT))) t.fail(`step ${at} was not reached`);
      mortal.before = () => {};
      if (again === EDIT) {
        const { err } = await mortal.host.run(...EDIT);
        t.is(await found(mortal), AFTER, `killed at step ${at}: ${err}`);
        continue;
      }
      t.is(await mortal.tick(), 0);
      const state = await found(mortal);
      t.true([BEFORE, BETWEEN, AFTER].includes(state), `killed at step ${at}: ${state}`);
      seen.add(state);
      // An apply brings about the file, whichever it is.
      t.is((await mortal.host.run(...again)).exitCode, 0);
      t.is(await found(mortal), state === BEFORE ? BEFORE : AFTER);
      t.is((await mortal.host.run('plan', '-f', 'lvs.yaml')).exitCode, 0);
    }
  }
  t.deepEqual([...seen].toSorted(), [AFTER, BETWEEN, BEFORE].toSorted());
});

test('a disk that is full from any write on: old file and old table, or new file and new table', async t => {
  const all = await steps(t);
  let failed = 0;
  for (let at = 1; at <= all; at++) {
    const mortal = await made(t);
    let full = true;
    mortal.before = (step, what) => {
      // The file is put back where there is room for it.
      if (what === `replace ${FILE}` && step > at) full = false;
      if (full && step >= at && !/^(remove|-)/.test(what)) throw fileError('ENOSPC', what);
    };
    const { exitCode, err } = await mortal.host.run(...EDIT);
    mortal.before = () => {};
    await mortal.tick();
    const state = await found(mortal);
    if (exitCode !== 0) failed++;
    t.is(state, exitCode === 0 ? AFTER : BEFORE, `full at step ${at}: ${err}`);
  }
  t.true(failed > 2, `${failed}`);
});

test('a file that cannot be put back is told', async t => {
  const mortal = await made(t);
  let writes = 0;
  mortal.before = (_step, what) => {
    if (what.startsWith('replace /var') || (what === `replace ${FILE}` && ++writes > 1))
      throw fileError('ENOSPC', what);
  };
  const { exitCode, err } = await mortal.host.run(...EDIT);
  t.is(exitCode, 1);
  t.true(err.includes('lvs.yaml keeps the edit, which does not run'), err);
  mortal.before = () => {};
  t.is(await found(mortal), BETWEEN);
});

test('what the kernel refuses puts the file back', async t => {
  const mortal = await made(t);
  mortal.host.kernel.lacks.add('mh');
  const { exitCode, err } = await mortal.host.run('service', 'set', 'web', 'scheduler=mh', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.true(err.includes('all of it is taken back'), err);
  t.true(err.includes('warning: lvs.yaml is put back as it was\n'), err);
  t.is(await found(mortal), BEFORE);
});

test('whoever edits the file meanwhile is not overwritten: neither before the write nor after a failure', async t => {
  const mortal = await made(t);
  const theirs = `${OLD}# theirs\n`;
  let asked = 0;
  const read = mortal.disk.read.bind(mortal.disk);
  mortal.disk.read = async (path, most) => {
    if (path === FILE && ++asked === 2) await mortal.disk.replace(FILE, theirs, 0o644);
    return await read(path, most);
  };
  const { exitCode, err } = await mortal.host.run(...EDIT);
  t.is(exitCode, 1);
  t.true(err.includes('somebody else has edited lvs.yaml meanwhile; nothing is changed'), err);
  t.is(await fileOf(mortal), theirs);
  t.true(mortal.table().includes('192.0.2.11:80'));

  const other = await made(t);
  other.before = (_step, what) => {
    if (!what.startsWith('replace /var')) return;
    other.disk.replace(FILE, theirs, 0o644).catch(() => t.fail());
    throw fileError('ENOSPC', what);
  };
  const late = await other.host.run(...EDIT);
  t.is(late.exitCode, 1);
  t.true(late.err.includes('lvs.yaml keeps the edit: somebody has edited it further'), late.err);
  t.is(await fileOf(other), theirs);
});

test('where another generation runs by the time that the door opens, nothing is changed', async t => {
  const mortal = await made(t);
  // A trial of the same cluster, which ends while the verb waits for the lock.
  t.is(await mortal.apply(`${OLD}# for now\n`, '--confirm', '60s'), 0);
  const { host } = mortal;
  const { files } = host;
  host.files = new Proxy(files, {
    get: (real, name): unknown =>
      name === 'lock'
        ? (...args: Parameters<typeof real.lock>) => {
            host.time += 60_000;
            return real.lock(...args);
          }
        : Reflect.get(real, name),
  });
  const before = mortal.table();
  const { exitCode, err } = await host.run(...EDIT);
  t.is(exitCode, 1);
  t.true(err.includes('another generation runs by now; nothing is changed'), err);
  t.is(await fileOf(mortal), `${OLD}# for now\n`);
  t.is(mortal.table(), before);
});
