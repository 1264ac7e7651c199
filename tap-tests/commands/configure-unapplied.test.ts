import test from 'ava';
import { takeLock } from '../../src/state/lock.js';
import { configured, MON_CF, NEW, OLD } from '../support/renewed.js';

test('configure in place refuses a description that differs from what runs, and writes nothing', async t => {
  const host = await configured(t);
  host.put('/here/lvs.yaml', NEW);
  const before = host.everything('/etc');
  const { exitCode, err } = await host.run('configure', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.regex(
    err,
    /lvs\.yaml differs from generation 1, which runs \(\d+ lines of the table differ\): nothing was written\n {2}help: `lvsctl apply` makes it run/,
  );
  t.is((await host.run('configure', '-f', 'lvs.yaml', '--force')).exitCode, 1);
  t.deepEqual(host.everything('/etc'), before);
});

test('whoever only looks is told of it', async t => {
  const host = await configured(t);
  host.put('/here/lvs.yaml', NEW);
  const before = host.everything('/etc');
  for (const [flags, code] of [
    [['--check'], 2],
    [['--dry-run'], 0],
    [['--diff', '--dry-run'], 0],
    [['--diff'], 1],
  ] as const) {
    const { exitCode, out, err } = await host.run('configure', '-f', 'lvs.yaml', ...flags);
    t.is(exitCode, code, flags.join(' '));
    t.regex(err, /differs from generation 1, which runs/);
    t.is(/^\+ +interval 7s$/m.test(out), flags[0] === '--diff', out);
  }
  t.deepEqual(host.everything('/etc'), before);
});

test('another wording of what runs is configured, and --out asks nothing of what runs', async t => {
  const host = await configured(t);
  host.remove(MON_CF);
  host.put('/here/lvs.yaml', `# A comment.\n${OLD}`);
  t.is((await host.run('configure', '-f', 'lvs.yaml')).exitCode, 0);
  t.true(host.paths('/etc').includes(MON_CF));
  host.put('/here/lvs.yaml', NEW);
  t.is((await host.run('configure', '-f', 'lvs.yaml', '--out', 'trees')).exitCode, 0);
});

test('a running generation that cannot be read keeps configure from writing, and nobody from looking', async t => {
  const host = await configured(t);
  host.put('/var/lib/lvsctl/generations/1.json', 'x');
  const { exitCode, err } = await host.run('configure', '-f', 'lvs.yaml');
  t.not(exitCode, 0);
  t.regex(err, /1\.json is damaged/);
  t.is((await host.run('configure', '-f', 'lvs.yaml', '--check')).exitCode, 0);
});

test('configure in place waits for an apply, and gives up; where nothing runs, or elsewhere, it needs no lock', async t => {
  const host = await configured(t);
  host.remove(MON_CF);
  const since = new Date(0).toISOString();
  const lock = await takeLock(host.files, 'apply', { pid: process.pid, since }, 0);
  const { exitCode, err } = await host.run('configure', '-f', 'lvs.yaml');
  t.is(exitCode, 75);
  t.regex(err, /lvsctl apply/);
  t.false(host.paths('/etc').includes(MON_CF));
  for (const flags of [['--check'], ['--dry-run'], ['--out', 'trees']])
    t.not((await host.run('configure', '-f', 'lvs.yaml', ...flags)).exitCode, 75, flags.join(' '));
  await lock.release();
  t.is((await host.run('configure', '-f', 'lvs.yaml')).exitCode, 0);
  t.true(host.paths('/etc').includes(MON_CF));
});
