import { rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const HEAD = 'version: 1\nservices:\n';
const WEB = '  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }\n';
const MAIL = '  - { address: 192.0.2.100, port: 25, scheduler: rr, servers: [ 192.0.2.21 ] }\n';
const OLD = HEAD + WEB + MAIL;
/** A server more, a server less, a weight, a service more, a service less. */
const NEW = `${HEAD}  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { address: 192.0.2.12, weight: 3 }, 192.0.2.13 ] }
  - { address: 192.0.2.100, port: 443, scheduler: rr, servers: [ 192.0.2.21 ] }
`;
const NEW_RULES = `-A -t 192.0.2.100:443 -s rr
-a -t 192.0.2.100:443 -r 192.0.2.21:443 -g -w 1
-A -t 192.0.2.100:80 -s wrr
-a -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 3
-a -t 192.0.2.100:80 -r 192.0.2.13:80 -g -w 1
`;

function director(t: ExecutionContext, description = OLD): KernelHost {
  const host = new KernelHost(t);
  host.put('/here/lvs.yaml', description);
  return host;
}

async function applied(t: ExecutionContext): Promise<KernelHost> {
  const host = director(t);
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  host.put('/here/lvs.yaml', NEW);
  host.batches.length = 0;
  return host;
}

function generation(host: KernelHost, number: number): Record<string, unknown> {
  return JSON.parse(host.text(`/var/lib/lvsctl/generations/${number}.json`)) as Record<string, unknown>;
}

test('apply shows the plan, echoes each command, and says what runs', async t => {
  const host = await applied(t);
  const { exitCode, out, err } = await host.run('apply', '-f', 'lvs.yaml', '--reason', 'two more');
  t.is(exitCode, 0, err);
  t.is(
    out,
    `+ 192.0.2.100:80/tcp → 192.0.2.13:80  forwarding direct  weight 1
+ 192.0.2.100:443/tcp  scheduler rr
+ 192.0.2.100:443/tcp → 192.0.2.21:443  forwarding direct  weight 1
~ 192.0.2.100:80/tcp → 192.0.2.12:80  weight 1 → 3
− 192.0.2.100:80/tcp → 192.0.2.11:80  cuts 0 active, 0 inactive
− 192.0.2.100:25/tcp  cuts 0 active, 0 inactive

3 to add, 1 to change, 2 to remove
generation 2 runs
`,
  );
  t.true(err.includes('ipvsadm -a -t 192.0.2.100:80 -r 192.0.2.13:80 -g -w 1\n'), err);
  t.is(host.kernel.rules(), NEW_RULES);
  t.is((await host.run('plan', '-f', 'lvs.yaml')).out, 'nothing to change\n');
});

test('servers that go get weight 0 with the first batch, and are deleted with the second', async t => {
  const host = await applied(t);
  await host.run('apply', '-f', 'lvs.yaml');
  t.is(host.batches.length, 2);
  t.is(host.batches[0]!.at(-1), '-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0');
  t.deepEqual(host.batches[1], ['-d -t 192.0.2.100:80 -r 192.0.2.11:80', '-D -t 192.0.2.100:25']);
});

test('a generation says who, why, and what was there before', async t => {
  const host = await applied(t);
  await host.run('apply', '-f', 'lvs.yaml', '--reason', 'two more');
  const { author, reason, by, replaces, before, description } = generation(host, 2);
  t.like({ author, reason, by, replaces }, { author: 'ada', reason: 'two more', by: 'apply', replaces: 1 });
  t.deepEqual(description, { name: '/here/lvs.yaml', text: NEW });
  t.true((before as string[]).includes('-A -t 192.0.2.100:25 -s rr'));
  t.true((before as string[]).includes('--set 900 120 300'));
});

test('twice is once: no batch, no generation', async t => {
  const host = await applied(t);
  await host.run('apply', '-f', 'lvs.yaml');
  const before = host.everything('/var/lib/lvsctl');
  host.batches.length = 0;
  const { exitCode, out } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0);
  t.is(out, 'nothing to change\n');
  t.deepEqual(host.everything('/var/lib/lvsctl'), before);
  t.deepEqual(host.batches, []);
});

test("others' services stay, unless --prune", async t => {
  const host = await applied(t);
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
  await host.run('apply', '-f', 'lvs.yaml');
  t.true(host.kernel.rules().includes('-A -t 192.0.2.200:80 -s rr'));
  const { out } = await host.run('apply', '-f', 'lvs.yaml', '--prune');
  t.true(out.includes('− 192.0.2.200:80/tcp'), out);
  t.is(host.kernel.rules(), NEW_RULES);
});

test('a dry run changes nothing, and exits 0', async t => {
  const host = await applied(t);
  const before = host.everything('/var/lib/lvsctl');
  const { exitCode, out } = await host.run('apply', '-n', '-f', 'lvs.yaml');
  t.is(exitCode, 0);
  t.true(out.includes('3 to add, 1 to change, 2 to remove\n'));
  const { exitCode: code, out: json } = await host.run('apply', '-n', '-f', 'lvs.yaml', '-o', 'json');
  t.is(code, 0);
  t.like(JSON.parse(json), { version: 1, applied: false, summary: { add: 3, edit: 1, remove: 2 } });
  t.deepEqual(host.everything('/var/lib/lvsctl'), before);
  t.deepEqual(host.batches, []);
});

test('as data', async t => {
  const host = await applied(t);
  const { out } = await host.run('apply', '-f', 'lvs.yaml', '-o', 'json');
  t.like(JSON.parse(out), { version: 1, file: 'lvs.yaml', applied: true, generation: 2, new: true });
});

test('what the kernel refuses is taken back, and told with its line', async t => {
  const host = await applied(t);
  const before = host.kernel.rules();
  const state = host.everything('/var/lib/lvsctl/generations');
  host.kernel.lacks.add('mh');
  host.put(
    '/here/lvs.yaml',
    `${NEW}  - { address: 192.0.2.100, port: 81, scheduler: mh, servers: [ 192.0.2.21 ] }\n`,
  );
  const { exitCode, out, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.false(out.includes('generation'), out);
  t.true(
    err.includes(
      'lvsctl: the kernel refused `ipvsadm -A -t 192.0.2.100:81 -s mh`: Scheduler or persistence engine not found',
    ),
    err,
  );
  t.true(err.includes('; all of it is taken back\n  help: this kernel lacks the module ip_vs_mh;'), err);
  t.is(host.kernel.rules(), before);
  t.deepEqual(host.everything('/var/lib/lvsctl/generations'), state);
  t.false(host.batches.flat().some(line => line.startsWith('-d -t 192.0.2.100:80 -r 192.0.2.11')));
});

test('a table that someone edits between plan and batch is told, and no mixture stays', async t => {
  const host = await applied(t);
  let first = true;
  host.beforeBatch = () => {
    if (first) host.kernel.restore(['-d -t 192.0.2.100:80 -r 192.0.2.12:80']);
    first = false;
  };
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.true(err.includes('No such destination'), err);
  t.true(err.includes('all of it is taken back'), err);
  t.is(
    host.kernel.rules(),
    `-A -t 192.0.2.100:25 -s rr
-a -t 192.0.2.100:25 -r 192.0.2.21:25 -g -w 1
-A -t 192.0.2.100:80 -s wrr
-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 1
-a -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 1
`,
  );
});

test('keepalived that does not run here: the table is brought about without it, and that is told', async t => {
  const host = director(t, OLD.replace('services:', 'checker: keepalived\nservices:'));
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  t.is(
    err.match(/keepalived does not run here: the table changes, and nobody checks its servers/g)?.length,
    1,
    err,
  );
  t.true(host.kernel.rules().includes('-a -t 192.0.2.100:80 -r 192.0.2.11:80'));
});

test('the lock held: 75, and who holds it', async t => {
  const host = director(t);
  host.put('/run/lvsctl/lock', '');
  const note = '{"pid":1,"verb":"poll","since":"2026-11-21T02:00:00.000Z"}\n';
  const lock = await host.files.lock('/run/lvsctl/lock', note, 0);
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  await lock!.release();
  t.is(exitCode, 75);
  t.true(err.includes('holds /run/lvsctl/lock'), err);
});

test('--confirm and --reason take only what they can keep', async t => {
  const host = director(t);
  for (const time of ['60', '0s', '', '-1s', '1y']) {
    const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml', `--confirm=${time}`);
    t.is(exitCode, 64, time);
    t.true(err.includes('--confirm takes a time such as 60s'), err);
  }
  t.is((await host.run('apply', '-f', 'lvs.yaml', '--reason', 'x'.repeat(1001))).exitCode, 64);
});

test('a kernel without IPVS, and a host without ipvsadm: 69, and nothing is kept', async t => {
  const bare = director(t);
  rmSync(`${bare.root}/proc/net/ip_vs`);
  const { exitCode, err } = await bare.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 69);
  t.true(err.includes('this kernel has no IPVS'), err);
  const host = director(t);
  host.answers.set('ipvsadm -R', { missing: true, exitCode: undefined });
  const missing = await host.run('apply', '-f', 'lvs.yaml');
  t.is(missing.exitCode, 69, missing.err);
  t.deepEqual(host.paths('/var/lib/lvsctl'), []);
});

test('not permitted: 77, and what ran runs', async t => {
  const host = await applied(t);
  const before = host.everything('/var/lib/lvsctl/generations');
  host.answers.set('ipvsadm -R', { exitCode: 255, stderr: 'Permission denied (you must be root)\n' });
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 77);
  t.true(err.includes('Permission denied (you must be root)'), err);
  t.deepEqual(host.everything('/var/lib/lvsctl/generations'), before);
});

test('a kept file that cannot be used is named, and nothing is changed', async t => {
  for (const [path, content, why] of [
    ['generations/1.json', '{', /generations\/1\.json is damaged/],
    ['operator.json', '{"version":2}', /operator\.json was written by a newer lvsctl/],
    ['intent.json', '{"version":1}', /intent\.json is damaged/],
  ] as const) {
    const host = await applied(t);
    host.put(`/var/lib/lvsctl/${path}`, content);
    const before = host.everything('/var/lib/lvsctl');
    const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
    t.is(exitCode, 1, path);
    t.regex(err, why);
    t.deepEqual(host.everything('/var/lib/lvsctl'), before);
    t.deepEqual(host.batches, []);
  }
});

test('hostile words stay words: author, reason, name of the file', async t => {
  const host = director(t);
  const name = "a$(reboot)'; \u001b[31m.yaml";
  host.put(`/here/${name}`, OLD);
  const reason = '"; rm -rf / #\u001b[2J\nline';
  t.is((await host.run('apply', '-f', name, '--reason', reason)).exitCode, 0);
  t.is(generation(host, 1)['reason'], reason);
  const { out } = await host.run('history');
  t.false(out.includes('\u001b'), out);
  t.is(out.split('\n').length, 3);
  const shown = await host.run('history', '--show', '1');
  t.false(shown.out.includes('\u001b'), shown.out);
});

test('a host without a name, and a scheduler of others, can be read again', async t => {
  const host = director(t);
  host.name = '(none)';
  host.kernel.schedulers.add('of_others');
  host.kernel.restore(['-A -t 192.0.2.200:80 -s of_others']);
  t.is((await host.run('apply', '-f', 'lvs.yaml', '--prune')).exitCode, 0);
  t.is(generation(host, 1)['host'], '_none_');
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
});

test('what could not be read again is not kept, and nothing is changed', async t => {
  const host = await applied(t);
  host.user = 'x'.repeat(1001);
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.true(err.includes('generation 2 cannot be kept: author: '), err);
  t.deepEqual(host.batches, []);
  t.deepEqual(Object.keys(host.everything('/var/lib/lvsctl/generations')).length, 2);
});
