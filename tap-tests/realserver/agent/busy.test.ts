import { join } from 'node:path';
import test from 'ava';
import { FolderHost, SHELLS } from './support.js';

const UPTIME = ' 14:02:11 up 12 days,  3:04,  load average: 1.42, 1.10, 0.97\n';
const counted = (busy: string, cpus: string): string =>
  `${UPTIME}lvsctl/1 boot=3f2a91bc-31 t_us=1047851080000 cpus=${cpus} busy_us=${busy} psi_cpu_us=111 psi_io_us=222 psi_mem_us=333 state=ready\n`;
/** What is said where the application says nothing that can be used. */
const NOTHING = 'lvsctl/1 state=ready\n';

const CASES: readonly (readonly [string, string | undefined, string])[] = [
  ['microseconds', '123456\n', counted('123456', '1')],
  ['and how many workers', '123456 16\n', counted('123456', '16')],
  ['without an end of the line', '7', counted('7', '1')],
  ['more lines', '7 2\nwhatever\n', counted('7', '2')],
  ['lines that end as in Windows', '7 2\r\nwhatever\r\n', counted('7', '2')],
  ['one number, and such an end', '7\r\n', counted('7', '1')],
  ['nothing but such an end', '\r\n', NOTHING],
  ['a number in two', '7\r2\n', NOTHING],
  ['a share, and such an end', '0.5\r\n', NOTHING],
  ['spaces around', ' \t7  2 \n', counted('7', '2')],
  ['nothing done yet', '0\n', counted('0', '1')],
  ['as much as is read exactly', `${2 ** 53 - 1}\n`, counted(String(2 ** 53 - 1), '1')],
  ['more than that', `${2 ** 53}\n`, NOTHING],
  ['far more', `${'9'.repeat(40)}\n`, NOTHING],
  ['a share', '37%\n', NOTHING],
  ['below 0', '-5\n', NOTHING],
  ['a fraction', '5.5\n', NOTHING],
  ['an octal number', '010\n', NOTHING],
  ['no worker', '5 0\n', NOTHING],
  ['too many workers', '5 65537\n', NOTHING],
  ['a third word', '5 1 x\n', NOTHING],
  ['a byte order mark before it', '\ufeff5 1\n', NOTHING],
  ['another variable', 'busy\n', NOTHING],
  ['code', '$(touch /tmp/lvsctl-hostile)\n', NOTHING],
  ['an asterisk', '*\n', NOTHING],
  ['emptiness', '', NOTHING],
  ['no file', undefined, NOTHING],
];

for (const [what, content, expected] of CASES) {
  test(`what an application says of itself: ${what}`, async t => {
    const host = new FolderHost(t, { '/run/app/busy': content });
    const { out, err } = await host.node({ file: '/run/app/busy' });
    t.is(out, expected);
    t.is(err !== '', expected === NOTHING);
    const command = { command: `cat '${join(host.root, 'run/app/busy')}'` };
    t.is((await host.node(command)).out, expected);
    for (const shell of SHELLS) {
      const said = host.sh(shell, ['--busy-file', '/run/app/busy']);
      t.deepEqual([said.code, said.out, said.err !== ''], [0, expected, expected === NOTHING], shell);
      t.is(host.sh(shell, ['--busy-command', command.command]).out, expected, shell);
    }
  });
}

test('a command that fails, or takes too long, has said nothing', async t => {
  const host = new FolderHost(t, { '/run/lvsctl/agent.state': 'drain\n' });
  for (const command of ['echo 5; exit 1', 'echo 5; sleep 20; echo 6', 'no-such-program']) {
    const start = performance.now();
    t.is((await host.node({ command })).out, 'lvsctl/1 state=drain\n', command);
    for (const shell of SHELLS)
      t.is(host.sh(shell, ['--busy-command', command]).out, 'lvsctl/1 state=drain\n', `${shell}: ${command}`);
    t.true(performance.now() - start < 15_000);
  }
});

test('a command that says more than its line, or leaves something running, is waited for no longer than for another', async t => {
  const host = new FolderHost(t);
  for (const [command, isSaid] of [
    ['sleep 20 & echo 9 1', true],
    ['(sleep 20; echo late) & echo 9 1; exec 1>&-', true],
    ['printf "9 1"', true],
    ['echo 9 1; echo and more', true],
    ['yes', false],
    ['yes 9', false],
    ['yes | tr -d "\\n"', false],
    ['trap "" TERM; sleep 20', false],
    ['echo 9 1; echo "= 0"; exit 1', false],
  ] as const) {
    const judge = (out: string | undefined, who: string): boolean =>
      t.is(/ cpus=1 busy_us=9 /.test(out ?? ''), isSaid, `${who}: ${command}`);
    const start = performance.now();
    judge((await host.node({ command })).out, 'node');
    for (const shell of SHELLS) judge(host.sh(shell, ['--busy-command', command]).out, shell);
    t.true(performance.now() - start < 10_000, command);
  }
});
