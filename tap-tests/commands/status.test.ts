import { rmSync } from 'node:fs';
import test from 'ava';
import { died, readHealth, writeHealth } from '../../src/state/health.js';
import { writeIntent } from '../../src/state/intent.js';
import { drain, setWeight, undrain } from '../../src/state/operator.js';
import { writeMeasured } from '../../src/state/polling.js';
import { KernelHost } from '../support/kernel-host.js';
import { DESCRIPTION, director, NOON, say, stampOf, WEB, web } from '../support/status-host.js';

process.env['TZ'] = 'UTC';

test('each server has its weight, its numbers and its reason; what differs stands out', async t => {
  const host = await director(t, `${DESCRIPTION}polling: {}\n`);
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
    '-e -t 192.0.2.100:80 -r 192.0.2.15:80 -g -w 55',
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
  192.0.2.15:80         direct      55       0         0       0       0        0  configured 1, on the scale of what is measured
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
  await say(host, (before, stamp) => setWeight(before, [web(12)], 7, { author: 'bo' }, stamp));
  host.kernel.counted.set('192.0.2.100:80', [1, 2, 3, 4, 5]);
  const { out } = await host.run('status', '-o', 'json');
  const found = JSON.parse(out);
  t.like(found, {
    version: 1,
    host: 'midas',
    time: '2026-11-21T12:00:00.000Z',
    generation: { number: 1, author: 'ada', by: 'apply', reason: 'first', made: '2026-11-21T12:00:00.000Z' },
    drift: {
      lines: 2,
      commands: [
        'ipvsadm -e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0',
        'ipvsadm -e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 7',
      ],
    },
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
  t.like(service.servers[1], {
    weight: 1,
    wanted: 7,
    cause: 'operator',
    set: { author: 'bo', since: '2026-11-21T12:00:00.000Z', value: 7 },
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

test('what an apply has let go stays for its connections, and is no drift', async t => {
  const host = await director(t);
  host.put(
    '/etc/lvsctl/lvs.yaml',
    DESCRIPTION.replace(', 192.0.2.15 ]', ' ]').replace(/ {2}- { fwmark.*\n/, ''),
  );
  host.kernel.busy.set('192.0.2.100:80 192.0.2.15:80', [3, 0]);
  // Killed while it waits.
  host.interrupted = () => true;
  t.is((await host.run('apply', '--wait', '60s')).exitCode, 0);
  const { out } = await host.run('status');
  t.regex(out, /^table +as it should be$/m);
  t.regex(out, /^to come +12:01:10 {2}what was let go is removed, whatever connections it has$/m);
  t.regex(out, /^ {2}192\.0\.2\.15:80 +direct +0 +3 .* let go: stays for its connections$/m);
  t.regex(out, /^fwmark:7\/ipv4 {2}wlc$/m);
  t.regex(out, /^ {2}192\.0\.2\.12:8080 +nat +0 .* let go: stays for its connections$/m);
  host.time += 3_600_000;
  const late = (await host.run('status')).out;
  t.regex(late, /^table +differs from what should be in it in 2 lines/m);
  t.regex(late, /^fwmark:7\/ipv4 {2}wlc\n {2}DRIFT: should not be there$/m);
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
