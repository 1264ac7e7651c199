import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const TEXT = `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }
`;
const AT = '{ "at": "2026-11-21T02:00:00.000Z", "boot": "", "up": 0 }';
const DRAINED = `{ "version": 1, "entries": [ { "service": "192.0.2.100:80/tcp", "server": "192.0.2.11:80",
  "drain": { "author": "ada", "since": ${AT} }, "revision": 1, "host": "midas" } ] }`;

/** What an apply says, and whether it has looked at all there is: then it asks for the daemons, too. */
async function apply(
  host: KernelHost,
  ...words: string[]
): Promise<{ out: string; exitCode: number; looked: boolean }> {
  let looked = false;
  const { programs } = host;
  host.programs = async (program, args, options) => {
    looked ||= args.includes('--daemon');
    return await programs(program, args, options);
  };
  const { out, err, exitCode } = await host.run('apply', '-f', 'lvs.yaml', ...words);
  host.programs = programs;
  return { out: out + err, exitCode, looked };
}

async function director(t: ExecutionContext, text = TEXT): Promise<KernelHost> {
  const host = new KernelHost(t);
  await host.applied(t, text);
  return host;
}

test('the same once more is known to have nothing to do, and is told as if it had been looked at', async t => {
  const host = await director(t);
  t.true(host.kernel.restore(['-A -t 192.0.2.99:1 -s rr']).exitCode === 0);
  for (const words of [[], ['-o', 'json']]) {
    const before = await apply(host, ...words);
    const after = await apply(host, ...words);
    t.is(after.out, before.out);
    t.false(after.looked);
    rmSync(join(host.root, 'run/lvsctl/unchanged.json'));
    const anew = await apply(host, ...words);
    t.true(anew.looked);
    t.is(anew.out, before.out);
  }
});

test('what was changed for it needs no second look, and connections are no change', async t => {
  const host = await director(t);
  host.kernel.busy.set('192.0.2.100:80 192.0.2.11:80', [17, 4]);
  t.deepEqual(await apply(host), { out: 'nothing to change\n', exitCode: 0, looked: false });
});

/** Each makes an apply look again, whatever it then finds. */
const CHANGES: Readonly<Record<string, (host: KernelHost) => void>> = {
  'a weight in the table': ({ kernel }) =>
    void kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 7']),
  'a threshold': ({ kernel }) => void kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1 -x 9']),
  'a service of others': ({ kernel }) => void kernel.restore(['-A -t 192.0.2.99:1 -s rr']),
  'the timeouts': ({ kernel }) => void kernel.restore(['--set 800 120 300']),
  'another text': host => host.put('/here/lvs.yaml', `${TEXT}# and a remark\n`),
  'the names of ports': host => host.put('/etc/services', 'ssh 22/tcp\n'),
  'what operators said': host => host.put('/var/lib/lvsctl/operator.json', DRAINED),
  'what checkers found': host =>
    host.put('/run/lvsctl/health.json', '{ "version": 1, "dead": [], "rising": [] }'),
  'an alert that waits': host =>
    host.put(
      '/run/lvsctl/inbox/000000000000000001-0123456789ab.json',
      `{ "version": 1, "event": { "finding": "startup", "service": "fwmark:7", "server": "192.0.2.11", "at": ${AT} } }`,
    ),
  'measured weights': host => host.put('/var/lib/lvsctl/polling', '# nothing\n'),
  'the generation that runs': host =>
    host.put(
      '/var/lib/lvsctl/generations/1.json',
      host.text('/var/lib/lvsctl/generations/1.json').replace('"ada"', '"eve"'),
    ),
  'the proof itself': host => host.put('/run/lvsctl/unchanged.json', '{'),
};
for (const [what, change] of Object.entries(CHANGES)) {
  test(`it looks again after a change of ${what}`, async t => {
    const host = await director(t);
    t.false((await apply(host)).looked);
    change(host);
    const { looked, exitCode, out } = await apply(host);
    t.is(exitCode, 0, out);
    t.true(looked, out);
    const { out: plan } = await host.run('plan', '-f', 'lvs.yaml');
    t.regex(plan, /^nothing to change\n/);
  });
}

test('a file that is no text is refused, though it reads like one that was applied', async t => {
  const host = await director(t, `${TEXT}# \ufffd\n`);
  t.false((await apply(host)).looked);
  const bytes = Buffer.from(`${TEXT}# ?\n`);
  bytes[bytes.length - 2] = 0xff;
  writeFileSync(join(host.root, 'here/lvs.yaml'), bytes);
  t.is((await apply(host)).exitCode, 78);
});

test('another version looks for itself', async t => {
  const host = await director(t);
  host.version = '99.0.0';
  t.true((await apply(host)).looked);
});

test('what has an end, a warning or a foreign service to prune is looked at each time', async t => {
  const host = await director(t);
  host.put(
    '/var/lib/lvsctl/operator.json',
    DRAINED.replace('"since"', `"expires": { "since": ${AT}, "ms": 9e9 }, "since"`),
  );
  for (const _ of [1, 2]) t.true((await apply(host)).looked);

  const trial = new KernelHost(t);
  trial.put('/here/lvs.yaml', TEXT);
  t.is((await trial.run('apply', '-f', 'lvs.yaml', '--confirm', '1h')).exitCode, 0);
  const confirming = await apply(trial);
  t.true(confirming.looked);
  t.regex(confirming.out, /generation 1 is confirmed/);

  const warned = await director(t, TEXT.replace('port: 80', 'port: 21'));
  for (const _ of [1, 2]) {
    const { looked, out } = await apply(warned);
    t.true(looked);
    t.regex(out, /warning\[ftp-alone\]/);
  }

  const shared = await director(t);
  shared.kernel.restore(['-A -t 192.0.2.99:1 -s rr']);
  await apply(shared);
  t.false((await apply(shared)).looked);
  const pruned = await apply(shared, '--prune');
  t.true(pruned.looked);
  t.notRegex(shared.kernel.rules(), /192\.0\.2\.99/);
});

test('an option that cannot be is refused, also where nothing is to be done', async t => {
  const host = await director(t);
  t.is((await apply(host, '--confirm', 'soon')).exitCode, 64);
});

test('a description that cannot be kept in mind is applied all the same', async t => {
  const host = new KernelHost(t);
  const { files } = host;
  host.files = {
    ...files,
    replace: async (path, ...rest) => {
      if (path.endsWith('/unchanged.json')) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      await files.replace(path, ...rest);
    },
  };
  await host.applied(t, TEXT);
  const { looked, exitCode, out } = await apply(host);
  t.deepEqual([looked, exitCode, out], [true, 0, 'nothing to change\n']);
});
