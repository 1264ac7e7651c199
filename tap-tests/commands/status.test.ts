import { rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { died, readHealth, writeHealth } from '../../src/state/health.js';
import { writeIntent } from '../../src/state/intent.js';
import { momentNow } from '../../src/state/moment.js';
import {
  drain,
  type Operator,
  readOperator,
  setWeight,
  type Stamp,
  undrain,
  writeOperator,
} from '../../src/state/operator.js';
import { writeMeasured } from '../../src/state/polling.js';
import { KernelHost } from '../support/kernel-host.js';

process.env['TZ'] = 'UTC';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const WEB = '192.0.2.100:80/tcp';
const DESCRIPTION = `version: 1
hosts:
  web1: { address: 192.0.2.11 }
services:
  - name: web
    address: 192.0.2.100
    port: 80
    scheduler: wrr
    persistence: 5m
    servers: [ { host: web1, weight: 100 }, 192.0.2.12, 192.0.2.13, 192.0.2.14, 192.0.2.15 ]
  - { fwmark: 7, match: [ { address: 192.0.2.101, port: 81 } ], forwarding: nat, servers: [ { address: 192.0.2.12, port: 8080 } ] }
`;

async function director(t: ExecutionContext, description = DESCRIPTION): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000001\n');
  host.put('/etc/lvsctl/lvs.yaml', description);
  host.time = NOON;
  const { exitCode, err } = await host.run('apply', '--reason', 'first');
  t.is(exitCode, 0, err);
  return host;
}

type Place = { service: string; server: string };

function web(last: number): Place {
  return { service: WEB, server: `192.0.2.${last}:80` };
}

async function stampOf(host: KernelHost): Promise<Stamp> {
  const clock = {
    now: () => new Date(host.time),
    elapsed: () => host.time,
    sleep: () => Promise.resolve(),
  };
  return { host: 'midas', now: await momentNow(host.files, clock) };
}

async function say(host: KernelHost, words: (before: Operator, stamp: Stamp) => Operator): Promise<void> {
  await writeOperator(host.files, words(await readOperator(host.files), await stampOf(host)));
}

test('each server has its weight, its numbers and its reason; what differs stands out', async t => {
  const host = await director(t);
  await say(host, (before, stamp) =>
    drain(before, [web(11)], { author: 'anna', reason: 'kernel\nupdate', lasts: 7_200_000 }, stamp),
  );
  await say(host, (before, stamp) => setWeight(before, [web(12)], 7, { author: 'bo' }, stamp));
  const { now } = await stampOf(host);
  const { value: health } = await readHealth(host.files);
  await writeHealth(host.files, died(health, web(13), 'mon', now));
  await writeMeasured(host.files, {
    weights: [{ ...web(14), weight: 55 }],
    revision: 1,
    host: 'midas',
    at: new Date(NOON).toISOString(),
  });
  await say(host, (before, stamp) => drain(before, [web(15)], { author: 'anna' }, stamp));
  await say(host, (before, stamp) => undrain(before, [web(15)], 90_000, stamp));
  host.time += 30 * 60_000;
  // As the kernel would be, but for one weight by hand.
  host.kernel.restore([
    '-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0',
    '-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 9',
    '-d -t 192.0.2.100:80 -r 192.0.2.13:80',
    '-e -t 192.0.2.100:80 -r 192.0.2.14:80 -g -w 55',
    '-a -t 192.0.2.100:80 -r 192.0.2.16:80 -g -w 1',
    '-A -t 192.0.2.200:80 -s rr',
    '-a -t 192.0.2.200:80 -r 192.0.2.9:80 -g -w 3',
  ]);
  host.kernel.busy.set('192.0.2.100:80 192.0.2.12:80', [12_345, 7]);
  host.kernel.counted.set('192.0.2.100:80 192.0.2.12:80', [25, 300, 0, 1_234_567, 0]);
  const { exitCode, out, err } = await host.run('status');
  t.is(exitCode, 0, err);
  t.is(
    out,
    `director    midas
generation  1, by ada at 12:00 (apply): first
table       differs from what should be in it in 2 lines: \`lvsctl apply\` mends it
file        /etc/lvsctl/lvs.yaml is what runs
to come     12:01  192.0.2.100:80/tcp → 192.0.2.15:80 gets more of its weight (overdue: \`lvsctl tick\` has not run)
            14:00  192.0.2.100:80/tcp → 192.0.2.11:80 is no longer drained

web  wrr  persistent 300s  192.0.2.100:80/tcp
  SERVER                WAY     WEIGHT  ACTIVE  INACTIVE  CONN/S  IN B/S  OUT B/S  WHY
  192.0.2.11:80 (web1)  direct       0       0         0       0       0        0  drained by anna since 12:00: kernel update, until 14:00
  192.0.2.12:80         direct       9   12345         7      25    1.2M        0  DRIFT: weight 9, should be 7; set by bo since 12:00 (configured 1)
  192.0.2.13:80                      –       0         0                           dead since 12:00, by mon
  192.0.2.14:80         direct      55       0         0       0       0        0  measured (configured 1)
  192.0.2.15:80         direct       1       0         0       0       0        0  configured
  192.0.2.16:80         direct       1       0         0       0       0        0  DRIFT: should not be there

fwmark:7  wlc  fwmark:7/ipv4
  SERVER                WAY     WEIGHT  ACTIVE  INACTIVE  CONN/S  IN B/S  OUT B/S  WHY
  192.0.2.12:8080       nat          1       0         0       0       0        0  configured

192.0.2.200:80/tcp  rr  not ours
  SERVER                WAY     WEIGHT  ACTIVE  INACTIVE  CONN/S  IN B/S  OUT B/S  WHY
  192.0.2.9:80          direct       3       0         0       0       0        0
`,
  );
});

test('a weight that rises, and one that is kept, say so; a drain goes before a death', async t => {
  const host = await director(
    t,
    DESCRIPTION.replace(/persistence: 5m[^]*?\]/, 'servers: [ { host: web1, weight: 100 } ]'),
  );
  await say(host, (before, stamp) => drain(before, [web(11)], { author: 'anna' }, stamp));
  const { now } = await stampOf(host);
  await writeHealth(host.files, died((await readHealth(host.files)).value, web(11), 'mon', now));
  t.regex((await host.run('status')).out, / drained by anna since 12:00:00; dead since 12:00:00, by mon$/m);
  await say(host, (before, stamp) => undrain(before, [web(11)], 90_000, stamp));
  host.time += 20_000;
  const { out } = await host.run('status', 'web');
  t.regex(
    out,
    /; dead since 12:00:00, by mon; kept by minimum_servers; configured; slow start at 30 %, until 12:01:30$/m,
  );
  t.regex(out, /DRIFT: weight 100, should be 30;/);
  t.false(out.includes('fwmark'), out);
});

test('as data nothing is lost', async t => {
  const host = await director(t);
  await say(host, (before, stamp) => drain(before, [web(11)], { author: 'anna', reason: 'r' }, stamp));
  host.kernel.counted.set('192.0.2.100:80', [1, 2, 3, 4, 5]);
  const { out } = await host.run('status', '-o', 'json');
  const found = JSON.parse(out);
  t.like(found, {
    version: 1,
    host: 'midas',
    time: '2026-11-21T12:00:00.000Z',
    generation: { number: 1, author: 'ada', by: 'apply', reason: 'first', made: '2026-11-21T12:00:00.000Z' },
    drift: { lines: 1, commands: ['ipvsadm -e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0'] },
    file: { kind: 'same', name: '/etc/lvsctl/lvs.yaml' },
    coming: [],
  });
  const [service, mark] = found.services;
  t.like(service, {
    service: WEB,
    name: 'web',
    ours: true,
    there: true,
    scheduler: 'wrr',
    persistence: { timeout: 300_000, netmask: 32 },
    stats: { connections: 1, inPackets: 2, outPackets: 3, inBytes: 4, outBytes: 5 },
  });
  t.deepEqual(service.servers[0], {
    server: '192.0.2.11:80',
    host: 'web1',
    kind: 'server',
    address: '192.0.2.11',
    port: 80,
    forwarding: 'direct',
    upper: 0,
    lower: 0,
    weight: 100,
    wanted: 0,
    configured: 100,
    cause: 'drained',
    kept: false,
    drained: { author: 'anna', since: '2026-11-21T12:00:00.000Z', reason: 'r' },
    connections: { active: 0, inactive: 0 },
    stats: { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 },
    rates: { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 },
    drift: ['ipvsadm -e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0'],
  });
  t.is(mark.servers[0].server, '192.0.2.12:8080');
});

test('how the file stands to what runs: the same, other words, another table, not usable, none', async t => {
  const host = await director(t);
  const line = async (): Promise<string> => /^file +(.*)$/m.exec((await host.run('status')).out)![1]!;
  t.is(await line(), '/etc/lvsctl/lvs.yaml is what runs');
  host.put('/etc/lvsctl/lvs.yaml', `# why not\n${DESCRIPTION}`);
  t.is(await line(), '/etc/lvsctl/lvs.yaml is what runs, in other words');
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION.replace('weight: 100', 'weight: 7'));
  t.is(
    await line(),
    '/etc/lvsctl/lvs.yaml differs from what runs, in 1 line of the table: `lvsctl plan` shows it',
  );
  host.put(
    '/etc/lvsctl/lvs.yaml',
    DESCRIPTION.replace('services:', 'notify: { mail: [ a@example.org ] }\nservices:'),
  );
  t.is(
    await line(),
    '/etc/lvsctl/lvs.yaml differs from what runs, in what is outside the table: `lvsctl plan` shows it',
  );
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION.replace('wrr', 'wrrr'));
  t.is(await line(), '/etc/lvsctl/lvs.yaml cannot be compared with what runs: 1 error');
  rmSync(`${host.root}/etc/lvsctl/lvs.yaml`);
  t.is(await line(), 'none');
  const { exitCode, out } = await host.run('status', '-f', 'there-is.none');
  t.is(exitCode, 0);
  t.regex(out, /^file +there-is\.none cannot be compared with what runs: there is no such file$/m);
});

test('where the default file is missing the one that runs is looked at', async t => {
  const host = new KernelHost(t);
  host.put('/srv/a.yaml', DESCRIPTION);
  t.is((await host.run('apply', '-f', '/srv/a.yaml')).exitCode, 0);
  t.regex((await host.run('status')).out, /^file +\/srv\/a\.yaml is what runs$/m);
});

test('what has to be confirmed, and a change that has begun, are said', async t => {
  const host = await director(t);
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION.replace('weight: 100', 'weight: 7'));
  t.is((await host.run('apply', '--confirm', '60s')).exitCode, 0);
  const { now } = await stampOf(host);
  await writeIntent(host.files, { kind: 'reconcile', from: 2, to: 2, changes: [], begun: now, by: 'poll' });
  const { out } = await host.run('status');
  t.regex(out, /^ +taken back at 12:01:0\d unless `lvsctl confirm` comes before$/m);
  t.regex(out, /^to come +12:01:0\d {2}generation 2 is taken back unless it is confirmed$/m);
  t.regex(out, /^change +begun by `lvsctl poll` at 12:00:0\d;/m);
});

test('timeouts that differ, a service that is missing and one that was edited are drift', async t => {
  const host = await director(t);
  host.kernel.restore(['--set 1 0 0', '-E -t 192.0.2.100:80 -s rr -p 300', '-D -f 7']);
  host.put(
    '/etc/lvsctl/lvs.yaml',
    DESCRIPTION.replace('services:', 'ipvs: { timeouts: { tcp: 15m } }\nservices:'),
  );
  await host.run('apply');
  host.kernel.restore(['--set 1 0 0', '-E -t 192.0.2.100:80 -s rr -p 300', '-D -f 7']);
  const { out } = await host.run('status');
  t.regex(out, /^table +differs from what should be in it in 4 lines/m);
  t.regex(out, /^ +timeouts tcp 1s, should be 900s$/m);
  t.regex(out, /^ {2}DRIFT: scheduler rr, should be wrr$/m);
  t.regex(out, /^fwmark:7 .*\n {2}DRIFT: missing\n/m);
  t.regex(out, /^ {2}192\.0\.2\.12:8080 +nat +– .* DRIFT: missing, should have 1; configured$/m);
});

test('without anything that runs the table is there, and not ours', async t => {
  const host = new KernelHost(t);
  const empty = await host.run('status');
  t.is(empty.exitCode, 0, empty.err);
  t.is(
    empty.out,
    `director    midas
generation  none: nothing has been applied, so nothing in the table is ours
file        none

no services
`,
  );
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
  host.put('/etc/lvsctl/lvs.yaml', DESCRIPTION);
  const { out } = await host.run('status');
  t.regex(out, /^file +\/etc\/lvsctl\/lvs\.yaml has not been applied$/m);
  t.regex(out, /^192\.0\.2\.200:80\/tcp {2}rr {2}not ours$/m);
  t.is(JSON.parse((await host.run('status', '-o', 'json')).out).generation, null);
});

test('the fallback is told as such', async t => {
  const host = new KernelHost(t);
  host.put(
    '/etc/lvsctl/lvs.yaml',
    'version: 1\nservices:\n  - { name: web, address: 192.0.2.100, port: 80, fallback: 192.0.2.9, servers: [ { address: 192.0.2.11, weight: 0 } ] }\n',
  );
  await host.run('apply');
  const { out } = await host.run('status');
  t.regex(out, /^ {2}192\.0\.2\.9:80 +direct +1 .* fallback: no server is left$/m);
  t.regex(out, /^table +as it should be$/m);
});

test('--stats and --rate are exact, aligned, and by the names of what runs', async t => {
  const host = await director(t);
  host.kernel.counted.set('192.0.2.100:80', [12, 34, 0, 9_007_199_254_740_991, 5]);
  host.kernel.counted.set('192.0.2.100:80 192.0.2.11:80', [12, 34, 0, 123_456_789_012, 0]);
  const { out } = await host.run('status', 'web', '--stats');
  t.is(
    out,
    `Service → Server          Conns  InPkts  OutPkts           InBytes  OutBytes
web 192.0.2.100:80/tcp       12      34        0  9007199254740991         5
  → 192.0.2.11:80 (web1)     12      34        0      123456789012         0
  → 192.0.2.12:80             0       0        0                 0         0
  → 192.0.2.13:80             0       0        0                 0         0
  → 192.0.2.14:80             0       0        0                 0         0
  → 192.0.2.15:80             0       0        0                 0         0
`,
  );
  const both = await host.run('status', '--stats', '--rate');
  t.regex(both.out, /^Service → Server +Conns +InPkts.*$/m);
  t.regex(both.out, /^\nService → Server +CPS +InPPS +OutPPS +InBPS +OutBPS$/m);
  t.regex(both.out, /^ {2}→ 192\.0\.2\.12:8080 /m);
});

test('a service by any of its names; another one is an error that says what there is', async t => {
  const host = await director(t);
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
  for (const name of ['web', WEB, '192.0.2.100:80', 'fwmark:7', '192.0.2.200:80/tcp']) {
    for (const more of [[], ['--stats']]) t.is((await host.run('status', name, ...more)).exitCode, 0, name);
  }
  for (const name of ['wev', '$(reboot)\u001b[2J', '']) {
    const { exitCode, err } = await host.run('status', name);
    t.is(exitCode, 64);
    t.regex(err, /there is no service .*\n {2}help: .*web/);
    t.false(err.includes('\u001b'));
  }
  const bare = await new KernelHost(t).run('status', 'web');
  t.is(bare.exitCode, 64);
  t.regex(bare.err, /help: the table is empty/);
});

test('hostile words stay words', async t => {
  const host = await director(t);
  const hostile = '\u001b[2J"; `reboot` \n$(x)\u202e';
  await say(host, (before, stamp) => drain(before, [web(11)], { author: hostile, reason: hostile }, stamp));
  await host.run('apply', '--reason', hostile);
  for (const words of [['status'], ['status', '-o', 'json'], ['status', '--prometheus', '-']]) {
    const { exitCode, out } = await host.run(...words);
    t.is(exitCode, 0);
    t.notRegex(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
  t.is((await host.run('status')).out.split('\n').length, 17);
});

const failing = test.macro<[string, object, number, RegExp]>({
  exec: async (t, line, answer, exitCode, message) => {
    const host = await director(t);
    host.answers.set(line, answer);
    for (const words of [['status'], ['status', '--stats'], ['status', '--prometheus', 'x.prom']]) {
      const outcome = await host.run(...words);
      t.is(outcome.exitCode, exitCode, outcome.err);
      t.regex(outcome.err, message);
      t.is(outcome.out, '');
      t.false(host.paths('/here').includes('/here/x.prom'));
    }
  },
  title: given => `a kernel that cannot be read: ${given}`,
});

test('no ipvsadm', failing, '*', { exitCode: undefined, missing: true }, 69, /ipvsadm is missing/);
test(
  'no right to',
  failing,
  '*',
  { exitCode: 2, stderr: "Can't initialize ipvs: Permission denied\n" },
  77,
  /only root may/,
);

test('a kernel without IPVS: 69; kept state that is damaged: 1, and its name', async t => {
  const host = await director(t);
  host.put('/var/lib/lvsctl/operator.json', '{');
  const damaged = await host.run('status');
  t.is(damaged.exitCode, 1);
  t.regex(damaged.err, /operator\.json is damaged/);
  rmSync(`${host.root}/var/lib/lvsctl/operator.json`);
  rmSync(`${host.root}/proc/net/ip_vs`);
  for (const words of [['status'], ['status', '--rate']]) {
    const { exitCode, err } = await host.run(...words);
    t.is(exitCode, 69);
    t.regex(err, /modprobe ip_vs/);
  }
});

test('on a standby it says who is active', async t => {
  const pair = DESCRIPTION.replace(
    'services:',
    `directors:
  - { name: midas, address: 192.0.2.1, interface: eth0 }
  - { name: estepe, address: 192.0.2.2, interface: eth0 }
failover: { by: vrrp }
services:`,
  );
  const host = await director(t, pair);
  const address = (...all: string[]): string =>
    JSON.stringify([{ ifname: 'eth0', addr_info: all.map(local => ({ local })) }]);
  host.answers.set('ip -j addr show', { stdout: address('192.0.2.1') });
  host.answers.set('arping -D -f -w 2 -I eth0 192.0.2.100', {
    exitCode: 1,
    stdout: 'Unicast reply from 192.0.2.100 [02:00:00:00:00:02]  1ms\n',
  });
  t.regex((await host.run('status')).out, /^director +midas, standby: estepe is active$/m);
  t.regex((await host.run('status', '--prometheus', '-')).out, /^lvsctl_active 0$/m);
  host.answers.set('ip -j addr show', { stdout: address('192.0.2.1', '192.0.2.100') });
  t.regex((await host.run('status')).out, /^director +midas, active$/m);
  host.answers.set('ip -j addr show', { missing: true, exitCode: undefined });
  const { exitCode, out, err } = await host.run('status');
  t.is(exitCode, 0);
  t.regex(out, /^director +midas$/m);
  t.regex(err, /whether this director is active is unknown: the program ip is missing/);
});
