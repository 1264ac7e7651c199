import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type Alert, alertSchema } from '../../src/state/alert.js';
import { NAME } from '../../src/state/inbox.js';

/**
 * What stands in for lvsctl: with the turn as an open file it works for a moment, gives that up, and only then reads
 * what waits. `started` and `handed` get a line for each start, `read` the alerts.
 */
const LVSCTL = `#!/bin/bash
cd "\${0%/*}"
if [ "$2" != --turn ]; then echo "$*" >>handed; cat >>input; exit "$(cat code)"; fi
echo "$*" >>started
[ ! -e killed ] || { rm killed; kill -9 $$; }
[ ! -e held ] || { rm held; exit 75; }
! flock -n turn true || echo "the turn is free" >>wrong
sleep 0.3
eval "exec $3>&-"
for one in run/inbox/*.json; do
  [ ! -e "$one" ] || mv "$one" read/ 2>/dev/null
done
exit "$(cat code)"
`;

interface Stage {
  readonly folder: string;
  readonly alert: (
    words: readonly string[],
    options?: { readonly kind?: string; readonly input?: string; readonly perl?: readonly string[] },
  ) => Promise<number | null>;
  readonly lines: (name: string) => string[];
  readonly read: () => Alert[];
}

/** The alert with folders of its own, where something has been applied. */
function stage(t: ExecutionContext): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'lvs-alert-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const one of ['run', 'read', 'state/generations']) mkdirSync(join(folder, one), { recursive: true });
  writeFileSync(join(folder, 'state/generations/current'), '');
  writeFileSync(join(folder, 'code'), '0');
  const program = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  };
  program('lvsctl', LVSCTL.replace('-n turn', '-n run/turn'));
  program('logger', `#!/bin/sh\necho "$*" >>${folder}/logged\n`);
  const text = readFileSync('templates/mon/lvs.alert', 'utf8');
  program(
    'lvs.alert',
    text
      .replace("'/run/lvsctl', '/var/lib/lvsctl'", `'${folder}/run', '${folder}/state'`)
      .replace('(3, 75, 2, 120)', '(3, 75, 1, 8)'),
  );
  return {
    folder,
    alert: async (words, { kind = 'failure', input = '', perl = [] } = {}) => {
      const child = spawn('/usr/bin/perl', [...perl, join(folder, 'lvs.alert'), ...words], {
        env: { PATH: `${folder}:/usr/bin:/bin`, MON_ALERTTYPE: kind },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      child.stdin.on('error', () => {}).end(input);
      const [code] = (await once(child, 'close')) as [number | null];
      return code;
    },
    lines: name =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1) : [],
    read: () =>
      readdirSync(join(folder, 'read'))
        .toSorted()
        .map(name => {
          t.regex(name, NAME);
          const { version, ...rest } = JSON.parse(readFileSync(join(folder, 'read', name), 'utf8')) as {
            version: unknown;
          };
          t.is(version, 1);
          return alertSchema.parse(rest).event;
        }),
  };
}

test('an alert is put where lvsctl reads it, with what mon says, and lvsctl is started with the turn', async t => {
  const { alert, lines, read } = stage(t);
  const before = Date.now();
  const found = String(Math.floor(before / 1000) - 7);
  const words = ['-s', 'http', '-g', 'web_1', '-h', '10.0.0.1', '-t', found, '-u', 'web', '10.0.0.1:80'];
  t.is(await alert(words, { kind: 'up', input: '10.0.0.1\n\n  refused \nmore\n' }), 0);
  t.regex(lines('started').join(), /^alert --turn \d+$/);
  t.deepEqual([lines('handed'), lines('wrong'), lines('logged')], [[], [], []]);
  const [event] = read();
  t.like(event, { finding: 'up', service: 'web', server: '10.0.0.1:80' });
  // With a return mon says once more what the monitor said of the failure.
  t.false('reason' in event!);
  t.is(event!.at.boot, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  t.true(Math.abs(Date.parse(event!.at.at) - Number(found) * 1000) < 5, event!.at.at);
  const up = Number(process.hrtime.bigint()) / 1e6 - (Date.now() - Number(found) * 1000);
  t.true(Math.abs(event!.at.up - up) < 1000, `${event!.at.up} ${up}`);
});

test('of fifty at once few start lvsctl, and every one is read', async t => {
  const { alert, lines, read } = stage(t);
  const servers = Array.from({ length: 50 }, (_, n) => `10.0.0.${n + 1}:80`);
  const codes = await Promise.all(servers.map(server => alert(['web', server])));
  t.deepEqual(new Set(codes), new Set([0]));
  t.deepEqual(
    read()
      .map(one => one.server)
      .toSorted(),
    servers.toSorted(),
  );
  t.true(lines('started').length <= 15, String(lines('started').length));
  t.deepEqual(lines('wrong'), []);
});

test('whoever comes when lvsctl has read starts it again, however slow is the one who started it first', async t => {
  const { alert, folder, lines, read } = stage(t);
  const slow = 'sub () { my $child = CORE::fork; sleep 2 if $child; $child }';
  writeFileSync(join(folder, 'Slow.pm'), `BEGIN { *CORE::GLOBAL::fork = ${slow} } 1;\n`);
  const first = alert(['web', '10.0.0.1:80'], { perl: [`-I${folder}`, '-MSlow'] });
  for (let tries = 0; read().length === 0 && tries < 500; tries++) await sleep(20);
  t.is(await alert(['web', '10.0.0.2:80']), 0);
  t.deepEqual(
    read().map(one => one.server),
    ['10.0.0.1:80', '10.0.0.2:80'],
  );
  t.is(lines('started').length, 2);
  t.is(await first, 0);
});

for (const [what, mark] of [
  ['is killed', 'killed'],
  ['does not get the lock in time', 'held'],
] as const) {
  test(`where lvsctl ${what} before it has read anything it is started again`, async t => {
    const { alert, folder, lines, read } = stage(t);
    writeFileSync(join(folder, mark), '');
    const codes = await Promise.all(['10.0.0.1:80', '10.0.0.2:80'].map(server => alert(['web', server])));
    t.deepEqual(codes, [0, 0]);
    t.is(read().length, 2);
    t.true(lines('started').length >= 2);
  });
}

test('where lvsctl fails the log says so, and mon gets its exit code', async t => {
  const { alert, folder, lines } = stage(t);
  writeFileSync(join(folder, 'code'), '75');
  t.is(await alert(['web', '10.0.0.1:80']), 75);
  t.regex(
    lines('logged').join(),
    /lvsctl alert failed \(75\): .* failure of service web, server 10\.0\.0\.1:80, or of an alert that came with it$/,
  );
});

for (const [what, words, kind] of [
  ['a word that cannot be a server', ['web', '10.0.0.1", "x": "'], 'failure'],
  ['a word with a line end', ['web', '10.0.0.1\n'], 'failure'],
  ['a word too few', ['web'], 'failure'],
  ['an option that is not known', ['-n', 'web', '10.0.0.1'], 'failure'],
  ['a kind that is not known', ['web', '10.0.0.1'], 'surprise'],
  ['no kind', ['web', '10.0.0.1'], ''],
  ['a kind that changes nothing', ['web', '10.0.0.1'], 'ack'],
] as const) {
  test(`${what} is for lvsctl to judge`, async t => {
    const { alert, folder, lines } = stage(t);
    t.is(await alert(words, { kind, input: 'hosts\nwhy\n' }), 0);
    t.is(lines('handed').join('\n'), `alert ${words.join(' ')}`.replace(/\n$/, '\n'));
    t.deepEqual(lines('input'), ['hosts', 'why']);
    t.false(existsSync(join(folder, 'run/inbox')));
  });
}

test('what comes from the network can neither break the file nor hide in it', async t => {
  const { alert, read } = stage(t);
  const long = 'x'.repeat(100_000);
  for (const text of ['a "b" \\ c\\', '\u0007\u001b[2J \u00e9\u2028', long, '\0', '{}', '"}}'])
    t.is(await alert(['web', '10.0.0.1:80'], { input: `hosts\n${text}\n` }), 0);
  const reasons = read().map(one => one.reason);
  t.deepEqual(reasons, ['a "b" \\ c\\', '??[2J ?????', 'x'.repeat(200), '?', '{}', '"}}']);
});

test('where the alert cannot be put there lvsctl is called as before', async t => {
  const { alert, folder, lines } = stage(t);
  writeFileSync(join(folder, 'run/inbox'), 'in the way');
  t.is(await alert(['web', '10.0.0.1:80'], { input: 'hosts\n' }), 0);
  t.deepEqual(lines('handed'), ['alert web 10.0.0.1:80']);
  rmSync(join(folder, 'run/inbox'));
  rmSync(join(folder, 'state/generations/current'));
  t.is(await alert(['web', '10.0.0.1:80']), 0);
  t.is(lines('handed').length, 2);
});

/** As long as there is a file `full`, nothing can be written into the inbox; the rest of the machine has room. */
const FULL = `package Full;
use POSIX qw(ENOSPC);
BEGIN {
    *CORE::GLOBAL::syswrite = sub (*$;$$) {
        my ($file, $text) = @_;
        my $path = readlink '/proc/self/fd/' . fileno $file;
        if (-e 'FOLDER/full' && $path =~ m{/inbox/}) { $! = ENOSPC; return undef }
        return CORE::syswrite($file, $text);
    };
}
1;
`;

test('a return that does not fit in is kept until there is room; a failure is told again anyway', async t => {
  const { alert, folder, lines, read } = stage(t);
  writeFileSync(join(folder, 'Full.pm'), FULL.replace('FOLDER', folder));
  writeFileSync(join(folder, 'full'), '');
  writeFileSync(join(folder, 'code'), '1');
  const perl = ['-I', folder, '-MFull'];
  t.is(await alert(['web', '10.0.0.1:80'], { perl }), 1);
  t.is(await alert(['web', '10.0.0.2:80'], { perl, kind: 'up', input: 'hosts\nit is well\n' }), 1);
  const [failure, up] = lines('logged');
  t.notRegex(failure!, /room/);
  t.regex(
    up!,
    /; \S+\/run is full: process \d+ waits for room, and without it the server stays out until it fails and returns again, or mon is restarted$/,
  );
  writeFileSync(join(folder, 'code'), '0');
  t.deepEqual(read(), []);
  rmSync(join(folder, 'full'));
  for (let tries = 0; read().length === 0 && tries < 200; tries++) await sleep(100);
  t.like(read(), [{ finding: 'up', server: '10.0.0.2:80' }]);
  t.is(read().length, 1);
  const keeper = Number(/process (\d+)/.exec(up!)![1]);
  for (let tries = 0; existsSync(`/proc/${keeper}/cwd`) && tries < 100; tries++) await sleep(100);
  t.deepEqual(readdirSync(join(folder, 'run/inbox')), []);
});

test("mon's start that does not fit in is kept, too, and comes after what mon tells again of the dead", async t => {
  const { alert, folder, lines, read } = stage(t);
  writeFileSync(join(folder, 'Full.pm'), FULL.replace('FOLDER', folder));
  writeFileSync(join(folder, 'full'), '');
  writeFileSync(join(folder, 'code'), '1');
  const perl = ['-I', folder, '-MFull'];
  const words = ['web', '10.0.0.1:80'];
  t.is(await alert(words, { perl, kind: 'startup' }), 1);
  t.regex(
    lines('logged')[0]!,
    /; startup of .* is full: process \d+ waits for room, and without it a server that was dead stays out until it fails and returns again, or mon is restarted$/,
  );
  writeFileSync(join(folder, 'code'), '0');
  rmSync(join(folder, 'full'));
  await sleep(3000);
  t.deepEqual(read(), []);
  t.is(await alert(words, { perl }), 0);
  for (let tries = 0; read().length < 2 && tries < 200; tries++) await sleep(100);
  t.like(read(), [{ finding: 'startup' }, { finding: 'failure' }], 'by the time at which they were found');
  t.is(lines('started').length, 2);
});
