import test, { type ExecutionContext } from 'ava';
import { rebuilt } from '../../src/state/journal-reader.js';
import { keptHealth } from '../../src/state/health.js';
import { HEALTH, JOURNAL, JOURNAL_WHOLE } from '../../src/state/paths.js';
import { alerted, CLUSTER, mon, servers } from '../support/alerted.js';
import { fileError } from '../support/fake-files.js';
import type { KernelHost } from '../support/kernel-host.js';
import { Killed, Mortal, survives } from '../support/mortal.js';
import { done, journal } from '../support/operated.js';

const BOOT = '6f1c1d6e-0000-4000-8000-000000000001';
const WEB2 = '192.0.2.12:80';

const MAY_BE_LOST =
  /health\.json may be lost, and the journal does not have all of it: .* once the checker says it again\n/;

/** One on which web2 is dead, and the file that says so is damaged. */
async function damaged(t: ExecutionContext): Promise<KernelHost> {
  const host = await alerted(t);
  t.is((await mon(host, 'failure', 'web', WEB2)).exitCode, 0);
  t.is(servers(host), '11=3');
  host.put(HEALTH, '{"version":1,"dead":[');
  return host;
}

test('whoever only looks counts what the journal has of dead servers, and says so', async t => {
  const host = await damaged(t);
  host.put('/here/lvs.yaml', CLUSTER);
  for (const words of ['status', 'plan -f lvs.yaml', 'drain dns web2 -n']) {
    const { exitCode, err } = await host.run(...words.split(' '));
    t.is(exitCode, 0, words);
    t.regex(err, /health\.json is damaged: .*; what the journal has of it counts, 1 dead server\n/, words);
  }
  t.is(host.text(HEALTH), '{"version":1,"dead":[');
});

test('whoever has the lock puts it back; no dead server returns, and one that recovers does', async t => {
  const host = await damaged(t);
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.regex(err, /counts, 1 dead server; it is kept as \/run\/lvsctl\/health\.json\.damaged-1\n/);
  t.is(servers(host), '11=3');
  t.like(journal(host).at(-1), { event: 'rebuilt', cause: 'it was damaged', after: `${HEALTH}: 1 server` });
  t.notRegex(await done(t, host, 'status'), /damaged/);
  t.is((await mon(host, 'up', 'web', WEB2)).exitCode, 0);
  t.is(servers(host), '11=3 12=1');
});

test('one that is gone is put back in the same way', async t => {
  const host = await damaged(t);
  host.remove(HEALTH);
  const lost = /health\.json is lost; what the journal has of it counts, 1 dead server\n/;
  const { err } = await host.run('status');
  t.regex(err, lost);
  t.throws(() => host.text(HEALTH), { code: 'ENOENT' });
  const { exitCode, err: told } = await host.run('apply', '-f', 'lvs.yaml', '--reason', 'again');
  t.is(exitCode, 0, told);
  t.regex(told, lost);
  t.is(servers(host), '11=3');
  t.true(journal(host).some(({ event, cause }) => event === 'rebuilt' && cause === 'it was lost'));
  t.notRegex(await done(t, host, 'status'), /lost/);
  t.is((await mon(host, 'up', 'web', WEB2)).exitCode, 0);
  t.is(servers(host), '11=3 12=1');
  host.remove(HEALTH);
  t.notRegex((await host.run('tick')).err, /lost/, 'nobody was dead');
});

test('gone with what the journal had of it: that is said once, and mon says it again', async t => {
  const host = await damaged(t);
  host.remove(HEALTH);
  host.remove(JOURNAL);
  const lost = /health\.json may be lost, and the journal does not have all of it/;
  t.regex((await host.run('tick')).err, lost);
  t.notRegex((await host.run('tick')).err, lost);
  t.is((await mon(host, 'failure', 'web', WEB2)).exitCode, 0);
  t.is(servers(host), '11=3');
});

test('a last line that was being written when its writer died takes nothing from what the journal has', async t => {
  for (const torn of ['{"time":"1970', '{"time":"1970-01-01T00:16:40.000Z","health":{"dead":{}']) {
    const host = await damaged(t);
    host.remove(HEALTH);
    host.put(JOURNAL, `${host.text(JOURNAL)}${torn}`);
    for (const words of ['status', 'apply -f lvs.yaml']) {
      const { exitCode, err } = await host.run(...words.split(' '));
      t.is(exitCode, 0, err);
      t.regex(err, /health\.json is lost; what the journal has of it counts, 1 dead server\n/, words);
    }
    t.is(servers(host), '11=3');
    // By now it is in the middle, and who wrote it did not die of it, for all that is known.
    host.remove(HEALTH);
    t.regex((await host.run('status')).err, MAY_BE_LOST);
  }
});

test('gone after an event could not be written: that is said once, and nothing is put back', async t => {
  for (const isBack of [false, true]) {
    const host = await damaged(t);
    host.remove(HEALTH);
    if (isBack) t.is((await mon(host, 'up', 'web', WEB2)).exitCode, 0);
    if (isBack) host.remove(HEALTH);
    host.remove(JOURNAL_WHOLE);
    const { exitCode, err } = await host.run('status');
    t.is(exitCode, 0);
    t.regex(err, MAY_BE_LOST);
    // An apply that is known to have nothing to do reads none of it.
    const act = isBack ? ['tick'] : ['apply', '-f', 'lvs.yaml'];
    t.regex((await host.run(...act)).err, MAY_BE_LOST);
    t.is(servers(host), '11=3 12=1');
    for (const words of ['tick', 'status']) t.notRegex((await host.run(words)).err, /lost/, words);
    t.is(servers(host), '11=3 12=1');
    t.is((await mon(host, 'failure', 'web', WEB2)).exitCode, 0);
    t.is(servers(host), '11=3');
  }
});

test('after a boot nothing is missed of what was found before it', async t => {
  const host = await damaged(t);
  host.remove(HEALTH);
  host.remove(JOURNAL_WHOLE);
  host.put('/proc/sys/kernel/random/boot_id', `${BOOT.slice(0, -1)}2\n`);
  for (const words of ['status', 'tick', 'tick']) {
    const { exitCode, err } = await host.run(words);
    t.is(exitCode, 0, err);
    t.notRegex(err, /lost/, words);
  }
});

test('where the journal may lack something it counts as empty: mon repeats who is dead, and not who is back', async t => {
  const harm: Record<string, (host: KernelHost) => void> = {
    'an event could not be written': host => host.remove(JOURNAL_WHOLE),
    'a line is damaged': host => host.put(JOURNAL, `${host.text(JOURNAL)}{"time":"x", "health":\n`),
    'no snapshot is there': host => host.put(JOURNAL, host.text(JOURNAL).replaceAll('snapshot', 'shapshot')),
    'its newest file is gone': host => {
      host.put(`${JOURNAL}.1`, host.text(JOURNAL).replace(/^.*"event":"down".*\n/m, ''));
      host.remove(JOURNAL);
    },
    'it cannot be read': host => {
      const { files } = host;
      host.files = {
        ...files,
        stream: (path, from) => {
          const broken = {
            [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(fileError('EIO', path)) }),
          };
          return path.startsWith(JOURNAL) ? broken : files.stream(path, from);
        },
      };
    },
  };
  for (const [what, act] of Object.entries(harm)) {
    const host = await damaged(t);
    act(host);
    const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
    t.is(exitCode, 0, `${what}: ${err}`);
    t.regex(err, /health\.json is damaged: [^;]*; it is kept as \S*health\.json\.damaged-1\n/, what);
    t.is(servers(host), '11=3 12=1', what);
    t.is((await mon(host, 'failure', 'web', WEB2)).exitCode, 0);
    t.is(servers(host), '11=3', what);
  }
});

const HARMS: Record<string, (disk: Mortal['disk']) => Promise<void>> = {
  'a damaged file': disk => disk.replace(HEALTH, 'no such thing', 0o644),
  'a file that is gone': disk => disk.remove(HEALTH),
};

for (const [what, harm] of Object.entries(HARMS)) {
  test(`${what}, and kill -9 at any step, or a full disk: the dead stay dead, and it is whole in the end`, async t => {
    const ready = async (): Promise<Mortal> => {
      const mortal = new Mortal(t);
      mortal.host.time = 1_000_000;
      await mortal.ready(CLUSTER);
      t.is((await mon(mortal.host, 'failure', 'web', WEB2)).exitCode, 0);
      await harm(mortal.disk);
      return mortal;
    };
    const whole = await ready();
    t.is(await whole.tick(), 0);
    const [table, { steps }] = [whole.table(), whole];
    t.true(steps > 3, `${steps} steps`);
    for (const problem of [new Killed(), fileError('ENOSPC', HEALTH)]) {
      for (let at = 1; at <= steps; at++) {
        const mortal = await ready();
        mortal.before = (step, what) => {
          if (step >= at && (problem instanceof Killed || /^(replace|append|makeFolder)/.test(what)))
            throw problem;
        };
        await survives(() => mortal.tick());
        t.is(mortal.table(), table, `step ${at}`);
        mortal.before = () => {};
        t.is(await mortal.tick(), 0);
        t.is(mortal.table(), table, `step ${at}`);
        t.is((await keptHealth(mortal.disk))?.dead.length, 1, `step ${at}`);
        t.deepEqual((await rebuilt(mortal.disk, BOOT)).overlays.health, await keptHealth(mortal.disk));
      }
    }
  });
}
