import { mkdirSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { RealServerHost, VIP, VIP6 } from '../support/real-server-host.js';

/** A program of the host that acts on some of its arguments, else as the real one. */
const on = (pattern: string, act: string): string =>
  `case "$*" in ${pattern}) ${act} ;; esac\nexec "$REAL" "$@"`;

test('who is not root is told so, for a start and an undo (a fake id)', async t => {
  const host = new RealServerHost(t);
  await host.run('realserver-setup');
  const before = [host.net.picture, host.everything()];
  host.net.fake('id', 'echo 1000');
  for (const flag of ['--persist', '--undo']) {
    host.net.fake('systemctl', SYSTEMCTL);
    const { exitCode, err } = await host.run('realserver-setup', flag);
    t.is(exitCode, 77, err);
    t.regex(err, /only root may do this: nothing was changed\n {2}help: try as root/);
    t.notRegex(host.net.log('systemctl'), /enable |disable /);
  }
  t.deepEqual([host.net.picture, host.everything()], before);
});

test('a missing program is named with its package', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  const { follow } = host.runner;
  const hide = 'mount --bind /dev/null "$(command -v ip)"; exec "$@"';
  host.runner = {
    ...host.runner,
    follow: (program, args, line, options) =>
      follow('unshare', ['-m', 'sh', '-ec', hide, 'sh', program, ...args], line, options),
  };
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 69, err);
  t.regex(err, /the program ip is missing \(Debian: package iproute2\): nothing was changed/);
  t.is(host.net.picture, before);
  host.runner = {
    run: () => Promise.reject(new Error('nothing is to be run')),
    follow: () =>
      Promise.resolve({ exitCode: undefined, stdout: '', stderr: '', missing: true, timedOut: false }),
  };
  t.is((await host.run('realserver-setup')).exitCode, 69);
});

test('a failure in the middle is named, and what was done is taken back', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  host.net.fake('ip', on(`"addr add ${VIP6}"*`, `echo 'RTNETLINK answers: No buffer space' >&2; exit 2`));
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 1);
  t.regex(
    err,
    /\n# ip addr del 10\.0\.0\.50\/32 dev lo\n[^]*\nlvsctl: the set-up failed at address lo 2001:db8::50\/128: RTNETLINK answers: No buffer space\n {2}help: what it had done has been taken back\n$/,
  );
  t.is(host.net.picture, before);
  t.is(host.found, undefined);
  host.net.fake(
    'ip',
    on(`"addr add ${VIP6}"*`, `echo 'RTNETLINK answers: Operation not permitted' >&2; exit 2`),
  );
  t.is((await host.run('realserver-setup')).exitCode, 77);
});

test('what cannot be taken back is left to --undo, which is named', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  host.net.fake(
    'ip',
    `case "$*" in "addr add ${VIP6}"*|"addr del"*) echo no >&2; exit 2 ;; esac\nexec "$REAL" "$@"`,
  );
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 1);
  t.regex(err, /help: lvsctl realserver-setup --undo tries again to take back what is left\n$/);
  t.is((await host.run('realserver-setup', '--undo')).exitCode, 1);
  host.net.fake('ip', 'exec "$REAL" "$@"');
  t.is((await host.run('realserver-setup', '--undo')).exitCode, 0);
  t.is(host.net.picture, before);
});

test('an interrupt takes back what was done', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  host.net.fake('ip', on(`"addr add ${VIP6}"*`, 'touch "$LOG"; sleep 1'));
  setTimeout(function wait(): void {
    if (host.net.has('ip.log')) host.stop.abort();
    else setTimeout(wait, 20);
  }, 20);
  const { exitCode, err } = await host.run('realserver-setup');
  t.is(exitCode, 1);
  t.regex(err, /failed at interrupted/);
  t.is(host.net.picture, before);
  t.is(host.found, undefined);
});

/** Full: a write of more than nothing fails. Read-only: none is begun. */
for (const [what, mount] of [
  ['full', 'mount -t tmpfs -o size=4k tmpfs "$STATE" && { head -c 8192 /dev/zero >"$STATE/ballast" || :; }'],
  ['read-only', 'mount -t tmpfs -o ro tmpfs "$STATE"'],
] as const) {
  test(`where the disk is ${what}, nothing is touched`, async t => {
    const host = new RealServerHost(t);
    const before = host.net.picture;
    mkdirSync(host.stateFolder, { recursive: true });
    const { follow } = host.runner;
    host.runner = {
      ...host.runner,
      follow: (program, args, line, options) =>
        follow(
          'unshare',
          [
            '-m',
            'sh',
            '-ec',
            `STATE=${host.stateFolder}; ${mount} 2>/dev/null; exec "$@"`,
            'sh',
            program,
            ...args,
          ],
          line,
          options,
        ),
    };
    const { exitCode, err } = await host.run('realserver-setup');
    t.is(exitCode, 1, err);
    t.regex(err, /cannot write \S+realserver\.found: nothing was changed/);
    t.notRegex(err, /^# /m);
    t.is(host.net.picture, before);
  });
}

/** An ip that kills the script with its n-th call, before or after that has acted. */
function deadly(n: number, moment: 'before' | 'after'): string {
  const count = 'n=$(($(cat "$LOG" 2>/dev/null || echo 0) + 1)); echo "$n" >"$LOG"';
  return `${count}
[ "$n" -eq ${n} ] || exec "$REAL" "$@"
${moment === 'after' ? '"$REAL" "$@"' : ''}
# The machine is looked at in subshells of the script.
pid=$PPID all=
while grep -q realserver.lvs.dr "/proc/$pid/cmdline"; do
  all="$pid $all" pid=$(cut -d ' ' -f 4 "/proc/$pid/stat")
done
kill -9 $all`;
}

async function survivesDeath(t: ExecutionContext, moment: 'before' | 'after'): Promise<void> {
  let died = 0;
  for (let n = 1; ; n++) {
    const host = new RealServerHost(t);
    const before = host.net.picture;
    host.net.fake('ip', deadly(n, moment));
    const { exitCode, err } = await host.run('realserver-setup');
    host.net.fake('ip', 'exec "$REAL" "$@"');
    if (exitCode === 0) break;
    died++;
    t.regex(err, /the set-up was killed in its middle/);
    const undone = await host.run('realserver-setup', '--undo');
    t.is(undone.exitCode, 0, undone.err);
    t.is(host.net.picture, before, `call ${n}`);
    t.is(host.found, undefined);
  }
  t.true(died >= 3, String(died));
}

test('killed before any of its calls of ip, it can be undone', survivesDeath, 'before');
test('killed after any of its calls of ip, it can be undone', survivesDeath, 'after');

test('killed in the middle, it can be completed, and what was found first stays noted', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  host.net.fake('ip', on(`"addr add ${VIP6}"*`, 'kill -9 "$PPID"; exit'));
  const { err } = await host.run('realserver-setup');
  t.regex(err, /help: lvsctl realserver-setup --undo takes back what it did/);
  host.net.fake('ip', 'exec "$REAL" "$@"');
  t.is((await host.run('realserver-setup')).err, `# ip addr add ${VIP6}/128 dev lo preferred_lft 0 nodad\n`);
  await host.run('realserver-setup', '--undo');
  t.is(host.net.picture, before);
});

test('an undo that is killed can be repeated', async t => {
  const host = new RealServerHost(t);
  const before = host.net.picture;
  await host.run('realserver-setup');
  host.net.fake('ip', on(`"addr del ${VIP6}"*`, 'kill -9 "$PPID"; exit'));
  t.is((await host.run('realserver-setup', '--undo')).exitCode, 1);
  host.net.fake('ip', 'exec "$REAL" "$@"');
  t.is((await host.run('realserver-setup', '--undo')).exitCode, 0);
  t.is(host.net.picture, before);
});

test('settings that are torn, because lvsctl died, change nothing', t => {
  const host = new RealServerHost(t);
  const run = (settings: string) =>
    host.net.run(
      ['sh', '-c', 'printf "$1" | LVSCTL_REALSERVER_CONF=- sh "$2" start', 'sh', settings, SCRIPT],
      {
        ...host.net.environment,
        LVSCTL_STATE_DIR: host.stateFolder,
      },
    );
  const whole = `vip 10.0.0.11 ${VIP} lo\\nvip 10.0.0.11 10.0.0.51 lo\\n# end\\n`;
  t.is(run(whole).code, 0);
  const before = host.net.picture;
  for (let length = 0; length < whole.length - '# end\\n'.length; length += 7) {
    const { code, err } = run(whole.slice(0, length));
    t.is(code, 6, err);
    t.is(err, 'cannot read the settings\nrealserver.lvs.dr: nothing was changed\n');
  }
  t.is(host.net.picture, before);
});

const SCRIPT = `${process.cwd()}/realserver/realserver.lvs.dr`;

/** systemctl(1) of a host on which systemd does not run: it makes links. */
const SYSTEMCTL = `echo "$*" >>"$LOG"
link="\${LVSCTL_STATE_DIR%/var/lib/lvsctl}/etc/systemd/system/multi-user.target.wants/$2"
case $1 in
  is-enabled) [ -L "$link" ] && echo enabled ;;
  is-active) exit 3 ;;
  enable) mkdir -p "\${link%/*}" && ln -s "../$2" "$link" ;;
  disable) rm -f "$link" ;;
  *) exit 1 ;;
esac`;

const FILES = [
  '/etc/lvsctl/realserver.conf',
  '/etc/systemd/system/lvs-realserver.service',
  '/etc/systemd/system/multi-user.target.wants/lvs-realserver.service',
  '/usr/local/lib/lvsctl/realserver.awk',
  '/usr/local/sbin/realserver.lvs.dr',
  '/var/lib/lvsctl/realserver.found',
  '/var/lib/lvsctl/realserver.persisted',
];

test('--persist makes the unit and all that it needs, and --undo takes just that away', async t => {
  const host = new RealServerHost(t);
  host.net.fake('systemctl', SYSTEMCTL);
  const [before, picture] = [host.paths(), host.net.picture];
  t.is((await host.run('realserver-setup', '--persist', '--check')).exitCode, 2);
  const dry = await host.run('realserver-setup', '--persist', '-n');
  t.regex(dry.out, /# systemctl enable lvs-realserver\.service\n[^]*realserver\.conf: would be written/);
  t.deepEqual(host.paths(), before);
  const { exitCode, err } = await host.run('realserver-setup', '--persist');
  t.is(exitCode, 0, err);
  t.deepEqual(
    host.paths().filter(path => !before.includes(path)),
    FILES,
  );
  t.regex(
    host.text('/etc/lvsctl/realserver.conf'),
    /^# Generated by lvsctl from .*lvs\.yaml;[^]*^vip +10\.0\.0\.11 +10\.0\.0\.50 +lo$/m,
  );
  t.is((await host.run('realserver-setup', '--persist')).err, 'nothing to do\n');
  t.is((await host.run('realserver-setup', '--persist', '--check')).exitCode, 0);
  // Another description: what a boot would do is told, and --persist renews it.
  const other = await host.run('realserver-setup', '--vip', VIP);
  t.regex(other.err, /warning: \/etc\/lvsctl\/realserver\.conf says otherwise, and a boot goes by it/);
  t.is((await host.run('realserver-setup', '--vip', VIP, '--persist')).exitCode, 0);
  t.regex(
    host.text('/etc/lvsctl/realserver.conf'),
    /^# Generated by lvsctl from realserver-setup --vip 10\.0\.0\.50;/,
  );
  const undone = await host.run('realserver-setup', '--undo');
  t.is(undone.exitCode, 0, undone.err);
  t.deepEqual(host.paths(), before);
  t.is(host.net.picture, picture);
});

test('--undo leaves files that were there before, and edited ones', async t => {
  const host = new RealServerHost(t);
  host.net.fake('systemctl', SYSTEMCTL);
  await host.run('configure');
  const tree = host.everything();
  await host.run('realserver-setup', '--persist');
  await host.run('realserver-setup', '--undo');
  t.deepEqual(host.everything(), tree);
  const edited = new RealServerHost(t);
  edited.net.fake('systemctl', SYSTEMCTL);
  await edited.run('realserver-setup', '--persist');
  const path = '/etc/systemd/system/lvs-realserver.service';
  edited.put(path, `${edited.text(path)}# mine\n`);
  const { err } = await edited.run('realserver-setup', '--undo');
  t.regex(err, /warning: \/etc\/systemd\/system\/lvs-realserver\.service was edited: it stays/);
  t.true(edited.text(path).endsWith('# mine\n'));
});

test('--persist touches nothing where a file is foreign, or systemctl is missing', async t => {
  const host = new RealServerHost(t);
  host.net.fake('systemctl', SYSTEMCTL);
  host.put('/etc/lvsctl/realserver.conf', 'mine\n');
  const before = host.net.picture;
  const { exitCode, err } = await host.run('realserver-setup', '--persist');
  t.is(exitCode, 1);
  t.regex(
    err,
    /nothing was changed: what is there is not lvsctl's\n {2}\/etc\/lvsctl\/realserver\.conf: lvsctl did not write it/,
  );
  host.net.fake('systemctl', 'exit 127');
  host.remove('/etc/lvsctl/realserver.conf');
  t.is((await host.run('realserver-setup', '--persist')).exitCode, 69);
  t.is(host.net.picture, before);
});

test('where systemd runs, its units are read anew, and ours is started and stopped', async t => {
  const host = new RealServerHost(t);
  mkdirSync(`${host.root}/run/systemd/system`, { recursive: true });
  host.net.fake(
    'systemctl',
    `${SYSTEMCTL.replace('*) exit 1', 'daemon-reload) ;;\n  start) touch "$LOG.active" ;;\n  stop) rm -f "$LOG.active" ;;\n  *) exit 1').replace('exit 3', '[ -e "$LOG.active" ] || exit 3')}`,
  );
  await host.run('realserver-setup', '--persist');
  await host.run('realserver-setup', '--undo');
  t.deepEqual(
    host.net
      .log('systemctl')
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('is-')),
    [
      'daemon-reload',
      'enable lvs-realserver.service',
      'start lvs-realserver.service',
      'disable lvs-realserver.service',
      'stop lvs-realserver.service',
      'daemon-reload',
    ],
  );
});

test('a full disk while the unit is written is told, and completed later', async t => {
  const host = new RealServerHost(t);
  host.net.fake('systemctl', SYSTEMCTL);
  const picture = host.net.picture;
  mkdirSync(`${host.root}/usr/local/lib`, { recursive: true });
  // A file where a folder should be fails the write, as a full disk would.
  writeFileSync(`${host.root}/usr/local/lib/lvsctl`, '');
  const { exitCode, err } = await host.run('realserver-setup', '--persist');
  t.is(exitCode, 1);
  t.regex(
    err,
    /realserver\.awk could not be written: .*; this host is a real server until it boots\n {2}help: .*--persist again completes it, --undo takes it back/,
  );
  host.remove('/usr/local/lib/lvsctl');
  t.is((await host.run('realserver-setup', '--persist')).exitCode, 0);
  await host.run('realserver-setup', '--undo');
  t.is(host.net.picture, picture);
  t.false(host.paths().some(path => path.startsWith('/usr/local')));
});
