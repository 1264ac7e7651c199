import test, { type ExecutionContext } from 'ava';
import { alerted, CLUSTER, mon } from '../support/alerted.js';
import type { KernelHost } from '../support/kernel-host.js';

const WEB1 = '192.0.2.11:80';
const BOTH = CLUSTER.replace(
  'services:',
  'notify: { mail: [ ops@example.org, root ], command: /usr/local/sbin/page --now }\nservices:',
);

interface Sent {
  readonly line: string;
  readonly input: string;
}

/** A director whose messages are kept, in the order in which they were sent. */
async function told(t: ExecutionContext, text = BOTH): Promise<{ host: KernelHost; sent: Sent[] }> {
  const host = await alerted(t, text);
  const sent: Sent[] = [];
  const { programs } = host;
  host.programs = async (program, args, options = {}) => {
    const line = [program, ...args].join(' ');
    if (!/^(sendmail|logger|\/usr\/local)/.test(line)) return await programs(program, args, options);
    sent.push({ line, input: options.input ?? '' });
    return { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
  };
  return { host, sent };
}

function json({ input }: Sent): { event: string; changes: { event: string }[]; more: number } {
  return JSON.parse(input) as { event: string; changes: { event: string }[]; more: number };
}

function pages(sent: readonly Sent[]): Sent[] {
  return sent.filter(({ line }) => line.startsWith('/usr/local/sbin/page'));
}

function mails(sent: readonly Sent[]): Sent[] {
  return sent.filter(({ line }) => line.startsWith('sendmail'));
}

test('a death is told at once, by mail and to the command', async t => {
  const { host, sent } = await told(t);
  await mon(host, 'failure', 'web', WEB1, { input: 'x\n192.0.2.11: refused\n' });
  t.deepEqual(sent.map(({ line }) => line).toSorted(), [
    '/usr/local/sbin/page --now',
    'sendmail -oi ops@example.org root',
  ]);
  const [page, mail] = [pages(sent)[0]!, mails(sent)[0]!];
  t.is(
    mail.input,
    `To: ops@example.org, root
Subject: lvsctl midas: web: web1 (192.0.2.11:80) is dead: out of the table
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

1970-01-01T00:16:40.000Z (mon: 192.0.2.11: refused)
  web: web1 (192.0.2.11:80) is dead: out of the table
`,
  );
  const change = {
    time: '1970-01-01T00:16:40.000Z',
    service: 'web',
    server: WEB1,
    event: 'down',
    cause: 'mon: 192.0.2.11: refused',
    text: ['web: web1 (192.0.2.11:80) is dead: out of the table'],
  };
  t.deepEqual(JSON.parse(page.input), { version: 1, host: 'midas', ...change, changes: [change], more: 0 });
  t.deepEqual(host.paths('/run/lvsctl/outbox'), []);
});

test('a server that flaps is told once at first, then once a minute with all that happened', async t => {
  const { host, sent } = await told(t);
  for (let n = 0; n < 60; n++) {
    await mon(host, n % 2 ? 'up' : 'failure', 'web', WEB1);
    host.time += 1900;
  }
  // 114 seconds.
  const [first, second, ...others] = pages(sent).map(json);
  t.deepEqual(others, []);
  t.is(first!.changes.length, 1);
  t.is(second!.changes.length, 32);
  t.regex(host.called.at(-1)!, / tick$/);
  host.answers.set('ipvsadm -Ln --daemon', {});
  t.regex(
    (await host.run('status')).out,
    /whom notify names is told of what has happened to servers since the last message/,
  );
  host.time += 60_000;
  t.is((await host.run('tick')).exitCode, 0);
  const third = json(pages(sent).at(-1)!);
  t.is(third.changes.length, 27);
  t.is(third.changes.at(-1)!.event, 'up');
  t.regex(mails(sent).at(-1)!.input, /^Subject: lvsctl midas: 27 changes: web$/m);
  host.time += 120_000;
  const { length } = sent;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(sent.length, length);
});

test('of very many changes a message has the first ones, and how many more there were', async t => {
  const { host, sent } = await told(t);
  for (let n = 0; n < 100; n++) {
    host.time += 550;
    await mon(host, n % 2 ? 'up' : 'failure', 'web', WEB1);
  }
  host.time += 60_000;
  await host.run('tick');
  const { changes, more } = json(pages(sent).at(-1)!);
  t.is(changes.length, 50);
  t.is(more, 49);
});

test('each service has its own minute; what happens together goes in one mail', async t => {
  const { host, sent } = await told(t);
  const { files } = host;
  host.files = { ...files, lock: () => Promise.resolve(undefined) };
  await mon(host, 'failure', 'web', WEB1);
  host.files = files;
  host.time += 1000;
  await mon(host, 'failure', 'dns', '192.0.2.11:53');
  t.is(mails(sent).length, 1);
  t.regex(mails(sent)[0]!.input, /^Subject: lvsctl midas: 2 changes: web, dns$/m);
  t.is(pages(sent).length, 2);
  await mon(host, 'failure', 'shop', '192.0.2.11:443');
  t.is(mails(sent).length, 2);
});

test('a return without a word of mon, after its start, is told like any other', async t => {
  const { host, sent } = await told(t);
  await mon(host, 'failure', 'web', WEB1);
  host.time += 120_000;
  await mon(host, 'startup', 'web', WEB1);
  t.is(mails(sent).length, 1);
  host.time += 60_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(mails(sent).length, 2);
  t.regex(mails(sent)[1]!.input, /web1 \(192\.0\.2\.11:80\) is alive again/);
});

test('what changes nothing, or is asked for by nobody, is not told', async t => {
  const { host, sent } = await told(t);
  await mon(host, 'startup', 'web', WEB1);
  await mon(host, 'up', 'web', WEB1);
  await mon(host, 'failure', 'nothing', WEB1);
  t.deepEqual(sent, []);
  const silent = await told(t, CLUSTER);
  await mon(silent.host, 'failure', 'web', WEB1);
  t.deepEqual(silent.sent, []);
});

test('a program that fails is told in the log, and keeps the table from nothing', async t => {
  const { host, sent } = await told(t);
  const { programs } = host;
  host.programs = async (program, args, options) => {
    const result = await programs(program, args, options);
    if (program === 'sendmail') return { ...result, exitCode: undefined, missing: true };
    return program.startsWith('/usr') ? { ...result, exitCode: undefined, timedOut: true } : result;
  };
  const { exitCode, err } = await mon(host, 'failure', 'web', WEB1);
  t.is(exitCode, 0);
  t.regex(err, /nobody is told of web: web1 .*: sendmail: it is missing/);
  t.regex(err, /\/usr\/local\/sbin\/page: it has not ended after 30 s/);
  t.is(
    sent.filter(({ line }) => line.startsWith('logger -p daemon.err -t lvsctl -- nobody is told')).length,
    2,
  );
});

test('what a killed process had taken is sent by the next; what another is sending is left to it', async t => {
  const { host, sent } = await told(t);
  const { files } = host;
  host.files = {
    ...files,
    rename: (path, to) =>
      path.includes('/outbox/') ? Promise.reject(new Error('nobody sends')) : files.rename(path, to),
  };
  await mon(host, 'failure', 'web', WEB1);
  t.is(sent.length, 0);
  host.files = files;
  const [mail, page] = host
    .paths('/run/lvsctl/outbox')
    .toSorted((a, b) => host.text(b).indexOf('"mail"') - host.text(a).indexOf('"mail"')) as [string, string];
  host.put('/proc/77/stat', '');
  await files.rename(mail, `${mail}.77`);
  await files.rename(page, `${page}.78`);
  await host.run('tick');
  t.deepEqual(
    sent.map(({ line }) => line),
    ['/usr/local/sbin/page --now'],
  );
  t.deepEqual(host.paths('/run/lvsctl/outbox'), [`${mail}.77`]);
});
