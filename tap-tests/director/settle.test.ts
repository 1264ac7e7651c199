import test, { type ExecutionContext } from 'ava';
import { fileError, unreadable } from '../support/fake-files.js';
import { KernelHost } from '../support/kernel-host.js';

const BOOT = '6f1c1d6e-0000-4000-8000-000000000001';
const SINCE = { at: '1970-01-01T00:00:00.000Z', boot: BOOT, up: 0 };
const PLACE = { service: '192.0.2.100:80/tcp', server: '192.0.2.12:80', revision: 1, host: 'midas' };
const OPERATOR = '/var/lib/lvsctl/operator.json';

function description(scheduler: string, weight = 1): string {
  return `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: ${scheduler}, servers: [ 192.0.2.11, { address: 192.0.2.12, weight: ${weight} } ] }
`;
}

async function director(t: ExecutionContext, text: string, entry?: object): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/proc/sys/kernel/random/boot_id', `${BOOT}\n`);
  await host.applied(t, text);
  if (entry) host.put(OPERATOR, JSON.stringify({ version: 1, entries: [{ ...PLACE, ...entry }] }));
  if (entry) await host.applied(t, text);
  return host;
}

function weights(host: KernelHost): string {
  return [...host.kernel.rules().matchAll(/ -w (\d+)$/gm)].map(one => one[1]).join(' ');
}

const DRAINED = { drain: { author: 'eve', since: SINCE, expires: { since: SINCE, ms: 5000 } } };

test('a drain that ends is written down only once the table follows', async t => {
  const host = await director(t, description('wrr'), DRAINED);
  t.is(weights(host), '1 0');
  const before = host.text(OPERATOR);
  host.time = 5000;
  const { files } = host;
  let last = '';
  host.files = {
    ...files,
    rename: async (path, to) => {
      if (to === OPERATOR) last = weights(host);
      await files.rename(path, to);
    },
  };
  t.is((await host.run('tick')).exitCode, 0);
  t.is(last, '1 1');
  t.not(host.text(OPERATOR), before);
});

test('a full disk keeps no drain from ending: the table follows, and it is tried again in a minute', async t => {
  const host = await director(t, description('wrr'), DRAINED);
  host.time = 5000;
  const { files } = host;
  host.files = {
    ...files,
    replace: (path, content, mode) =>
      path.startsWith('/var/')
        ? Promise.reject(fileError('ENOSPC', path))
        : files.replace(path, content, mode),
  };
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 1);
  t.true(err.includes(`${OPERATOR}: no space left on the device`), err);
  t.is(weights(host), '1 1');
  t.regex(host.called.at(-1)!, / 60\.000 /);
  host.files = files;
  t.is((await host.run('tick')).exitCode, 0);
  t.false(host.text(OPERATOR).includes('drain'));
});

test('a weight that comes back slowly rises by a step with each tick', async t => {
  const slowStart = { since: SINCE, over: 9000 };
  const host = await director(t, description('wrr', 100), { slowStart });
  const seen = [weights(host)];
  for (let tick = 1; tick <= 9; tick++) {
    host.time = tick * 1000;
    t.is((await host.run('tick')).exitCode, 0);
    seen.push(weights(host));
  }
  t.deepEqual(
    seen,
    [10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map(weight => `1 ${weight}`),
  );
  t.false(host.text(OPERATOR).includes('slowStart'));
});

test('a trial that the kernel does not let go back keeps nobody from a mending apply', async t => {
  const host = await director(t, description('wrr'));
  await host.applied(t, description('wlc', 2), '--confirm', '60s');
  host.time = 61_000;
  host.kernel.lacks.add('wrr');
  const tick = await host.run('tick');
  t.is(tick.exitCode, 1);
  t.true(tick.err.includes('the kernel refused `ipvsadm -E -t 192.0.2.100:80 -s wrr'), tick.err);
  t.regex(host.called.at(-1)!, / 60\.000 /);
  t.is((await host.run('confirm')).exitCode, 1);
  const { err } = await host.applied(t, description('rr', 3));
  t.true(err.includes('what has come due is not settled'), err);
  t.is(weights(host), '1 3');
  host.time = 999_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(weights(host), '1 3');
});

test('a trial whose way back is damaged says so, and stays until an apply', async t => {
  const host = await director(t, description('wrr'));
  await host.applied(t, description('wlc', 2), '--confirm', '60s');
  host.put('/var/lib/lvsctl/generations/1.json', '{');
  host.time = 61_000;
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 1);
  t.true(err.includes('generations/1.json is damaged'), err);
  await host.applied(t, description('rr', 3));
  t.is(weights(host), '1 3');
});

test('what a killed run has left and the kernel refuses keeps nobody from a mending apply', async t => {
  const host = await director(t, description('mh'));
  host.kernel.restore(['-E -t 192.0.2.100:80 -s rr']);
  host.beforeBatch = () => {
    throw new Error('killed');
  };
  await t.throwsAsync(host.run('apply', '-f', 'lvs.yaml'), { message: 'killed' });
  host.beforeBatch = () => {};
  host.kernel.lacks.add('mh');
  const { err } = await host.applied(t, description('wrr', 4));
  t.true(err.includes('`lvsctl apply` of 1970-01-01T00:00:00.000Z was ended in its middle'), err);
  t.true(err.includes('it stays so, and `lvsctl show` has what is there'), err);
  t.is(weights(host), '1 4');
});

test('a killed apply that the kernel then refuses is taken back, and the next verb does its work', async t => {
  const host = await director(t, description('wrr'));
  host.put('/here/lvs.yaml', description('wlc', 2));
  const { runner, files } = host;
  let dead = false;
  host.files = new Proxy(files, {
    get: (real, name): unknown =>
      dead ? () => Promise.reject(new Error('killed')) : Reflect.get(real, name),
  });
  host.runner = {
    ...runner,
    run: async (program, args, options) => {
      const result = dead ? undefined : await runner.run(program, args, options);
      dead ||= args[0] === '-R';
      if (dead) throw new Error('killed');
      return result!;
    },
  };
  await t.throwsAsync(host.run('apply', '-f', 'lvs.yaml'), { message: 'killed' });
  Object.assign(host, { runner, files });
  host.kernel.restore(['-E -t 192.0.2.100:80 -s wrr']);
  host.kernel.lacks.add('wlc');
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.true(err.includes('all of it is taken back'), err);
  t.deepEqual(
    host.paths('/var/lib/lvsctl/generations').map(path => path.split('/').at(-1)),
    ['1.json', 'current'],
  );
});

test('tick sets its timer again where another holds the lock all the time', async t => {
  const host = await director(t, description('wrr'));
  const lock = await host.files.lock('/run/lvsctl/lock', '', 0);
  const { files } = host;
  host.files = { ...files, lock: (path, note) => files.lock(path, note, 0) };
  const { exitCode } = await host.run('tick');
  await lock!.release();
  t.is(exitCode, 75);
  t.regex(host.called.at(-1)!, /^setsid .* 60\.000 .* tick$/);
});

test('confirm has confirmed, though what was said of servers that are gone cannot be forgotten', async t => {
  const host = await director(t, description('wrr'), DRAINED);
  await host.applied(
    t,
    description('wrr').replace(', { address: 192.0.2.12, weight: 1 }', ''),
    '--confirm',
    '1s',
  );
  const { files } = host;
  host.files = {
    ...files,
    replace: (path, content, mode) =>
      path === OPERATOR ? Promise.reject(fileError('ENOSPC', path)) : files.replace(path, content, mode),
  };
  const { exitCode, out, err } = await host.run('confirm');
  t.is(exitCode, 0, err);
  t.is(out, 'generation 2 is confirmed\n');
  t.true(err.includes('what is no longer needed stays on the disk'), err);
});

test('a template that cannot be used, or be read, keeps no trial from its end, and is told of', async t => {
  const named = (more: string): string =>
    `${description('wrr')}${more}directors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]\n`;
  const mail = '  - { address: 192.0.2.101, port: 25, scheduler: rr, servers: [ 192.0.2.21 ] }\n';
  const harm: Record<string, (host: KernelHost) => void> = {
    'a template cannot be used': host =>
      host.put('/etc/lvsctl/templates/director/sysctl.conf.hbs', '{{nobody}}\n'),
    'sysctl.conf.hbs cannot be read': host => {
      host.files = unreadable(host.files, /templates\/director\/sysctl/, 'EIO');
    },
  };
  for (const [why, act] of Object.entries(harm)) {
    const host = new KernelHost(t);
    await host.applied(t, named(''));
    await host.applied(t, named(mail), '--confirm', '60s');
    act(host);
    host.time = 61_000;
    const { exitCode, err } = await host.run('tick');
    t.is(exitCode, 0, err);
    t.true(err.includes('firewall marks and settings of this machine stay as they are: '), err);
    t.true(err.includes(why), err);
    t.is(weights(host), '1 1');
    t.false(host.machine.held().some(one => one.includes('192.0.2.101')));
  }
});

test('tick sets its timer again where a killed run has left what cannot be ended yet', async t => {
  const host = await director(t, description('wrr'));
  await host.applied(t, description('wlc', 2), '--confirm', '60s');
  host.time = 61_000;
  host.beforeBatch = () => {
    throw new Error('killed');
  };
  await t.throwsAsync(host.run('tick'), { message: 'killed' });
  host.beforeBatch = () => {};
  host.called.length = 0;
  host.answers.set('ipvsadm -Sn', { exitCode: 1, stderr: 'Memory allocation problem\n' });
  t.is((await host.run('tick')).exitCode, 1);
  t.regex(host.called.join(), /^setsid .* 60\.000 .* tick$/);
  host.answers.clear();
  t.is((await host.run('tick')).exitCode, 0);
  t.is(weights(host), '1 1');
});

test('who may not settle anything sets no timer either', async t => {
  const host = await director(t, description('wrr'));
  const { files } = host;
  host.files = { ...files, lock: path => Promise.reject(fileError('EACCES', path)) };
  t.is((await host.run('tick')).exitCode, 77);
  t.deepEqual(host.called, []);
});
