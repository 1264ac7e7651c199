import test from 'ava';
import { alerted, CLUSTER, mon, servers } from '../support/alerted.js';
import { readJournal } from '../state/support.js';

const SHOP = '192.0.2.101:443';
const DNS = '192.0.2.100:53';
const WEB1 = '192.0.2.11:80';
const WEB2 = '192.0.2.12:80';

test('a dead server leaves the table in one batch, and returns with its weight', async t => {
  const host = await alerted(t);
  const { exitCode, out, err } = await mon(host, 'failure', 'web', WEB1, {
    input: '192.0.2.11\n192.0.2.11: connection refused\n',
  });
  t.is(exitCode, 0, err);
  t.is(out, 'web: web1 (192.0.2.11:80) is dead: out of the table\n');
  t.is(servers(host), '12=1');
  t.deepEqual(host.batches, [['-d -t 192.0.2.100:80 -r 192.0.2.11:80']]);
  t.is((await mon(host, 'up', 'web', WEB1)).out, 'web: web1 (192.0.2.11:80) is alive again: weight 3\n');
  t.is(servers(host), '12=1 11=3');
  const { entries } = await readJournal(host.files);
  const told = entries.filter(({ event }) => event === 'down' || event === 'up');
  t.like(told, [
    {
      event: 'down',
      service: '192.0.2.100:80/tcp',
      server: WEB1,
      cause: 'mon: 192.0.2.11: connection refused',
      after: 'web1 (192.0.2.11:80) is dead: out of the table',
    },
    { event: 'up', server: WEB1, cause: 'mon', health: {} },
  ]);
});

test('what is repeated changes nothing and is not told again; drift is mended with it', async t => {
  const host = await alerted(t);
  await mon(host, 'failure', 'web', WEB1);
  const { length } = (await readJournal(host.files)).entries;
  t.is((await mon(host, 'failure', 'web', WEB1)).out, 'nothing new\n');
  t.is((await readJournal(host.files)).entries.length, length);
  host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 9']);
  await mon(host, 'failure', 'web', WEB1);
  t.is(servers(host), '12=1');
});

test('the last server that dies is kept, and the message says why; it goes when another is back', async t => {
  const host = await alerted(t);
  await mon(host, 'failure', 'web', WEB1);
  host.time += 5000;
  const { out } = await mon(host, 'failure', 'web', WEB2);
  t.is(
    out,
    'web: web2 (192.0.2.12:80) is dead, but stays at weight 1\n' +
      'web: web2 (192.0.2.12:80) is kept though dead: minimum_servers is 1, and no other takes connections\n',
  );
  t.is(servers(host), '12=1');
  host.time += 5000;
  await mon(host, 'up', 'web', WEB1);
  t.is(servers(host), '11=3');
});

test('with minimum_servers as many are kept as are missing, drained ones not counted', async t => {
  const text = `version: 1
checker: mon
services:
  - { name: web, address: 192.0.2.100, port: 80, minimum_servers: 3, servers: [ 192.0.2.11, 192.0.2.12, 192.0.2.13, 192.0.2.14 ] }
`;
  const host = await alerted(t, text);
  t.is((await host.run('drain', 'web', '192.0.2.14')).exitCode, 0);
  await mon(host, 'failure', 'web', WEB1);
  host.time += 2000;
  const { out } = await mon(host, 'failure', 'web', WEB2);
  t.regex(
    out,
    /11:80 and 192\.0\.2\.12:80 are kept though dead: minimum_servers is 3, and only one other takes connections\n$/,
  );
  t.is(servers(host), '11=1 12=1 13=1 14=0');
  await host.run('undrain', 'web', '192.0.2.14');
  // The one that died last stays.
  t.is(servers(host), '12=1 13=1 14=1');
});

test('with a fallback nobody dead is kept: clients go there, and back', async t => {
  const host = await alerted(t);
  await mon(host, 'failure', 'shop', '192.0.2.11:443');
  const { out } = await mon(host, 'failure', 'shop', '192.0.2.12:443');
  t.regex(out, /^shop: no server is left: clients go to the fallback 192\.0\.2\.99$/m);
  t.is(servers(host, SHOP), '99=1');
  host.batches.length = 0;
  await mon(host, 'up', 'shop', '192.0.2.11:443');
  t.is(servers(host, SHOP), '11=1');
  // The fallback has clients that live: it gets no new ones for a moment before it goes.
  t.is(host.batches.length, 2);
});

test('a returned server rises as declared, and a timer sees to it', async t => {
  const host = await alerted(t);
  await mon(host, 'failure', 'shop', '192.0.2.11:443');
  host.time += 5000;
  const { out } = await mon(host, 'up', 'shop', '192.0.2.11:443');
  t.regex(out, /is alive again: weight 1, and rises until \d{4}-\d\d-\d\d \d\d:\d\d:1\d [+-]\d{4}$/m);
  t.is(servers(host, SHOP), '12=1 11=1');
  t.regex(host.called.at(-1)!, / 10\.000 \/usr\/bin\/node \/package\/main\.js tick$/);
  host.time += 45_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(servers(host, SHOP), '12=1 11=5');
  host.time += 45_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(servers(host, SHOP), '12=1 11=10');
});

test('on_failure: quiesce keeps the dead server at 0', async t => {
  const host = await alerted(t);
  const { out } = await mon(host, 'failure', 'dns', '192.0.2.11:53');
  t.is(out, 'dns: web1 (192.0.2.11:53) is dead: weight 0 (on_failure: quiesce)\n');
  t.is(servers(host, DNS), '11=0 12=1');
});

test('a drained server stays drained, whatever mon says of it', async t => {
  const host = await alerted(t);
  t.is((await host.run('drain', 'web', 'web1')).exitCode, 0);
  t.is(
    (await mon(host, 'failure', 'web', WEB1)).out,
    'web: web1 (192.0.2.11:80) is dead, and stays drained\n',
  );
  t.is(servers(host), '11=0 12=1');
  t.regex((await mon(host, 'up', 'web', WEB1)).out, /is alive again and stays drained/);
  t.is(servers(host), '11=0 12=1');
  await mon(host, 'failure', 'web', WEB1);
  t.is((await host.run('undrain', 'web', 'web1')).exitCode, 0);
  t.is(servers(host), '12=1');
});

test('an up that overtakes its down wins, settled together or one after the other', async t => {
  const host = await alerted(t);
  await mon(host, 'up', 'web', WEB1);
  const { exitCode, out } = await mon(host, 'failure', 'web', WEB1, { ago: 3000 });
  t.deepEqual([exitCode, out], [0, 'nothing new\n']);
  t.is(servers(host), '11=3 12=1');
  // Of the same second by mon's clock, the order in which they came holds.
  await mon(host, 'failure', 'web', WEB1);
  t.is(servers(host), '12=1');
});

test('a clock that is set back, or a time that cannot be, makes no alert late', async t => {
  const host = await alerted(t);
  await mon(host, 'up', 'web', WEB1);
  host.stepped = -3_600_000;
  host.time += 2000;
  await mon(host, 'failure', 'web', WEB1);
  t.is(servers(host), '12=1');
  host.time += 2000;
  t.is((await host.run('alert', '-t', '99999999999999999999', '-u', 'web', WEB1)).exitCode, 0);
  host.monAlertType = 'failure';
  t.is((await host.run('alert', '-t', '-1', 'web', WEB2)).exitCode, 0);
  t.is(servers(host), '12=1');
});

test('of a start of mon and a failure that wait together the table hears nothing', async t => {
  const host = await alerted(t);
  await mon(host, 'failure', 'web', WEB1);
  const health = host.text('/run/lvsctl/health.json');
  const batches = [...host.batches];
  const before = (await readJournal(host.files)).entries.length;
  const { files } = host;
  host.files = { ...files, lock: () => Promise.resolve(undefined) };
  host.time += 60_000;
  await mon(host, 'startup', 'web', WEB1);
  await mon(host, 'startup', 'web', WEB2);
  host.time += 1000;
  await mon(host, 'failure', 'web', WEB1);
  host.files = files;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(servers(host), '12=1');
  const { entries } = await readJournal(host.files);
  t.deepEqual(
    entries.slice(before).map(({ event, server }) => `${event} ${server}`),
    [`rechecked ${WEB1}`, `down ${WEB1}`],
  );
  t.is(host.text('/run/lvsctl/health.json'), health);
  t.deepEqual(host.batches, batches);
});

test('on a director that is stopped only the health changes, and its start loads the table without the dead', async t => {
  const host = await alerted(t);
  const rules = host.kernel.rules().match(/^-A \S+ \S+/gm)!;
  host.kernel.restore(rules.map(line => line.replace('-A', '-D')));
  t.is((await mon(host, 'failure', 'web', WEB1)).exitCode, 0);
  t.is(host.kernel.rules(), '');
  t.is((await host.run('apply', '-f', 'lvs.yaml')).exitCode, 0);
  t.is(servers(host), '12=1');
});

test('an alert that waits counts for every verb, and any that changes something settles it', async t => {
  const host = await alerted(t);
  const { files } = host;
  // Nobody gets the lock.
  host.files = { ...files, lock: () => Promise.resolve(undefined) };
  const late = await mon(host, 'failure', 'web', WEB1);
  t.is(late.exitCode, 75);
  t.regex(
    late.err,
    /holds \/run\/lvsctl\/lock, still after 30 s\n {2}help: the alert waits, and is tried again in a minute/,
  );
  t.regex(host.called.at(-1)!, / 60\.000 .* tick$/);
  t.is(host.paths('/run/lvsctl/inbox').length, 1);
  host.files = files;
  t.regex((await host.run('plan', '-f', 'lvs.yaml')).out, /192\.0\.2\.11/);
  const { err } = await host.run('apply', '-f', 'lvs.yaml');
  t.regex(err, /warning: web: web1 \(192\.0\.2\.11:80\) is dead: out of the table\n/);
  t.is(servers(host), '12=1');
  t.deepEqual(host.paths('/run/lvsctl/inbox'), []);
});

test('fifty alerts cost one reconciliation, and who finds his own settled has nothing to do', async t => {
  const host = await alerted(t);
  const { files } = host;
  host.files = { ...files, lock: () => Promise.resolve(undefined) };
  for (let n = 0; n < 24; n++) {
    host.time++;
    await mon(host, n % 2 ? 'failure' : 'startup', 'web', WEB1);
  }
  await mon(host, 'failure', 'dns', '192.0.2.12:53');
  host.files = files;
  let reads = 0;
  const { programs } = host;
  host.programs = async (program, args, options) => {
    if (args[0] === '-Sn') reads++;
    return await programs(program, args, options);
  };
  t.is((await mon(host, 'up', 'web', WEB2)).exitCode, 0);
  // What is edited, then what goes.
  t.deepEqual(
    host.batches.map(lines => lines.length),
    [1, 1],
  );
  t.is(reads, 2);
  t.is(servers(host), '12=1');
  t.is(servers(host, DNS), '11=1 12=0');
  // One that waits for the lock while another settles it.
  host.files = {
    ...files,
    lock: async (...words) => {
      host.files = files;
      t.is((await host.run('tick')).exitCode, 0);
      return await files.lock(...words);
    },
  };
  reads = 0;
  t.deepEqual(await mon(host, 'up', 'web', WEB1), { exitCode: 0, out: '', err: '' });
  t.is(reads, 2);
});

test('where the description names no checker, the alerts of a mon of somebody’s own count', async t => {
  const host = await alerted(t, CLUSTER.replace('checker: mon', 'checker: none'));
  await mon(host, 'failure', 'web', WEB1);
  t.is(servers(host), '12=1');
});

test('services by mark and of IPv6 are told of as mon.cf names them', async t => {
  const text = `version: 1
checker: mon
services:
  - { name: shop, fwmark: 7, match: [ { address: 192.0.2.101, port: 443 } ], servers: [ 192.0.2.11, 192.0.2.12 ] }
  - { fwmark: 8, family: ipv6, match: [ { address: "2001:db8::8", port: 80 } ], servers: [ "2001:db8::11", "2001:db8::12" ] }
  - { address: "2001:db8::1", port: 80, servers: [ "2001:db8::11", "2001:db8::12" ] }
`;
  const host = await alerted(t, text);
  for (const [service, server] of [
    ['shop', '192.0.2.11:0'],
    ['fwmark:8/ipv6', '[2001:db8::11]:0'],
    ['[2001:db8::1]:80/tcp', '[2001:db8::11]:80'],
  ] as const) {
    const before = host.kernel.rules();
    t.is((await mon(host, 'failure', service, server)).exitCode, 0);
    const gone = before.split('\n').filter(line => !host.kernel.rules().includes(line));
    t.is(gone.length, 1, service);
    t.regex(gone[0]!, /-r \S*11\S* /);
    host.time += 1000;
    await mon(host, 'up', service, server);
    t.deepEqual(host.kernel.rules().split('\n').toSorted(), before.split('\n').toSorted());
    host.time += 1000;
  }
});
