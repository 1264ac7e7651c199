import test from 'ava';
import { answerOf } from '../../../src/realserver/agent/answer.js';
import { createFiles } from '../../../src/system/files.js';
import { createRunner } from '../../../src/system/runner.js';
import { readAnswer } from '../../../src/weights/answer.js';
import { FolderHost, MACHINE, MACHINE_SAYS, SHELLS } from './support.js';

const ROOT = '/sys/fs/cgroup';

/** A group of a version 2 hierarchy that was busy for 5 seconds. */
function group(path: string, max: string, cpus?: string): Record<string, string> {
  return {
    [`${path}/cpu.max`]: `${max} 100000\n`,
    [`${path}/cpu.stat`]: 'usage_usec 5000000\nuser_usec 4000000\nsystem_usec 1000000\n',
    [`${path}/cpu.pressure`]: 'some avg10=0.00 avg60=0.00 avg300=0.00 total=44\n',
    ...(cpus === undefined ? {} : { [`${path}/cpuset.cpus.effective`]: `${cpus}\n` }),
  };
}

const UPTIME = ' 14:02:11 up 12 days,  3:04,  load average: 1.42, 1.10, 0.97\n';
const BOOT = 'lvsctl/1 boot=3f2a91bc-31 t_us=1047851080000';
const grouped = (cpus: string): string =>
  `${UPTIME}${BOOT} cpus=${cpus} busy_us=5000000 psi_cpu_us=44 state=ready\n`;

const own = (path: string): Record<string, string> => ({ '/proc/self/cgroup': `0::${path}\n` });
const up = (seconds: string): Record<string, string> => ({ '/proc/uptime': `${seconds} 1.00\n` });
const clock = (said: string): RegExp => new RegExp(`^ 14:02:11 up ${said},  load average: 1\\.42,`);

/** What the host is like, and what it says: all of it, or a part. */
const CASES: readonly (readonly [string, Record<string, string | undefined>, string | RegExp])[] = [
  ['a machine', {}, MACHINE_SAYS],
  ['up for a minute', up('61.09'), clock('1 min')],
  ['up for just less than an hour', up('3599.99'), clock('59 min')],
  ['up for hours', up('36245.00'), clock('10:04')],
  ['up for a day', up('86400.00'), clock('1 day, 0 min')],
  ['up for a day and a bit', up('93784.00'), clock('1 day,  2:03')],
  ['hundredths that would be octal numbers', up('61.09'), / t_us=61090000 /],
  [
    'no pressure',
    { '/proc/pressure/cpu': undefined, '/proc/pressure/io': undefined },
    / steal_us=80000 psi_mem_us=333 /,
  ],
  ['a kernel that knows of no theft', { '/proc/stat': 'cpu 1 2 3 4 5 6 7\n' }, / busy_us=190000 psi_cpu_us=/],
  ['no /proc/stat', { '/proc/stat': undefined }, / cpus=8 psi_cpu_us=/],
  ['no /sys', { '/sys/devices/system/cpu/online': undefined }, / t_us=1047851080000 busy_us=/],
  ['processors with gaps', { '/sys/devices/system/cpu/online': '0-3,5,8-11\n' }, / cpus=9 /],
  ['no first process to be seen', { '/proc/1/stat': undefined }, / boot=3f2a91bc t_us=/],
  ['no boot_id', { '/proc/sys/kernel/random/boot_id': undefined }, /lvsctl\/1 boot=-31 t_us=/],
  ['no averages', { '/proc/loadavg': undefined }, /load average: 0\.00, 0\.00, 0\.00\n/],
  [
    'control groups of version 1',
    { '/proc/self/cgroup': '4:cpu,cpuacct:/docker/ab\n1:name=systemd:/\n' },
    MACHINE_SAYS,
  ],
  ['no control groups', { '/proc/self/cgroup': undefined }, MACHINE_SAYS],
  ['a container with half a processor', { ...own('/'), ...group(ROOT, '50000', '0-7') }, grouped('0.5')],
  ['a container with more than it can use', { ...own('/'), ...group(ROOT, '900000', '0-3') }, grouped('4')],
  ['a container without a limit', { ...own('/'), ...group(ROOT, 'max') }, grouped('8')],
  ['a third of a processor', { ...own('/'), ...group(ROOT, '33333') }, grouped('0.33333')],
  ['two and a quarter', { ...own('/'), ...group(ROOT, '225000') }, grouped('2.25')],
  [
    'a group with a limit',
    { ...own('/lab/web1'), ...group(`${ROOT}/lab`, 'max'), ...group(`${ROOT}/lab/web1`, '100000') },
    grouped('1'),
  ],
  [
    'a limit above',
    { ...own('/a/b'), ...group(`${ROOT}/a`, '150000'), ...group(`${ROOT}/a/b`, 'max') },
    grouped('1.5'),
  ],
  [
    'two limits: the narrower one',
    { ...own('/a/b'), ...group(`${ROOT}/a`, '150000'), [`${ROOT}/a/b/cpu.max`]: '400000 100000\n' },
    grouped('1.5'),
  ],
  [
    "a limit of the agent's own unit",
    { ...own('/a.slice/x.service'), ...group(`${ROOT}/a.slice/x.service`, '5000') },
    MACHINE_SAYS,
  ],
  [
    'a group outside what it can see',
    { ...own('/../other'), ...group(`${ROOT}/../other`, '5000') },
    MACHINE_SAYS,
  ],
  [
    'a group of an odd name',
    { ...own('/a b;$(id)/*'), ...group(`${ROOT}/a b;$(id)/*`, '100000') },
    grouped('1'),
  ],
  ['a drain', { '/run/lvsctl/agent.state': 'drain\n' }, / state=drain\n$/],
  ['maintenance', { '/run/lvsctl/agent.state': 'maint\n' }, / state=maint\n$/],
  ['a state that is none', { '/run/lvsctl/agent.state': 'off; rm -rf /\n' }, / state=ready\n$/],
  [
    'counters beyond what is read exactly',
    { '/proc/stat': `cpu  ${2 ** 53} 0 0 0 0 0 0 0\n` },
    new RegExp(` busy_us=${(2n ** 53n * 10_000n) % 2n ** 53n} `),
  ],
];

for (const [what, files, expected] of CASES) {
  test(`what a host says: ${what}`, async t => {
    const host = new FolderHost(t, files);
    const { out = '', err } = await host.node();
    t.is(err, '');
    if (typeof expected === 'string') t.is(out, expected);
    else t.regex(out, expected);
    // Both agents say the same, byte for byte.
    for (const shell of SHELLS) t.deepEqual(host.sh(shell), { code: 0, out, err: '' }, shell);
    const answer = readAnswer(out);
    t.is(answer?.load, files['/proc/loadavg'] === undefined && '/proc/loadavg' in files ? 0 : 1.42);
    t.is(answer?.counters === undefined, !/boot=\S+ t_us=\d+ cpus=\S+ busy_us=/.test(out));
  });
}

test('an answer is read as it was meant', t => {
  const { boot, time, cpus, busy } = readAnswer(MACHINE_SAYS)!.counters!;
  t.deepEqual([boot, time, cpus, busy], ['3f2a91bc-31', 1_047_851_080_000, 8, 1_630_000 + 80_000]);
});

test('a container that is started anew has another boot', async t => {
  const first = new FolderHost(t);
  const second = new FolderHost(t, { '/proc/1/stat': MACHINE['/proc/1/stat']!.replace(' 31 ', ' 977 ') });
  t.not(
    readAnswer((await first.node()).out!)!.counters!.boot,
    readAnswer((await second.node()).out!)!.counters!.boot,
  );
});

test('without /proc nothing is said', async t => {
  const host = new FolderHost(t, { '/proc/uptime': undefined });
  t.is((await host.node()).out, undefined);
  for (const shell of SHELLS)
    t.deepEqual(host.sh(shell), { code: 69, out: '', err: 'uptimesrv: there is no /proc/uptime\n' });
});

test('this very machine says the same of itself by both agents', async t => {
  const host = new FolderHost(t);
  const clock = { now: () => new Date(), elapsed: () => 0, sleep: () => Promise.resolve() };
  const ports = { files: createFiles(), runner: createRunner(), clock };
  const shape = (text: string): string => text.replace(/\d+/g, '0');
  for (const shell of SHELLS) {
    const { out } = host.sh(shell, [], { LVSCTL_ROOT: '', PATH: '/usr/bin:/bin' });
    const [theirs, ours] = [out, (await answerOf(ports, undefined, t.fail))!];
    t.is(shape(theirs.split('\n')[1]!), shape(ours.split('\n')[1]!), shell);
    const [then, now] = [theirs, ours].map(text => readAnswer(text)!.counters!);
    t.deepEqual([then!.boot, then!.cpus], [now!.boot, now!.cpus]);
    t.true(now!.time >= then!.time && now!.time - then!.time < 60_000_000);
    t.true(now!.busy >= then!.busy && then!.busy > 0);
  }
});
