import test, { type ExecutionContext } from 'ava';
import { keptHealth } from '../../src/state/health.js';
import { rebuilt } from '../../src/state/journal-reader.js';
import { JOURNAL } from '../../src/state/paths.js';
import { CLUSTER, mon } from '../support/alerted.js';
import { fileError } from '../support/fake-files.js';
import { Killed, Mortal, survives } from '../support/mortal.js';

const BOOT = '6f1c1d6e-0000-4000-8000-000000000001';
const WEB1 = '192.0.2.11:80';

interface Story {
  readonly before: readonly (readonly [kind: string, service: string, server: string])[];
  readonly act: readonly [kind: string, service: string, server: string];
}

const STORIES: Record<string, Story> = {
  'a death': { before: [], act: ['failure', 'web', WEB1] },
  'a return': { before: [['failure', 'web', WEB1]], act: ['up', 'web', WEB1] },
  'a slow return': {
    before: [['failure', 'shop', '192.0.2.11:443']],
    act: ['up', 'shop', '192.0.2.11:443'],
  },
  'the death of the last': {
    before: [['failure', 'shop', '192.0.2.11:443']],
    act: ['failure', 'shop', '192.0.2.12:443'],
  },
};

async function ready(t: ExecutionContext, { before }: Story): Promise<Mortal> {
  const mortal = new Mortal(t);
  mortal.host.time = 1_000_000;
  await mortal.ready(CLUSTER);
  for (const call of before) t.is((await mon(mortal.host, ...call)).exitCode, 0);
  mortal.host.time = 1_100_000;
  mortal.steps = 0;
  return mortal;
}

async function inbox(mortal: Mortal): Promise<number> {
  return (await mortal.disk.list('/run/lvsctl/inbox')).length;
}

for (const [what, story] of Object.entries(STORIES)) {
  test(`kill -9 at any step of ${what}: an alert that came in has its effect, once`, async t => {
    const whole = await ready(t, story);
    const start = whole.table();
    t.is((await mon(whole.host, ...story.act)).exitCode, 0);
    const end = whole.table();
    t.not(end, start);
    const health = JSON.stringify(await keptHealth(whole.disk));
    const { steps } = whole;
    let lost = 0;
    for (let at = 1; at <= steps; at++) {
      const mortal = await ready(t, story);
      mortal.before = step => {
        if (step >= at) throw new Killed();
      };
      if (await survives(() => mon(mortal.host, ...story.act))) t.fail(`step ${at} was not reached`);
      mortal.before = () => {};
      const waited = await inbox(mortal);
      const changed = mortal.table() !== start;
      t.is(await mortal.tick(), 0);
      if (mortal.table() === start) {
        // Nobody has it yet: mon repeats it.
        lost++;
        t.false(changed || waited > 0, `step ${at}`);
        t.is((await mon(mortal.host, ...story.act)).exitCode, 0);
      }
      t.is(mortal.table(), end, `step ${at}`);
      t.is(JSON.stringify(await keptHealth(mortal.disk)), health, `step ${at}`);
      t.is(await inbox(mortal), 0);
      const { overlays } = await rebuilt(mortal.disk, BOOT);
      t.deepEqual(overlays.health, await keptHealth(mortal.disk), `step ${at}`);
    }
    t.true(lost <= 2, `${lost} of ${steps}`);
  });

  test(`a disk that is full from any write of ${what} on: the table is the old or the new one, and never goes back`, async t => {
    const whole = await ready(t, story);
    const start = whole.table();
    await mon(whole.host, ...story.act);
    const end = whole.table();
    for (const place of ['/run/', '/var/']) {
      for (let at = 1; at <= whole.steps; at++) {
        const mortal = await ready(t, story);
        mortal.before = (step, doing) => {
          // A rename in its folder needs no room.
          if (step >= at && !/^(remove|rename|makeFolder|-)/.test(doing) && doing.includes(place))
            throw fileError('ENOSPC', doing);
        };
        const { exitCode, err } = await mon(mortal.host, ...story.act);
        const seen = mortal.table();
        t.true(seen === start || seen === end);
        t.is(seen, exitCode === 0 || (await inbox(mortal)) > 0 ? end : start, `${place} step ${at}: ${err}`);
        if (exitCode !== 0) t.regex(err, /lvsctl: \/run\/lvsctl\/\S+: no space left on the device/);
        // Whoever comes meanwhile, and whoever comes when there is room again.
        await mortal.act('apply', '-f', 'lvs.yaml');
        t.is(mortal.table(), seen, `${place} step ${at}`);
        await mortal.tick();
        mortal.before = () => {};
        t.is(await mortal.tick(), 0);
        t.is(mortal.table(), seen);
        t.is(await inbox(mortal), 0);
        const text = new TextDecoder().decode(await mortal.disk.read(JOURNAL));
        const lines = text
          .split('\n')
          .filter(line => line.includes('"cause":"mon"') && /"(up|down)"/.test(line));
        t.is(
          new Set(lines.map(line => line.slice(line.indexOf('"event"')))).size,
          lines.length,
          lines.join('\n'),
        );
      }
    }
  });
}

test('an alert that finds no room waits for it, as long as for the lock', async t => {
  const mortal = await ready(t, STORIES['a return']!);
  const { time } = mortal.host;
  mortal.before = (_step, doing) => {
    if (doing.includes('/inbox/') && mortal.host.time < time + 20_000) throw fileError('ENOSPC', doing);
  };
  t.is((await mon(mortal.host, 'up', 'web', WEB1)).exitCode, 0);
  t.regex(mortal.table(), /-r 192\.0\.2\.11:80 -g -w 3/);
});

test('a return that finds no room in time is lost, and the message says until when the server stays out', async t => {
  for (const [story, act, help] of [
    ['a return', 'up', true],
    ['a death', 'failure', false],
  ] as const) {
    const mortal = await ready(t, STORIES[story]!);
    mortal.before = (_step, doing) => {
      if (doing.includes('/inbox/')) throw fileError('ENOSPC', doing);
    };
    const { exitCode, err } = await mon(mortal.host, act, 'web', WEB1);
    t.is(exitCode, 1);
    t.regex(err, /^lvsctl: \/run\/lvsctl\/inbox\/\S+: no space left on the device\n/);
    t.is(/help: .* stays out until it fails and returns again, or mon is restarted\n/.test(err), help, err);
  }
});

test('a run folder that cannot be written: nothing changes, and the message says why', async t => {
  const mortal = await ready(t, STORIES['a death']!);
  const start = mortal.table();
  mortal.before = (_step, doing) => {
    if (doing.includes('/run/') && !doing.startsWith('makeFolder')) throw fileError('EROFS', doing);
  };
  const { exitCode, err } = await mon(mortal.host, 'failure', 'web', WEB1);
  t.is(exitCode, 1);
  t.regex(err, /^lvsctl: \/run\/lvsctl\/inbox\/\S+: the file system is read-only\n/);
  t.is(mortal.table(), start);
});

test('an ipvsadm that fails leaves the table, and the alert for later', async t => {
  for (const [said, code] of [
    [{ missing: true }, 69],
    [{ exitCode: 255, stderr: 'Permission denied (you must be root)\n' }, 77],
    [{ exitCode: 1, stderr: 'segmentation fault\n' }, 1],
  ] as const) {
    const { host } = await ready(t, STORIES['a death']!);
    const start = host.kernel.rules();
    for (const line of ['-Sn', '-Ln --thresholds', '-Ln --timeout', '-R'])
      host.answers.set(`ipvsadm ${line}`, said);
    const { exitCode } = await mon(host, 'failure', 'web', WEB1);
    t.is(exitCode, code);
    t.is(host.kernel.rules(), start);
    t.is(
      host.called.some(line => / 60\.000 .* tick$/.test(line)),
      code !== 77,
    );
    host.answers.clear();
    t.is((await host.run('tick')).exitCode, 0);
    t.not(host.kernel.rules(), start);
  }
});

test('a line that the kernel refuses: told, kept, and tried again', async t => {
  const { host } = await ready(t, STORIES['the death of the last']!);
  const restore = host.kernel.restore.bind(host.kernel);
  host.kernel.restore = lines =>
    lines.some(line => line.startsWith('-a'))
      ? { exitCode: 255, stdout: '', stderr: 'Memory allocation problem\n' }
      : restore(lines);
  const start = host.kernel.rules();
  const { exitCode, err } = await mon(host, 'failure', 'shop', '192.0.2.12:443');
  t.is(exitCode, 1, err);
  // The fallback is refused: the dead server is not taken away for nothing.
  t.is(host.kernel.rules(), start);
  host.kernel.restore = restore;
  t.is((await host.run('tick')).exitCode, 0);
  t.regex(host.kernel.rules(), /192\.0\.2\.99:443/);
  t.notRegex(host.kernel.rules(), /192\.0\.2\.12:443/);
});

test('damaged health of which the journal may lack something is put aside, and mon’s word counts from then on', async t => {
  const { host, disk } = await ready(t, STORIES['a return']!);
  await disk.remove('/run/lvsctl/journal-whole');
  await disk.replace('/run/lvsctl/health.json', '{', 0o644);
  await disk.replace('/run/lvsctl/heard.json', '[]', 0o644);
  await disk.replace('/run/lvsctl/inbox/000000000000000001-0123456789ab.json', 'x', 0o644);
  const { exitCode, err } = await mon(host, 'failure', 'web', '192.0.2.12:80');
  t.is(exitCode, 0);
  t.regex(err, /it is kept as \/run\/lvsctl\/health\.json\.damaged-1/);
  t.regex(err, /inbox\/\S+ is damaged: .*; it is kept as \S+\.damaged-1/);
  t.notRegex(host.kernel.rules(), /192\.0\.2\.12:80 /);
});
