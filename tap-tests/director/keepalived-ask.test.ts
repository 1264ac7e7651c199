import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { askKeepalived, type Keepalived } from '../../src/director/keepalived/ask.js';
import { createRunner } from '../../src/system/runner.js';
import { FakeFiles } from '../support/fake-files.js';

/** What keepalived 2.2.7 has written of one service, with some of the lines that mean nothing here. */
const DUMP = `------< Global definitions >------
 Router ID = midas
------< LVS Topology >------
 System is compiled with LVS v1.2.1
 ------< Virtual server >------
 VS VIP = 192.0.2.100, VPORT = 80
   Address family = inet
   lvs_sched = wrr
   protocol = TCP
   Inhibit on failure is OFF
   default forwarding method = DR
   alive = 1
   quorum_state_up = 1
   ------< Real server >------
   RIP = 192.0.2.11, RPORT = 80, WEIGHT = 3 EFF WEIGHT = 3
   forwarding method = DR
   initial weight = 3
   effective weight = 3
   alive = 1
   num failed checkers = 0
   RS set = 1
   Tracked Files
     web_192.0.2.11_80.3, weight 1
   ------< Real server >------
   RIP = 192.0.2.12, RPORT = 8080, WEIGHT = 0 EFF WEIGHT = -65534
   forwarding method = NAT
   initial weight = 1
   effective weight = -65534
   alive = 0
   RS set = 0
 ------< Virtual server >------
 VS FWMARK = 7
   Address family = inet6
   protocol = none
   alive = 1
   ------< Real server >------
   RIP = 2001:db8::1, RPORT = 0, WEIGHT = 1 EFF WEIGHT = 1
   forwarding method = TUN
   effective weight = 1
   alive = 1
------< Health checkers >------
 [192.0.2.100]:tcp:80 -> [192.0.2.11]:tcp:80
   Enabled = yes
`;

/** Gives the file its name before anything is in it, as keepalived does. */
const STAND_IN = `
$SIG{USR1} = sub {
  exit 0 if $ARGV[1] eq 'dies';
  open my $file, '>', "$ARGV[0]/keepalived_check.dataXXXXXX" or die;
  rename "$ARGV[0]/keepalived_check.dataXXXXXX", "$ARGV[0]/keepalived_check.data" or die;
  select undef, undef, undef, 0.3;
  open my $dump, '<', "$ARGV[0]/dump" or die;
  print {$file} <$dump>;
  close $file;
};
$| = 1;
print "ready\\n";
sleep 1 while 1;
`;

interface Stage {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly ask: (watches?: boolean) => Promise<Keepalived>;
}

async function stage(t: ExecutionContext, dump = DUMP, how = 'writes'): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  writeFileSync(join(folder, 'dump'), dump);
  const child = spawn('perl', ['-e', STAND_IN, folder, how], { env: { ...process.env, TMPDIR: folder } });
  t.teardown(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  await new Promise(resolve => {
    child.stdout.once('data', resolve);
  });
  const files = new FakeFiles();
  const pid = String(child.pid);
  await files.replace('/run/keepalived.pid', '50\n', 0o644);
  await files.replace('/run/checkers.pid', `${pid}\n`, 0o644);
  for (const one of ['50', pid]) {
    await files.replace(`/proc/${one}/comm`, 'keepalived\n', 0o444);
    await files.replace(`/proc/${one}/cmdline`, '/usr/sbin/keepalived\0-n\0-I\0', 0o444);
  }
  const ask = async (watches = true): Promise<Keepalived> => {
    if (watches) {
      await files.link(`/proc/${pid}/fd/9`, 'anon_inode:inotify');
      await files.replace(`/proc/${pid}/fdinfo/9`, 'pos:\t0\ninotify wd:1 ino:2a sdev:1\n', 0o444);
    }
    return await askKeepalived({ files, runner: createRunner() });
  };
  return { folder, child, ask };
}

test('the checker is asked, and its whole answer is read, and taken away', async t => {
  const { folder, child, ask } = await stage(t);
  // What lies there already is nobody's answer.
  writeFileSync(join(folder, 'keepalived_check.data'), DUMP.replaceAll('alive = 1', 'alive = 0'));
  const answer = await ask();
  t.like(answer, { state: 'answers', parent: 50, checker: child.pid, keepsTable: true });
  const { judgements } = answer as Extract<Keepalived, { state: 'answers' }>;
  t.deepEqual(
    [...judgements].map(([key, servers]) => [key, ...servers] as const),
    [
      [
        '192.0.2.100:80/tcp',
        ['192.0.2.100:80/tcp 192.0.2.11:80', { alive: true, weight: 3 }],
        ['192.0.2.100:80/tcp 192.0.2.12:8080', { alive: false, weight: -65_534 }],
      ],
      ['fwmark:7/ipv6', ['fwmark:7/ipv6 [2001:db8::1]:0', { alive: true, weight: 1 }]],
    ],
  );
  t.deepEqual(readdirSync(folder), ['dump']);
});

test('without its track files it is not asked', async t => {
  const { folder, ask } = await stage(t);
  t.like(await ask(false), { state: 'blind' });
  await sleep(500);
  t.deepEqual(readdirSync(folder), ['dump']);
});

test('an answer of another kind, none at all, and a link in its place are no answer', async t => {
  const strange = await stage(t, DUMP.replace('alive = 0', 'alive = maybe'));
  t.like(await strange.ask(), { state: 'silent' });
  const dying = await stage(t, DUMP, 'dies');
  t.like(await dying.ask(), { state: 'silent' });
  const linked = await stage(t, DUMP, 'dies');
  symlinkSync('/etc/passwd', join(linked.folder, 'keepalived_check.data'));
  t.like(await linked.ask(), { state: 'silent' });
});
