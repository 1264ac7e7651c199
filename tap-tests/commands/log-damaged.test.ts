import test, { type ExecutionContext } from 'ava';
import { HEALTH, JOURNAL, OPERATOR } from '../../src/state/paths.js';
import type { KernelHost } from '../support/kernel-host.js';
import { director, done } from '../support/operated.js';

test('a drain whose line is damaged is not said to be neither lost nor damaged', async t => {
  for (const end of ['', '\n']) {
    const host = await director(t);
    await done(t, host, 'drain', 'web', 'web1');
    const whole = host.text(OPERATOR);
    await host.files.remove(OPERATOR);
    await host.files.remove(HEALTH);
    const lines = host.text(JOURNAL).trimEnd();
    host.put(JOURNAL, `${lines.slice(0, -1)}${end}`);
    const line = lines.split('\n').length;
    for (const argv of [['-n'], []]) {
      const { exitCode, out, err } = await host.run('log', '--rebuild', ...argv);
      t.is(exitCode, 1);
      const missing = 'what it said of drains and dead servers is missing';
      t.is(err, `warning: ${JOURNAL}: line ${line} is damaged: ${missing}\n`);
      t.regex(out, /^of \S+operator\.json and \S+health\.json more may be lost/);
    }
    const { exitCode, out } = await host.run('log', '--rebuild', '-o', 'json');
    t.is(exitCode, 1);
    t.like(JSON.parse(out), {
      rebuilt: [],
      damaged: [{ path: JOURNAL, line }],
      unsure: [OPERATOR, HEALTH],
    });
    // What is there can be read, and is right whatever the journal lacks.
    host.put(OPERATOR, whole);
    host.put(HEALTH, '{"version":1,"dead":[],"rising":[]}');
    const there = await host.run('log', '--rebuild');
    t.is(there.exitCode, 0);
    t.regex(there.err, /is damaged: nothing is missing/);
  }
});

test('a journal that is nothing but garbage is no ground for a file that is not there', async t => {
  const host = await director(t);
  host.put(JOURNAL, 'garbage\n'.repeat(25));
  const { exitCode, err } = await host.run('log', '--rebuild');
  t.is(exitCode, 1);
  t.regex(err, /has no snapshot to begin with/);
});

/** The events that are shown, and how many lines were named. */
async function shown(t: ExecutionContext, host: KernelHost, last: number): Promise<[string[], number]> {
  const { exitCode, out, err } = await host.run('log', '--last', String(last), '-o', 'json');
  t.is(exitCode, 0);
  const lines = out.split('\n').slice(0, -1);
  const events = lines.map(line => (JSON.parse(line) as { event: string }).event);
  return [events, err.split('\n').length - 1];
}

test('the last entries are as many as asked, however many lines among them are damaged', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  await done(t, host, 'undrain', 'web', 'web1');
  const [all] = await shown(t, host, 1000);
  // Some have the beginning and the end of an entry.
  const damaged = ['garbage', '{"time":"x"}', '\0'];
  const lines = host.text(JOURNAL).trimEnd().split('\n');
  const holed = lines.flatMap(line => [line, ...damaged]);
  for (const paths of [[JOURNAL], [`${JOURNAL}.1`, JOURNAL]]) {
    const half = paths.length === 1 ? 0 : Math.floor(holed.length / 2);
    host.put(paths[0]!, `${holed.slice(0, half || holed.length).join('\n')}\n`);
    if (half > 0) host.put(JOURNAL, `${holed.slice(half).join('\n')}\n`);
    for (const last of [1, 2, 3, all.length, all.length + 5]) {
      const [events, named] = await shown(t, host, last);
      t.deepEqual(events, all.slice(-last), `${paths.length} ${last}`);
      t.true(named >= 3);
    }
  }
});
