import test from 'ava';
import type { Finding } from '../../src/doctor/finding.js';
import { judgeFiles, settingsIn } from '../../src/doctor/sysctl/contrary.js';
import { readSysctlLines } from '../../src/doctor/sysctl/files.js';
import { misspelt } from '../../src/doctor/sysctl/misspelt.js';
import { numbersIn } from '../../src/doctor/sysctl/numbers.js';
import { unread } from '../../src/doctor/sysctl/unread.js';
import type { Patient } from '../../src/doctor/patient.js';
import { Namespace } from '../realserver/support.js';
import { FakeFiles } from '../support/fake-files.js';

/** Of a kernel of which these settings are known. */
async function kernel(...files: readonly (readonly [string, string])[]): Promise<FakeFiles> {
  const fake = new FakeFiles();
  for (const name of ['all', 'default', 'eth0', 'eth1.5'])
    for (const key of ['arp_ignore', 'arp_announce', 'rp_filter'])
      await fake.replace(`/proc/sys/net/ipv4/conf/${name}/${key}`, '0', 0o644);
  await fake.replace('/proc/sys/net/ipv4/ip_forward', '0', 0o644);
  await fake.replace('/proc/sys/net/ipv6/conf/all/forwarding', '0', 0o644);
  await fake.replace('/proc/sys/kernel/pid_max', '0', 0o644);
  for (const [path, text] of files) await fake.replace(path, text, 0o644);
  return fake;
}

const OWN = '/etc/sysctl.d/50-own.conf';

async function names(...files: readonly (readonly [string, string])[]): Promise<readonly Finding[]> {
  const ports = { files: await kernel(...files) };
  return (await misspelt.examine({ ports } as unknown as Patient))!;
}

const WANTED = settingsIn([
  'missing: sysctl net/ipv4/conf/all/arp_ignore 1',
  'in place: sysctl net/ipv4/conf/eth1.5/arp_announce 2',
  'in place: sysctl net/ipv4/conf/all/rp_filter 0',
  'in place: address lo 10.0.0.50/32',
  'running',
]);

/** The files whose lines set back what is needed. */
async function contrary(...files: readonly (readonly [string, string])[]): Promise<string[]> {
  return judgeFiles(await readSysctlLines(await kernel(...files)), WANTED).map(one => one.subject);
}

test('the misspelt setting of an old how-to is found, with what it should be', async t => {
  const [found, ...more] = await names(['/etc/sysctl.conf', '\n  net.ipv4.conf.all.arp_annouce = 2\n']);
  t.deepEqual(more, []);
  t.is(found?.code, 'sysctl-misspelt');
  t.is(found?.what, '/etc/sysctl.conf:2: the kernel has no "net.ipv4.conf.all.arp_annouce"');
  t.regex(found?.help ?? '', /^write net\.ipv4\.conf\.all\.arp_announce instead/);
});

for (const [line, right] of [
  ['-net/ipv4/cnof/all/arp_ignore=1', 'net/ipv4/conf/all/arp_ignore'],
  ['net.ivp4.ip_forward = 1', 'net.ipv4.ip_forward'],
  ['net.ipv4.conf.eth1/5.arp_ignroe = 1', 'net.ipv4.conf.eth1/5.arp_ignore'],
  ['net.ipv4.ip_foward=1', 'net.ipv4.ip_forward'],
  ['net.ipv4.conf.*.arp_ignroe = 1', 'net.ipv4.conf.*.arp_ignore'],
  ['net/ipv4/conf/eth?/arp_ignroe = 1', 'net/ipv4/conf/eth?/arp_ignore'],
] as const) {
  test(`${line}: ${right} is meant`, async t => {
    const found = await names([OWN, `${line}\n`]);
    t.deepEqual(
      found.map(({ code, help }) => [code, help]),
      [['sysctl-misspelt', `write ${right} instead, and run sysctl --system`]],
    );
  });
}

test('an interface that is not there is no other one misspelt', async t => {
  const [found, ...more] = await names([OWN, 'net.ipv4.conf.eth9.arp_ignore = 1\n']);
  t.deepEqual(more, []);
  t.is(found?.code, 'sysctl-no-interface');
  t.is(found?.help, 'there are eth0, eth1.5');
});

for (const line of [
  '# net.ipv4.conf.all.arp_annouce = 2',
  '; net.ipv4.conf.all.arp_annouce = 2',
  'net.ipv4.conf.eth1/5.arp_ignore = 1',
  'net/ipv4/conf/eth1.5/arp_ignore = 1',
  'net.ipv4.conf.*.rp_filter = 1',
  'net.ipv4.conf.wlan*.rp_fitler = 1',
  'net.ipv4.conf.eth[01].rp_fitler = 1',
  '*.ipv4.ip_foward = 1',
  `net.ipv4.conf.${'*'.repeat(60)}x.rp_fitler = 1`,
  'kernel.pid_mx = 1',
  'net.bridge.bridge-nf-call-iptables = 1',
  'net.ipv4.conf.all.arp_ignore.more = 1',
  '../../etc/passwd = 1',
  'net/../../etc = 1',
  '= 1',
  '=',
  `net.${'x.'.repeat(50_000)} = 1`,
  '\0\0 = 1',
  'net.ipv4.conf.*.rp_filter',
]) {
  test(`nothing is said of ${JSON.stringify(line.slice(0, 40))}`, async t => {
    t.deepEqual(await names([OWN, `${line}\n`]), []);
  });
}

/** What is said of one line, `code what help`. */
async function said(line: string): Promise<string[]> {
  const ports = { files: await kernel([OWN, `${line}\n`]) };
  const found = (await unread.examine({ ports } as unknown as Patient))!;
  return found.map(({ code, what, help }) => `${code} ${what.replace(`${OWN}:1: `, '')} ${help}`);
}

for (const [line, ...all] of [
  [
    'net.ipv4.conf.all.arp_ignore = 2 # fine',
    'sysctl-comment the comment in "2 # fine" is a part of the value, of which the kernel takes 2 where it wants a number give the comment a line of its own, in front of this',
  ],
  [
    'net/ipv4/conf/all/arp_ignore=2;fine',
    'sysctl-comment the comment in "2;fine" is a part of the value, of which the kernel takes nothing where it wants a number give the comment a line of its own, in front of this',
  ],
  [
    'net.ipv4.conf.all.arp_ignore 2',
    'sysctl-no-assignment "net.ipv4.conf.all.arp_ignore 2" has no "=", and sets nothing write net.ipv4.conf.all.arp_ignore = 2 instead, and run sysctl --system',
  ],
  [
    'net.ipv4.ip_forward',
    'sysctl-no-assignment "net.ipv4.ip_forward" has no "=", and sets nothing write KEY = VALUE instead, and run sysctl --system',
  ],
  [
    'net.\u001b[2J',
    String.raw`sysctl-no-assignment "net.\u001b[2J" has no "=", and sets nothing write KEY = VALUE instead, and run sysctl --system`,
  ],
  ['net.ipv4.conf.all.arp_ignore = 2'],
  ['  # net.ipv4.conf.all.arp_ignore 2'],
  ['-net.ipv4.conf.eth0.arp_ignore'],
  ['kernel.core_pattern = |/bin/x # y'],
  ['kernel.pid_max 5'],
  [' '.repeat(200_000)],
] as const) {
  test(`what is made of ${JSON.stringify(line.slice(0, 45))}`, async t => {
    t.deepEqual(await said(line), all);
  });
}

for (const [value, numbers] of [
  ['2', '2'],
  ['2 # fine', '2'],
  ['2# fine', '2# fine'],
  ['0x1 ; x', '1'],
  ['010', '8'],
  ['-1', '-1'],
  ['3 50 # both', '3 50'],
  ['', ''],
  ['fq # x', 'fq # x'],
] as const) {
  test(`the numbers of ${JSON.stringify(value)}`, t => {
    t.is(numbersIn(value), numbers);
  });
}

test('the kernel reads values just so', t => {
  const host = new Namespace(t);
  const file = '/proc/sys/net/ipv4/conf/all/arp_ignore';
  for (const value of ['2', '2 # fine', '1\t; x', '0x1 x', '01', '2# fine', '2;', 'two', '# 2']) {
    host.sh(`echo 3 >${file}`);
    const { code } = host.run(['sh', '-c', 'echo "$1" >"$2"', 'sh', value, file]);
    const [text, read] = [value.replaceAll(/\s+/g, ' '), numbersIn(value.replaceAll(/\s+/g, ' '))];
    const isTaken = /^\d+$/.test(read);
    t.deepEqual([code === 0, host.sh(`cat ${file}`)], [isTaken, isTaken ? read : '3'], text);
  }
});

test('hostile text is told harmlessly', async t => {
  const told = JSON.stringify([
    ...(await names([OWN, 'net.ipv4.conf.\u001b]0;x\u0007.x = 1\n'])),
    ...judgeFiles(
      await readSysctlLines(await kernel([OWN, 'net.ipv4.conf.all.arp_ignore=\u001b[2J\n'])),
      WANTED,
    ),
  ]);
  t.notRegex(told.replaceAll('\\\\', ''), /\\u001b\[|\\u0007[^"]/);
  t.is(told.match(/"code"/g)?.length, 2);
});

test('lines that set back what is needed are found, also by a wild card', async t => {
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.all.arp_ignore = 0\n']), [OWN]);
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.*.arp_announce = 0\n']), [OWN]);
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.eth1/5.arp_announce = 1\n']), [OWN]);
});

test('what does as well does no harm', async t => {
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.all.arp_ignore = 2\nnet.ipv4.conf.*.rp_filter = 2\n']), []);
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.all.rp_filter = 1\n']), [OWN]);
});

test('what the kernel makes of a value counts, and not how it is written', async t => {
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.all.arp_ignore = 0x1 # fine\n']), []);
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.all.arp_ignore = 0 # fine\n']), [OWN]);
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.all.arp_ignore = 1# fine\n']), [OWN]);
});

test('a line without = sets nothing, and with a minus exempts from wild cards', async t => {
  t.deepEqual(await contrary([OWN, 'net.ipv4.conf.all.arp_ignore 0\n']), []);
  const all = 'net.ipv4.conf.*.arp_announce = 0\n';
  t.deepEqual(await contrary([OWN, `${all}net.ipv4.conf.eth1/5.arp_announce\n`]), [OWN]);
  t.deepEqual(await contrary([OWN, `${all}-net.ipv4.conf.eth1/5.arp_announce\n`]), []);
});

test('the order of sysctl.d(5) decides which line counts', async t => {
  const bad = 'net.ipv4.conf.all.arp_ignore = 0\n';
  const good = 'net.ipv4.conf.all.arp_ignore = 1\n';
  t.deepEqual(await contrary([OWN, bad], ['/usr/lib/sysctl.d/90-x.conf', good]), []);
  t.deepEqual(await contrary([OWN, good], ['/usr/lib/sysctl.d/90-x.conf', bad]), [
    '/usr/lib/sysctl.d/90-x.conf',
  ]);
  t.deepEqual(await contrary(['/etc/sysctl.d/x.conf', good], ['/usr/lib/sysctl.d/x.conf', bad]), []);
  t.deepEqual(await contrary([OWN, good], ['/etc/sysctl.conf', bad]), ['/etc/sysctl.conf']);
  t.deepEqual(await contrary(['/etc/sysctl.d/x.txt', bad]), []);
  t.deepEqual(
    await contrary([OWN, `${good}net.ipv4.conf.*.arp_ignore = 0\n`]),
    [],
    'a name counts more than a wild card',
  );
});

test('what Debian links as 99-sysctl.conf is read once, and last', async t => {
  const files = await kernel(['/etc/sysctl.conf', 'net.ipv4.conf.all.arp_ignore = 0\n']);
  await files.link('/etc/sysctl.d/99-sysctl.conf', '../sysctl.conf');
  const lines = await readSysctlLines(files);
  t.deepEqual([...new Set(lines.map(one => one.file))], ['/etc/sysctl.conf']);
});
