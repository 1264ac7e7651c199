import test from 'ava';
import { formatMeasured } from '../../src/state/polling.js';
import { director, done, entries, journal, refused, weights, description } from '../support/operated.js';

test('drain: weight 0, echoed, with what becomes of connections', async t => {
  const host = await director(t);
  const { exitCode, out, err } = await host.run('drain', 'web', 'web1', '--reason', 'new kernel');
  t.is(exitCode, 0);
  t.is(
    out,
    `~ 192.0.2.100:80/tcp → 192.0.2.11:80  weight 3 → 0

0 to add, 1 to change, 0 to remove
web → web1 (192.0.2.11:80) is drained; it has no connections
`,
  );
  t.is(err, 'ipvsadm -e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0\n');
  t.is(weights(host), '0 1');
  t.like(entries(host)[0], {
    service: '192.0.2.100:80/tcp',
    server: '192.0.2.11:80',
    drain: { author: 'ada', reason: 'new kernel' },
    revision: 1,
    host: 'midas',
  });
  t.like(journal(host).at(-1), {
    event: 'drained',
    service: '192.0.2.100:80/tcp',
    server: '192.0.2.11:80',
    cause: 'ada: new kernel',
    before: 'weight 3, configured',
    after: 'weight 0, drained',
  });
  t.deepEqual(host.called, [], 'no timer for what does not end by itself');
});

test('what is so already is nothing to do', async t => {
  const host = await director(t);
  for (const argv of [
    ['undrain', 'web', 'web1'],
    ['weight', 'web', 'web1', 'auto'],
  ]) {
    const out = await done(t, host, ...argv);
    t.true(out.startsWith('nothing to do: web → web1 (192.0.2.11:80) '), out);
  }
  t.false(host.paths('/var/lib/lvsctl').includes('/var/lib/lvsctl/operator.json'));
  await done(t, host, 'drain', 'web', 'web1', '--reason', 'r');
  await done(t, host, 'weight', 'web', 'web2', '9');
  const before = host.everything('/var/lib/lvsctl');
  host.batches.length = 0;
  host.time = 3_600_000;
  for (const argv of [
    ['drain', 'web', 'web1'],
    ['drain', 'web', '192.0.2.11:80', '--reason', 'r'],
    ['drain', 'web', 'web1', '--reason', 'r', '-n'],
    ['weight', 'web', 'web2', '9'],
  ]) {
    const out = await done(t, host, ...argv);
    t.regex(
      out,
      /^nothing to do: web → web\d \(\S+\) (is drained|has that weight) already, by ada since \S+ \S+ \S+(: r)?\n$/,
    );
  }
  t.deepEqual(host.everything('/var/lib/lvsctl'), before);
  t.deepEqual(host.batches, []);
  // Another reason, or an end, is something else.
  t.false((await done(t, host, 'drain', 'web', 'web1', '--reason', 'other')).includes('nothing'));
  t.false((await done(t, host, 'drain', 'web', 'web1', '--expires', '1h')).includes('nothing'));
  t.false((await done(t, host, 'drain', 'web', 'web1')).includes('nothing'));
  t.false('expires' in entries(host)[0]!.drain!);
});

test('drift is mended on the way, and written down', async t => {
  const host = await director(t);
  host.kernel.restore(['-e -u 192.0.2.100:53 -r 192.0.2.12:53 -g -w 9']);
  await done(t, host, 'drain', 'web', 'web1');
  t.is(weights(host, '192.0.2.100:53'), '1 1');
  t.like(journal(host).at(-1), { event: 'mended', service: '192.0.2.100:53/udp' });
  host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 3']);
  // Drained as it is, by the file: the table follows once more.
  await done(t, host, 'drain', 'web', 'web1');
  t.is(weights(host), '0 1');
});

test('the last server that takes connections stays, unless forced', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  t.is(
    await refused(t, host, 1, 'drain', 'web', 'web2'),
    'lvsctl: web would have no server left that takes connections; nothing is changed\n  help: with --force it is done all the same\n',
  );
  await refused(t, host, 1, 'drain', 'web', 'web2', '--at', '+1h');
  await refused(t, host, 1, 'drain', 'web', 'web2', '-n');
  const err = await refused(t, host, 1, 'weight', 'web', 'web2', '0');
  t.true(err.includes('help: if that is meant: lvsctl drain --force\n'), err);
  const forced = await host.run('drain', 'web', 'web2', '--force');
  t.is(forced.exitCode, 0);
  t.true(forced.err.includes('warning: no server is left that takes connections of web\n'), forced.err);
  t.is(weights(host), '0 0');
  // It cannot get worse, and may get better in any order.
  await done(t, host, 'weight', 'web', 'web1', '0');
  await done(t, host, 'undrain', 'web', 'web2');
  t.is(weights(host), '0 1');
});

test('a dead server that only minimum_servers keeps is no other server', async t => {
  const host = await director(t);
  const since = { at: '1970-01-01T00:00:00.000Z', boot: '', up: 0 };
  const dead = [{ service: '192.0.2.100:80/tcp', server: '192.0.2.12:80', since, by: 'mon' }];
  host.put('/run/lvsctl/health.json', JSON.stringify({ version: 1, dead, rising: [] }));
  await refused(t, host, 1, 'drain', 'web', 'web1');
  await done(t, host, 'drain', 'web', 'web2');
  // A drain comes before death: its connections live.
  t.is(weights(host), '3 0');
});

test('--all drains a host in every service, or nowhere', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'dns', 'web2');
  const before = host.kernel.rules();
  const err = await refused(t, host, 1, 'drain', '--all', 'web1');
  t.true(err.includes('dns would have no server left'), err);
  t.is(host.kernel.rules(), before);
  await done(t, host, 'undrain', '--all', '192.0.2.12');
  const out = await done(t, host, 'drain', '--all', 'web1');
  t.is(out.match(/is drained/g)?.length, 3);
  for (const where of ['192.0.2.100:80', '192.0.2.100:53', '192.0.2.101:443'])
    t.is(weights(host, where), '0 1', where);
  t.is(new Set(entries(host).map(one => one.revision)).size, 2);
});

test('what the words of the command line cannot be', async t => {
  const host = await director(t);
  for (const argv of [
    ['drain'],
    ['drain', 'web'],
    ['drain', 'web', 'web1', '--all', 'web2'],
    ['drain', '--all', 'web3'],
    ['drain', 'wbe', 'web1'],
    ['drain', 'web', 'web3'],
    ['drain', 'web', 'web1', '--timeout', '5s'],
    ['drain', 'web', 'web1', '--wait', '--at', '+1h'],
    ['drain', 'web', 'web1', '--expires', '0s'],
    ['drain', 'web', 'web1', '--at', '25:00'],
    ['drain', 'web', 'web1', '--at', '1969-01-01 00:00'],
    ['undrain', 'web', 'web1', '--slow-start', '5'],
    ['weight', 'web', 'web1'],
    ['weight', 'web', 'web1', '65536'],
    ['weight', 'web', 'web1', '1e3'],
    ['weight', 'web', 'web1', ''],
    ['weight', 'web', 'web1', 'auto', '--expires', '1h'],
    ['weight', '192.0.2.100', 'web1', '1'],
    ['drain', 'web', 'web1', '--reason', 'x'.repeat(1001)],
    ['clear', 'web'],
  ])
    await refused(t, host, 64, ...argv);
  const { err } = await host.run('drain', 'wbe', 'web1');
  t.true(err.includes('did you mean "web"? there are web (192.0.2.100:80/tcp), dns'), err);
});

test('a dry run changes nothing and says what would be', async t => {
  const host = await director(t);
  for (const argv of [
    ['drain', 'web', 'web1', '-n'],
    ['drain', '--all', 'web1', '-n', '--wait'],
    ['weight', 'web', 'web1', '5', '-n'],
    ['clear', '-n'],
  ]) {
    const before = host.everything('/var/lib/lvsctl');
    const out = await done(t, host, ...argv);
    t.true(argv[0] === 'clear' || out.includes(' would '), out);
    t.deepEqual(host.everything('/var/lib/lvsctl'), before);
    t.deepEqual(host.batches, []);
  }
});

test('as data', async t => {
  const host = await director(t);
  const data = JSON.parse(await done(t, host, 'drain', 'shop', 'web1', '--expires', '1h', '-o', 'json'));
  t.like(data, { version: 1, applied: true, emptied: [], persistentClients: 'move', summary: { edit: 1 } });
  t.deepEqual(data.servers, [
    {
      service: '192.0.2.101:443/tcp',
      server: '192.0.2.11:443',
      name: 'shop',
      host: 'web1',
      changed: true,
      cause: 'drained',
      weight: 0,
      drained: { author: 'ada', since: '1970-01-01T00:00:00.000Z', expires: '1970-01-01T01:00:00.000Z' },
      connections: { active: 0, inactive: 0 },
    },
  ]);
  const again = JSON.parse(await done(t, host, 'weight', 'web', 'web1', '3', '-n', '-o', 'json'));
  t.like(again, { applied: false, servers: [{ changed: true, cause: 'operator', weight: 3 }], changes: [] });
});

test('weight: until it is auto again; under a drain it waits', async t => {
  const host = await director(t, description('web', 'polling: {}\n'));
  t.true(
    (await done(t, host, 'weight', 'web', 'web1', '7')).endsWith('web → web1 (192.0.2.11:80) has weight 7\n'),
  );
  t.is(weights(host), '7 1');
  await done(t, host, 'drain', 'web', 'web1');
  const out = await done(t, host, 'weight', 'web', 'web1', '5');
  t.is(out, 'web → web1 (192.0.2.11:80) has weight 5, once it is not drained any more\n');
  t.is(weights(host), '0 1');
  t.true((await done(t, host, 'undrain', 'web', 'web1')).endsWith(' is not drained any more: weight 5\n'));
  t.is(weights(host), '5 1');
  const back = await done(t, host, 'weight', 'web', 'web1', 'auto');
  t.true(back.endsWith('web → web1 (192.0.2.11:80) has weight 3, as configured\n'), back);
  const weight = { service: '192.0.2.100:80/tcp', server: '192.0.2.11:80', weight: 40 };
  const at = '1970-01-01T00:00:00.000Z';
  host.put('/var/lib/lvsctl/polling', formatMeasured({ weights: [weight], revision: 1, host: 'midas', at }));
  await done(t, host, 'weight', 'web', 'web1', '5');
  const measured = await done(t, host, 'weight', 'web', 'web1', 'auto');
  t.true(measured.endsWith(' has weight 40, as measured\n'), measured);
});

test('what operators say is no difference from the description', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1');
  await done(t, host, 'weight', 'web', 'web2', '9');
  t.is(await done(t, host, 'plan', '-f', 'lvs.yaml'), 'nothing to change\n');
  host.kernel.restore(['-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 3']);
  const { exitCode, out } = await host.run('plan', '-f', 'lvs.yaml');
  t.deepEqual([exitCode, out.split('\n')[0]], [2, '~ 192.0.2.100:80/tcp → 192.0.2.11:80  weight 3 → 0']);
});
