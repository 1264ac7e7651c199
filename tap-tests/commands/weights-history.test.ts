import test from 'ava';
import { HEALTHY, writeHealth } from '../../src/state/health.js';
import { JOURNAL } from '../../src/state/paths.js';
import { KernelHost } from '../support/kernel-host.js';
import { done } from '../support/operated.js';
import { load, polled, pollOnce } from '../support/polled.js';

process.env['TZ'] = 'UTC';

const HOUR = 3_600_000;

interface Drawn {
  readonly now: number | null;
  readonly steps: readonly { readonly at: string; readonly weight: number; readonly event?: string }[];
}

/** The first service's servers. */
function drawn(json: string): readonly Drawn[] {
  return (JSON.parse(json) as { services: { servers: Drawn[] }[] }).services[0]!.servers;
}

/** Applied at 12:00, 1 to 1; measured at 15:00; drained from 16:30 to 17:00; now it is 18:00. */
async function afternoon(t: Parameters<typeof polled>[0]): Promise<KernelHost> {
  const host = await polled(
    t,
    { '192.0.2.11': load('1.00'), '192.0.2.12': load('0.00') },
    `version: 1
polling: { schedule: '* * * * *' }
hosts: { web1: { address: 192.0.2.11 } }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wlc, servers: [ web1, 192.0.2.12 ] }
  - { name: dns, address: 192.0.2.100, port: 53, protocol: udp, scheduler: rr, servers: [ web1 ] }
`,
  );
  host.time += 3 * HOUR;
  await pollOnce(t, host);
  host.time += 1.5 * HOUR;
  await done(t, host, 'drain', 'web', 'web1');
  host.time += 0.5 * HOUR;
  await done(t, host, 'undrain', 'web', 'web1');
  host.time += HOUR;
  return host;
}

test.serial('each server has a line of signs on the scale of its service', async t => {
  const host = await afternoon(t);
  t.is(
    await done(t, host, 'weights', 'history', '--since', '8h'),
    `since 10:00, 10m a sign; nothing is known before 12:00

web  192.0.2.100:80/tcp  0 to 255
  SERVER                WEIGHT                                            MIN  MAX  NOW
  192.0.2.11:80 (web1)              ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▅▅▅▅▅▅▅▅▅▁▁▁▅▅▅▅▅▅    0  128  128
  192.0.2.12:80                     ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂██████████████████    1  255  255

dns  192.0.2.100:53/udp  0 to 1
  SERVER                WEIGHT                                            MIN  MAX  NOW
  192.0.2.11:53 (web1)              ████████████████████████████████████    1    1    1
`,
  );
});

test.serial('JSON has every step, of one service if it is named, also by what it was called', async t => {
  const host = await afternoon(t);
  const out = await done(t, host, 'weights', 'history', 'web', '-o', 'json', '--since', '4h');
  const json = JSON.parse(out);
  t.like(json, { version: 1, since: '2026-11-21T14:00:00.000Z', until: '2026-11-21T18:00:00.000Z' });
  t.is(json.services.length, 1);
  t.like(json.services[0], { service: '192.0.2.100:80/tcp', name: 'web', largest: 255 });
  const web1 = drawn(out)[0]!;
  t.like(web1, { server: '192.0.2.11:80', host: 'web1', min: 0, max: 128, now: 128 });
  t.deepEqual(
    web1.steps.map(one => [one.at.slice(11, 16), one.weight, one.event]),
    [
      ['14:00', 1, undefined],
      ['15:00', 128, 'weighed'],
      ['16:30', 0, 'drained'],
      ['17:00', 128, 'undrained'],
    ],
  );
  await host.applied(
    t,
    'version: 1\nservices: [ { name: other, address: 192.0.2.100, port: 81, servers: [ 192.0.2.12 ] } ]\n',
    '--prune',
  );
  host.time += HOUR;
  const gone = await done(t, host, 'weights', 'history', 'web', '-o', 'json');
  t.deepEqual(
    drawn(gone).map(one => one.now),
    [null, null],
  );
  const all = await done(t, host, 'weights', 'history', '--since', '1h');
  t.regex(all, /^other {2}192\.0\.2\.100:81\/tcp {2}0 to 1$/m);
});

test.serial('old journals count, and damaged lines are named and passed over', async t => {
  const host = await afternoon(t);
  const whole = await done(t, host, 'weights', 'history');
  const lines = host.text(JOURNAL).trimEnd().split('\n');
  // Else the damaged line may have told of a server's death.
  await writeHealth(host.files, HEALTHY);
  const half = lines.findIndex(line => line.includes('"drained"'));
  host.put(`${JOURNAL}.1`, `${lines.slice(0, half).join('\n')}\n`);
  host.put(JOURNAL, `${lines[0]}\ngarbage\n${lines.slice(half).join('\n')}\n`);
  const { exitCode, out, err } = await host.run('weights', 'history');
  t.is(exitCode, 0);
  t.is(out, whole);
  t.is(err, `warning: ${JOURNAL}: line 2 is damaged: it is passed over\n`);
});

test.serial('it needs no kernel, nothing that runs, and changes nothing', async t => {
  const bare = new KernelHost(t);
  bare.time = HOUR * 24;
  t.regex(await done(t, bare, 'weights', 'history'), /a sign\n\nno services\n$/);
  const host = await afternoon(t);
  await host.files.remove('/proc/net/ip_vs');
  const state = host.everything('/var/lib');
  await done(t, host, 'weights', 'history');
  t.deepEqual(host.everything('/var/lib'), state);
});

test.serial('what cannot be meant is refused', async t => {
  const host = await afternoon(t);
  for (const argv of [
    ['nothing'],
    ['$(reboot)'],
    ['","event":"x'],
    ['web', '--since', 'yesterday'],
    ['--since', '0s'],
    ['--since', '2027-01-01'],
    ['--since', '\u001b[31m'],
  ]) {
    const { exitCode, out, err } = await host.run('weights', 'history', ...argv);
    t.is(exitCode, 64, err);
    t.is(out, '');
    t.notRegex(err, /\u001b/);
  }
});

test.serial(
  'nothing is drawn for a time of which nothing is known, as before the first apply to a table that is there',
  async t => {
    const host = await afternoon(t);
    const text = host.text('/here/lvs.yaml');
    for (const path of host.paths('/var/lib/lvsctl')) await host.files.remove(path).catch(() => undefined);
    await host.applied(t, text);
    host.time += 0.5 * HOUR;
    const blank = ' '.repeat(44);
    const lines = (await done(t, host, 'weights', 'history')).split('\n');
    t.is(lines[0], 'since 12:30, 7m30s a sign; nothing is known before 18:00');
    const rows = lines.filter(line => line.startsWith('  192'));
    t.is(rows.length, 3);
    for (const row of rows) t.regex(row, new RegExp(`^ {2}\\S+(?: \\(web1\\)| {7}) {2}${blank}[^ ]{4} `));
    const json = await done(t, host, 'weights', 'history', '-o', 'json');
    t.like(JSON.parse(json), { since: '2026-11-21T12:30:00.000Z', known: '2026-11-21T18:00:00.000Z' });
    t.is(drawn(json)[0]!.steps[0]!.at, '2026-11-21T18:00:00.000Z');
    // Without a journal it is known now alone.
    await host.files.remove(JOURNAL);
    const bare = await done(t, host, 'weights', 'history');
    t.regex(bare, /^since 12:30, 7m30s a sign; nothing is known before 18:30/m);
    t.notRegex(bare, /[▁▂▃▄▅▆▇█]/);
  },
);

test.serial('what the help to a refusal says can be said', async t => {
  const host = await afternoon(t);
  for (const wrong of ['foo', '0s']) {
    const { err } = await host.run('weights', 'history', '--since', wrong);
    const [, help = ''] =
      /^ {2}help: write ([^;:]*(?::[^;:]*)*?)[;:] (?:the first|something)/m.exec(err) ?? [];
    const forms = help.split(/, | or /).map(word => word.replaceAll('"', ''));
    t.deepEqual(forms, ['02:00', '2026-11-21', '2026-11-21 02:00', '2h'], err);
    for (const form of forms) await done(t, host, 'weights', 'history', '--since', form);
  }
});

test.serial('a hundred thousand entries are drawn within seconds', async t => {
  const host = await afternoon(t);
  const line = host
    .text(JOURNAL)
    .split('\n')
    .find(one => one.includes('"weighed"'))!;
  host.put(JOURNAL, host.text(JOURNAL) + `${line}\n`.repeat(100_000));
  const begun = performance.now();
  await done(t, host, 'weights', 'history');
  const took = performance.now() - begun;
  // On a machine that has other work, too.
  t.true(took < 60_000, `${took} ms`);
  t.log(`${Math.round(took)} ms`);
});
