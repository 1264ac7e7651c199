import { lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { HEALTH } from '../../src/state/paths.js';
import { KernelHost, VRRP_PAIR } from '../support/kernel-host.js';

const TEXT = `# The shop.
version: 1
services:
  - name: web
    address: 192.0.2.100
    port: 80
    scheduler: wrr
    servers:
      - 192.0.2.11   # rack 1
      - { address: 192.0.2.12, weight: 2 }
`;

async function director(t: ExecutionContext, text = TEXT): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/etc/lvsctl/lvs.yaml', text, 0o640);
  const { exitCode, err } = await host.run('apply');
  t.is(exitCode, 0, err);
  host.batches.length = 0;
  return host;
}

function text(host: KernelHost): string {
  return host.text('/etc/lvsctl/lvs.yaml');
}

test('server add edits the file, shows both differences, and applies them', async t => {
  const host = await director(t);
  const { exitCode, out, err } = await host.run('server', 'add', 'web', '192.0.2.13', '--reason', 'more');
  t.is(exitCode, 0, err);
  t.is(
    out,
    `--- /etc/lvsctl/lvs.yaml
+++ /etc/lvsctl/lvs.yaml
@@ -8,3 +8,4 @@
     servers:
       - 192.0.2.11   # rack 1
       - { address: 192.0.2.12, weight: 2 }
+      - { address: 192.0.2.13, weight: 1 }

+ 192.0.2.100:80/tcp → 192.0.2.13:80  forwarding direct  weight 1

1 to add, 0 to change, 0 to remove
generation 2 runs
`,
  );
  t.is(text(host), `${TEXT}      - { address: 192.0.2.13, weight: 1 }\n`);
  t.is(host.mode('/etc/lvsctl/lvs.yaml'), 0o640);
  t.deepEqual(host.batches, [['-a -t 192.0.2.100:80 -r 192.0.2.13:80 -g -w 1']]);
  const generation = JSON.parse(host.text('/var/lib/lvsctl/generations/2.json'));
  t.like(generation, { by: 'server add web 192.0.2.13', reason: 'more', author: 'ada' });
  t.is(generation.description.text, text(host));
  t.is((await host.run('plan')).out, 'nothing to change\n');
});

test('a live scheduler is changed in place, and the plan says what that costs', async t => {
  const host = await director(t);
  const { out } = await host.run('service', 'set', 'web', 'scheduler=wlc');
  t.true(
    out.includes('note: while a scheduler changes, the kernel refuses new connections for a moment\n'),
    out,
  );
  t.deepEqual(host.batches, [['-E -t 192.0.2.100:80 -s wlc']]);
  t.is(text(host), TEXT.replace('wrr', 'wlc'));
});

test('server remove drops what operators said of it; with --confirm only once that has come', async t => {
  const operator = {
    version: 1,
    entries: ['11', '12'].map(last => ({
      service: '192.0.2.100:80/tcp',
      server: `192.0.2.${last}:80`,
      drain: { author: 'ada', since: { at: '1970-01-01T00:00:00.000Z', boot: 'b', elapsed: 0 } },
      revision: 1,
      host: 'midas',
    })),
  };
  const host = await director(t);
  const since = JSON.parse(host.text('/var/lib/lvsctl/generations/1.json')).made;
  for (const one of operator.entries) one.drain.since = since;
  const entries = (): string[] => {
    const kept = JSON.parse(host.text('/var/lib/lvsctl/operator.json')) as typeof operator;
    return kept.entries.map(one => one.server);
  };
  host.put('/var/lib/lvsctl/operator.json', JSON.stringify(operator));
  const { exitCode, out, err } = await host.run('server', 'remove', 'web', '192.0.2.11', '--confirm', '60s');
  t.is(exitCode, 0, err);
  t.true(out.includes('unless `lvsctl confirm` comes before\n'), out);
  t.deepEqual(entries(), ['192.0.2.11:80', '192.0.2.12:80']);
  t.is((await host.run('confirm')).exitCode, 0);
  t.deepEqual(entries(), ['192.0.2.12:80']);
});

test('of the last service, too, nothing is kept that was said of its servers', async t => {
  const host = await director(t);
  t.is((await host.run('drain', 'web', '192.0.2.11')).exitCode, 0);
  const { exitCode, err } = await host.run('service', 'remove', 'web');
  t.is(exitCode, 0, err);
  t.deepEqual(JSON.parse(host.text('/var/lib/lvsctl/operator.json')).entries, []);
});

test('what nobody confirms is taken back; the file keeps the edit, and that is found at the next one', async t => {
  const host = await director(t);
  await host.run('server', 'remove', 'web', '192.0.2.11', '--confirm', '60s');
  host.time = 61_000;
  await host.run('tick');
  t.true(host.kernel.rules().includes('192.0.2.11:80'));
  t.false(text(host).includes('192.0.2.11'));
  const other = await host.run('server', 'add', 'web', '192.0.2.13');
  t.is(other.exitCode, 1);
  t.true(other.err.includes('-      - 192.0.2.11   # rack 1\n'), other.err);
  t.true(
    other.err.includes('differs from what runs in other ways: nothing is changed\n  help: `lvsctl apply`'),
    other.err,
  );
  const again = await host.run('server', 'remove', 'web', '192.0.2.11');
  t.is(again.exitCode, 0, again.err);
  t.false(host.kernel.rules().includes('192.0.2.11:80'));
});

test('--wait lets connections end first', async t => {
  const host = await director(t);
  const { exitCode, err } = await host.run('server', 'remove', 'web', '192.0.2.11', '--wait', '5s');
  t.is(exitCode, 0, err);
  t.deepEqual(host.batches, [
    ['-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0'],
    ['-d -t 192.0.2.100:80 -r 192.0.2.11:80'],
  ]);
});

test('a dry run shows both differences and changes nothing', async t => {
  const host = await director(t);
  const before = host.everything('/');
  for (const words of [
    ['server', 'add', 'web', '192.0.2.13', '-n'],
    ['service', 'remove', 'web', '-n'],
    ['service', 'set', 'web', 'scheduler=rr', '-n', '-o', 'json'],
  ]) {
    const { exitCode, out, err } = await host.run(...words);
    t.is(exitCode, 0, err);
    if (words.includes('json')) t.like(JSON.parse(out), { version: 1, applied: false, summary: { edit: 1 } });
    else t.regex(out, /^@@ [^]* to (add|remove)$/m);
  }
  t.deepEqual(host.everything('/'), before);
  t.deepEqual(host.batches, []);
});

test('what is so already is nothing to do', async t => {
  const host = await director(t);
  // Whoever has the lock notes that nobody is dead where no alert has done it yet.
  host.put(HEALTH, '{"version":1,"dead":[],"rising":[]}');
  const before = host.everything('/');
  for (const word of ['scheduler=wrr', 'persistence=', 'check.interval=']) {
    const { exitCode, out, err } = await host.run('service', 'set', 'web', word);
    t.deepEqual({ exitCode, out, err }, { exitCode: 0, out: 'nothing to change\n', err: '' }, word);
  }
  t.deepEqual(host.everything('/'), before);
});

test('comments alone are no difference; a value is, and is shown', async t => {
  const host = await director(t);
  host.put('/etc/lvsctl/lvs.yaml', `${TEXT}# a comment\n`);
  t.is((await host.run('server', 'add', 'web', '192.0.2.13')).exitCode, 0);
  t.true(text(host).endsWith('weight: 1 }\n# a comment\n'), text(host));
  const edited = text(host).replace('weight: 2', 'weight: 3');
  host.put('/etc/lvsctl/lvs.yaml', edited);
  const { exitCode, err } = await host.run('server', 'add', 'web', '192.0.2.14');
  t.is(exitCode, 1);
  t.true(
    err.includes(
      '-      - { address: 192.0.2.12, weight: 2 }\n+      - { address: 192.0.2.12, weight: 3 }\n',
    ),
    err,
  );
  t.is(text(host), edited);
});

test('nothing applied yet, standard input, an invalid file: refused, each in its way', async t => {
  const words = ['server', 'add', 'web', '192.0.2.13'];
  const fresh = new KernelHost(t);
  fresh.put('/etc/lvsctl/lvs.yaml', TEXT);
  const none = await fresh.run(...words);
  t.is(none.exitCode, 1);
  t.true(none.err.includes('nothing has been applied yet\n  help: `lvsctl apply` comes first'), none.err);
  const host = await director(t);
  const stdin = await host.run(...words, '-f', '-');
  t.is(stdin.exitCode, 64);
  t.true(stdin.err.includes('standard input cannot be edited'), stdin.err);
  host.put('/etc/lvsctl/lvs.yaml', 'version: 2\n');
  t.is((await host.run(...words)).exitCode, 78);
  host.put('/etc/lvsctl/lvs.yaml', TEXT);
  const unknown = await host.run('server', 'add', 'wob', '192.0.2.13');
  t.is(unknown.exitCode, 64);
  t.true(unknown.err.includes('there is no service "wob"'), unknown.err);
  t.deepEqual(host.batches, []);
});

test('a standby refuses, and names the active director; --local overrides', async t => {
  const pair = TEXT.replace('services:', `${VRRP_PAIR}services:`);
  const host = new KernelHost(t);
  const answers: [string, string][] = [
    ['ip -j addr show', '[]'],
    ['arping -D -f -w 2 -I eth0 192.0.2.100', 'Unicast reply from 192.0.2.100 [52:54:00:00:00:02] 1ms\n'],
  ];
  for (const [line, stdout] of answers) host.answers.set(line, { stdout });
  host.put('/etc/lvsctl/lvs.yaml', pair);
  const first = await host.run('apply');
  t.is(first.exitCode, 0, first.err);
  const { exitCode, err } = await host.run('server', 'add', 'web', '192.0.2.13');
  t.is(exitCode, 1, err);
  t.true(err.includes('midas, this director, is the standby: estepe is active'), err);
  t.is(text(host), pair);
  const local = await host.run('server', 'add', 'web', '192.0.2.13', '--local');
  t.is(local.exitCode, 0, local.err);
});

test('a link stays a link, of a file or of the folder: what it leads to is edited', async t => {
  const host = new KernelHost(t);
  host.put('/srv/repo/lvs/lvs.yaml', '# never read\n');
  host.put('/srv/common/real.yaml', TEXT, 0o600);
  mkdirSync(`${host.root}/etc`, { recursive: true });
  symlinkSync('../srv/repo/lvs', `${host.root}/etc/lvsctl`);
  // Relative to the folder where it really is.
  symlinkSync('../../common/real.yaml', `${host.root}/srv/repo/lvs/link.yaml`);
  const file = ['-f', '/etc/lvsctl/link.yaml'];
  t.is((await host.run('apply', ...file)).exitCode, 0);
  const { exitCode, err } = await host.run('server', 'remove', 'web', '192.0.2.12', ...file);
  t.is(exitCode, 0, err);
  t.is(readlinkSync(`${host.root}/srv/repo/lvs/link.yaml`), '../../common/real.yaml');
  t.false(host.text('/srv/common/real.yaml').includes('192.0.2.12'));
  t.is(host.mode('/srv/common/real.yaml'), 0o600);
  t.true(lstatSync(`${host.root}/etc/lvsctl`).isSymbolicLink());
});

test('words that mean nothing: 64, with what would', async t => {
  const host = await director(t);
  const before = host.everything('/');
  for (const [line, what] of [
    ['server add web 192.0.2.999', 'is neither an address nor a name of hosts'],
    ['server add web 192.0.2.13:99999', 'is not one from 0 to 65535'],
    ['server add web $(reboot)', 'is no address'],
    ['server add web 192.0.2.13 --weight 70000', 'a weight is a whole number'],
    ['server remove web 192.0.2.11 --weight 1', '--weight is for server add'],
    ['server remove web 192.0.2.13', 'service web has no server "192.0.2.13"'],
    ['service add mail 192.0.2.100', 'is no VIP with a port'],
    ['service add mail 192.0.2.100:25/icmp', 'is no VIP with a port'],
    ['service add mail 192.0.2.100:nowhere', 'has no tcp port called "nowhere"'],
    ['service add mail', 'it is service add NAME ADDRESS:PORT'],
    ['service add a/b 192.0.2.100:25', 'cannot be the name of a service'],
    ['service add mail 192.0.2.100:25 --server web1=x', 'a weight is a whole number'],
    ['service set web', 'at least one KEY=VALUE'],
    ['service set web scheduler', 'is no KEY=VALUE'],
    ['service set web servers=[]', 'is no key of a service that can be set'],
    ['service set web name=[', 'is no value in YAML'],
    ['service set web name=*x', 'is no value in YAML'],
    ['service set web name=|', 'is no value in YAML'],
    ['service set web scheduler=rr --scheduler wlc', '--scheduler is for service add'],
    ['service remove web mail', 'takes one service'],
    ['service rename web shop', 'Allowed choices are add, set, remove'],
  ] as const) {
    const { exitCode, err } = await host.run(...line.split(' '));
    t.is(exitCode, 64, `${line}: ${err}`);
    t.true(err.includes(what), `${line}: ${err}`);
  }
  t.deepEqual(host.everything('/'), before);
});

test('hostile words stay words, in the file and in the history', async t => {
  const host = await director(t);
  const expect = String.raw`"a: b # c\e[31m, ] } *x &y"`;
  const set = await host.run('service', 'set', 'web', 'check={ type: http }');
  t.is(set.exitCode, 0, set.err);
  const { exitCode, out, err } = await host.run('service', 'set', 'web', `check.expect=${expect}`);
  // An escape is no text that a description may have.
  t.is(exitCode, 78, err);
  t.false((out + err).includes('\u001b'));
  const fine = await host.run('service', 'set', 'web', `check.expect=${expect.replace(String.raw`\e`, '')}`);
  t.is(fine.exitCode, 0, fine.err);
  t.false((await host.run('history')).out.includes('\u001b'));
});
