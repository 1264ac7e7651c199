import { readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { EVENTS } from '../../src/state/event-names.js';
import type { Event } from '../../src/state/events.js';
import { appendJournal } from '../../src/state/journal.js';
import { HEALTH, JOURNAL, OPERATOR } from '../../src/state/paths.js';
import type { Files } from '../../src/system/ports.js';
import { TestHost } from '../support/context.js';
import type { KernelHost } from '../support/kernel-host.js';
import { apply, description, director, done, weights } from '../support/operated.js';

const REFERENCE = readFileSync(new URL('../../../docs/reference.md', import.meta.url), 'utf8');
const BOOT = '6f1c1d6e-0000-4000-8000-000000000001';
const WEB1 = { service: '192.0.2.100:80/tcp', server: '192.0.2.11:80' };
const START = Date.UTC(2026, 10, 21, 2);

test.before(() => {
  process.env['TZ'] = 'UTC';
});

/** Writes events by the host's clock, a second apart. */
async function written(host: TestHost, ...events: readonly Event[]): Promise<void> {
  for (const event of events) {
    const now = { at: new Date(host.time).toISOString(), boot: BOOT, up: host.time };
    await appendJournal(host.files, { host: 'midas', now }, [event]);
    host.time += 1000;
  }
}

/** A director at two in the morning on which a server has been drained, has died and has come back. */
async function story(t: ExecutionContext): Promise<KernelHost> {
  const host = await director(t);
  host.time = START;
  await done(t, host, 'drain', 'web', 'web1', '--reason', 'new kernel');
  host.time = START + 60_000;
  const mon = { cause: 'mon: no answer' };
  await written(host, { ...WEB1, event: 'down', ...mon }, { ...WEB1, event: 'up', cause: 'mon' });
  host.time = START + 3_600_000;
  return host;
}

test('a journal is shown as aligned lines, the newest last', async t => {
  const host = await story(t);
  t.is(
    await done(t, host, 'log', '--last', '4'),
    `1970-01-01 00:00:00  changed        shop 192.0.2.12:443           -a -t 192.0.2.101:443 -r 192.0.2.12:443 -g -w 1  (ada: apply)
2026-11-21 02:00:00  drained        web 192.0.2.11:80             weight 3, configured -> weight 0, drained  (ada: new kernel)
2026-11-21 02:01:00  down           web 192.0.2.11:80             (mon: no answer)
2026-11-21 02:01:01  up             web 192.0.2.11:80             (mon)
`,
  );
});

test('the classic form has hour, date, service and server by name', async t => {
  const host = await story(t);
  const out = await done(t, host, 'log', '--classic', '--event', 'down', 'up');
  t.is(out, '02:01:00 2026-11-21 web web1 down\n02:01:01 2026-11-21 web web1 up\n');
});

test('JSON is a line an event, with all that the journal has', async t => {
  const host = await story(t);
  const lines = (await done(t, host, 'log', '-o', 'json', '--since', '02:00')).trim().split('\n');
  const [drained, down] = lines.map(line => JSON.parse(line) as Record<string, unknown>);
  t.is(lines.length, 3);
  t.like(drained, { version: 1, time: '2026-11-21T02:00:00.000Z', host: 'midas', event: 'drained', ...WEB1 });
  t.like(drained?.['operator'], { revision: 1, drain: { author: 'ada', reason: 'new kernel' } });
  t.like(down, { event: 'down', cause: 'mon: no answer' });
  t.deepEqual(Object.keys(down ?? {}), ['version', 'time', 'host', 'service', 'server', 'event', 'cause']);
  const [, table = ''] = /with these keys in this order:\n\n([^]*?)\n\n/.exec(REFERENCE) ?? [];
  const cells = table.split('\n').map(row => row.split('|')[1] ?? '');
  const keys = cells.flatMap(cell => [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key!));
  const all = (await done(t, host, 'log', '-o', 'json', '--event', ...Object.keys(EVENTS)))
    .trim()
    .split('\n');
  for (const line of [...all, ...host.text(JOURNAL).trim().split('\n')]) {
    const found = Object.keys(JSON.parse(line) as object).filter(key => key !== 'version');
    t.deepEqual(
      found,
      keys.filter(key => found.includes(key)),
    );
  }
});

test('filters keep what they name', async t => {
  const host = await story(t);
  const events = async (...argv: string[]): Promise<string> => {
    const lines = (await done(t, host, 'log', '-o', 'json', ...argv)).split('\n').slice(0, -1);
    return lines.map(line => (JSON.parse(line) as { event: string }).event).join(' ');
  };
  t.is(await events('--since', '2026-11-21', '--until', '2026-11-21 02:00:30'), 'drained');
  t.is(await events('--since', '-59m'), 'down up');
  t.is(await events('--since', '2026-11-21T02:01:01Z'), 'up');
  t.is(await events('--service', 'web', '--since', '02:00'), 'drained down up');
  t.is(await events('--service', '192.0.2.100:80', '--event', 'changed'), 'changed changed changed');
  for (const server of ['web1', '192.0.2.11', 'web1:80', '192.0.2.11:80']) {
    t.is(await events('--server', server, '--since', '02:00'), 'drained down up', server);
  }
  t.is(await events('--server', '192.0.2.11:8'), '');
  t.is(await events('--server', '192.0.2.1'), '');
  t.is(await events('--event', 'snapshot'), 'snapshot');
  t.is(await events('--last', '1', '--event', 'drained', 'down'), 'down');
});

test('what is gone is still found by the name that it had', async t => {
  const host = await story(t);
  await apply(t, host, description('shop2'));
  t.regex(await done(t, host, 'log', '--service', 'web', '--event', 'down'), /down/);
  t.regex(await done(t, host, 'log', '--service', '192.0.2.7:1/tcp'), /^$/);
  await written(host, { service: '[2001:db8::7]:80/tcp', event: 'changed', cause: 'ada: apply' });
  for (const service of ['[2001:db8::7]:80/tcp', '[2001:0DB8:0::7]:80/tcp'])
    t.regex(await done(t, host, 'log', '--service', service), /ada: apply/, service);
});

test('what cannot be meant is said, with 64', async t => {
  const host = await story(t);
  const refused: [string[], RegExp][] = [
    [['--last', '0'], /--last takes a number/],
    [['--since', 'tomorrow'], /a time cannot be "tomorrow"/],
    [['--since', '25:00'], /a time cannot be/],
    [['--since', '2026-02-30'], /a time cannot be/],
    [['--since', ''], /a time cannot be/],
    [['--service', 'we"b\u001b'], /no service is, or was, "we\\"b\\u001b"/],
    [['--server', 'web9'], /no server is, or was/],
    [['--event', 'exploded'], /exploded/],
    [['--follow', '--until', '02:00'], /leave out --until/],
    [['--classic', '-o', 'json'], /leave out --output/],
    [['--rebuild', '--last', '3'], /leave out --last/],
    [['-n'], /--dry-run is for --rebuild/],
  ];
  for (const [argv, message] of refused) {
    const { exitCode, err } = await host.run('log', ...argv);
    t.is(exitCode, 64, argv.join(' '));
    t.regex(err, message);
  }
});

test('without a journal nothing is shown, and that is no failure', async t => {
  t.is(await done(t, new TestHost(t) as KernelHost, 'log'), '');
});

test('a damaged line is named and passed over, a torn last one not mentioned', async t => {
  const host = await story(t);
  const lines = host.text(JOURNAL).split('\n');
  lines.splice(2, 1, '\u0000\u0000garbage \u001b[2J');
  host.put(JOURNAL, `${lines.join('\n')}{"time":"2026-`);
  const { exitCode, out, err } = await host.run('log', '--event', 'up');
  t.is(exitCode, 0);
  t.regex(out, /^.* up .*\n$/);
  t.is(err, `warning: ${JOURNAL}: line 3 is damaged: it is passed over\n`);
  host.put(JOURNAL, 'garbage\n'.repeat(25));
  const many = await host.run('log');
  t.is(many.err.split('\n').length, 12);
  t.regex(many.err, /15 more damaged lines are passed over\n$/);
});

test('what people wrote moves nothing on a terminal', async t => {
  const host = await story(t);
  await written(host, { event: 'applied', cause: 'a\u001b[2J\n\u202eb' });
  t.regex(await done(t, host, 'log', '--last', '1'), /\(a\\u001b\[2J\\u000a\\u202eb\)\n$/);
  t.regex(await done(t, host, 'log', '--last', '1', '-o', 'json'), /"a\\u001b\[2J\\n\\u202eb"/);
});

/** Has the n-th look at the journal done something first. */
function onLook(host: TestHost, looks: Readonly<Record<number, () => Promise<void>>>): void {
  const { files } = host;
  let count = 0;
  host.files = {
    ...files,
    read: async (path, most) => {
      if (path === `${JOURNAL}.8`) await looks[++count]?.();
      return await files.read(path, most);
    },
  };
}

test('what happens is followed, over rotations and half lines, until Ctrl-C', async t => {
  const host = await story(t);
  const { files } = host;
  const event = (cause: string): Event => ({ event: 'applied', cause });
  const writing = async (limit: number, ...causes: string[]): Promise<void> => {
    for (const cause of causes) {
      const now = { at: new Date(host.time).toISOString(), boot: BOOT, up: ++host.time };
      await appendJournal(files, { host: 'midas', now, limit }, [event(cause)]);
    }
  };
  const half = `{"time":"2026-11-21T03:00:00.000Z","host":"midas","event":"applied","cause":"half"`;
  onLook(host, {
    5: () => writing(1e9, 'one', 'two'),
    9: () => writing(1, 'three'),
    // Two rotations between two looks.
    13: () => writing(1, 'four', 'five'),
    17: () => files.append(JOURNAL, half, 0o644),
    21: () => Promise.resolve(host.put(JOURNAL, `${host.text(JOURNAL)}}\n`)),
    25: () => Promise.resolve(host.stop.abort()),
  });
  const { exitCode, out } = await host.run('log', '--follow', '--last', '1', '-o', 'json');
  t.is(exitCode, 0);
  const causes = out.split('\n').slice(0, -1);
  t.deepEqual(
    causes.map(line => (JSON.parse(line) as Event).cause),
    ['mon', 'one', 'two', 'three', 'four', 'five', 'half'],
  );
});

test('drains and dead servers that are lost or damaged are put back, and the table follows', async t => {
  for (const damage of ['lost', 'damaged'] as const) {
    const host = await director(t);
    await done(t, host, 'drain', 'web', 'web1', '--reason', 'new kernel');
    await done(t, host, 'weight', 'shop', 'web2', '7', '--expires', '2h');
    const before = host.text(OPERATOR);
    if (damage === 'lost') {
      await host.files.remove(OPERATOR);
      // What somebody did meanwhile has put the server back.
      await done(t, host, 'apply', '-f', 'lvs.yaml');
      t.is(weights(host), '3 1');
    } else host.put(OPERATOR, '{');
    const dry = await done(t, host, 'log', '--rebuild', '-n');
    t.is(dry, `${OPERATOR} was ${damage}, and would be put back with what the journal has of 2 servers\n`);
    t.is((await host.files.look(OPERATOR)) === undefined, damage === 'lost');
    const out = await done(t, host, 'log', '--rebuild');
    t.regex(out, /is put back with what the journal has of 2 servers/);
    t.is(out.includes('kept as /var/lib/lvsctl/operator.json.damaged-1'), damage === 'damaged');
    t.deepEqual(JSON.parse(host.text(OPERATOR)), JSON.parse(before));
    t.is(weights(host).split(' ')[0], '0');
    t.is(await done(t, host, 'log', '--rebuild'), 'nothing is lost or damaged\n');
    t.regex(await done(t, host, 'log', '--event', 'rebuilt'), new RegExp(`it was ${damage}`));
  }
});

test('what a checker found is put back in the same boot, and not in the next', async t => {
  const host = await director(t);
  const dead = { since: { at: '2026-11-21T02:00:00.000Z', boot: BOOT, up: 5 }, by: 'mon' };
  await written(host, { ...WEB1, event: 'down', cause: 'mon', health: { dead } });
  t.regex(await done(t, host, 'log', '--rebuild', '-o', 'json'), /"was": "lost",\n\s+"servers": 1/);
  t.deepEqual(JSON.parse(host.text(HEALTH)), { version: 1, dead: [{ ...WEB1, ...dead }], rising: [] });
  t.is(weights(host), '1');
  await host.files.remove(HEALTH);
  host.put('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000002\n');
  t.is(await done(t, host, 'log', '--rebuild'), 'nothing is lost or damaged\n');
});

test('a journal without a snapshot, and one with a hole, say so', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  const lines = host.text(JOURNAL).split('\n');
  host.put(OPERATOR, '{');
  host.put(JOURNAL, lines.slice(1).join('\n'));
  const { exitCode, err } = await host.run('log', '--rebuild');
  t.is(exitCode, 1);
  t.regex(err, /has no snapshot to begin with: .*operator\.json cannot be rebuilt/);
  t.is(host.text(OPERATOR), '{');
  host.put(JOURNAL, [lines[0], '{"torn', ...lines.slice(1)].join('\n'));
  const holed = await host.run('log', '--rebuild');
  t.is(holed.exitCode, 1);
  t.regex(holed.err, /line 2 is damaged: what it said of drains and dead servers is missing/);
  t.regex(holed.out, /is put back with what the journal has of 1 server;/);
  t.is(weights(host), '0 1');
});

test('a newer version’s overlay is left alone', async t => {
  const host = await director(t);
  host.put(OPERATOR, '{"version":2}');
  const { exitCode, err } = await host.run('log', '--rebuild');
  t.is(exitCode, 1);
  t.regex(err, /newer lvsctl/);
});

test('a journal that cannot be written is said once, and keeps nobody from acting', async t => {
  const host = await director(t);
  const { files } = host;
  const refuse: Files['append'] = () =>
    Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  host.files = { ...files, append: refuse };
  await apply(t, host, description('web', 'ipvs: { timeouts: { tcp: 600s } }\n'));
  const { exitCode, err } = await host.run('drain', 'web', 'web1');
  t.is(exitCode, 0);
  t.is(err.match(/the journal cannot be written/g)?.length, 1);
  t.is(weights(host), '0 1');
  host.files = files;
  // What could not be told is in the snapshot that the next line brings.
  await done(t, host, 'drain', 'dns', 'web1');
  host.put(OPERATOR, '{');
  t.regex(await done(t, host, 'log', '--rebuild'), /of 2 servers/);
});

test('every event has its meaning in the reference', t => {
  for (const [name, meaning] of Object.entries(EVENTS)) {
    t.true(REFERENCE.includes(`| \`${name}\` | ${meaning} |`), name);
  }
});
