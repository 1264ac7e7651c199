import { mkdirSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { RealServerHost, SYSTEMCTL, VIP, VIP6 } from '../support/real-server-host.js';

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
  host.wrap('mount --bind /dev/null "$(command -v ip)"');
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
  t.regex(err, /the set-up was interrupted\n/);
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
    host.wrap(`STATE=${host.stateFolder}; ${mount} 2>/dev/null`);
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
