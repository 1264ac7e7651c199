import test from 'ava';
import { director, done, entries, refused, weights } from '../support/operated.js';

test('what expires ends by its timer', async t => {
  const host = await director(t);
  const out = await done(t, host, 'drain', 'web', 'web1', '--expires', '1h');
  t.true(out.includes('is drained, until 1970-01-01 01:00:00 +0000; '), out);
  t.regex(host.called.at(-1)!, /^setsid .* sh 3600\.000 \/usr\/bin\/node \/package\/main\.js tick$/);
  await done(t, host, 'weight', 'web', 'web2', '4', '--expires', '30m');
  t.regex(host.called.at(-1)!, / sh 1800\.000 /);
  host.time = 1_800_000;
  await done(t, host, 'tick');
  t.is(weights(host), '0 1');
  host.time = 3_600_000;
  await done(t, host, 'tick');
  t.is(weights(host), '3 1');
});

test('what is said once more without an end has none, and tells so', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1', '--expires', '1h');
  const drained = await done(t, host, 'drain', 'web', 'web1');
  t.true(drained.includes('is drained, no longer until 1970-01-01 01:00:00 +0000; '), drained);
  await done(t, host, 'weight', 'web', 'web2', '4', '--expires', '30m');
  const weighed = await done(t, host, 'weight', 'web', 'web2', '4');
  t.true(weighed.includes('weight 4, no longer until 1970-01-01 00:30:00 +0000\n'), weighed);
  host.time = 3_600_000;
  await done(t, host, 'tick');
  t.is(weights(host), '0 4');
});

test('a planned drain begins by its timer, and lasts as long as it was to', async t => {
  const host = await director(t);
  const out = await done(
    t,
    host,
    'drain',
    '--all',
    'web1',
    '--at',
    '+2h',
    '--expires',
    '1h',
    '--reason',
    'tonight',
  );
  t.true(
    out.includes('web → web1 (192.0.2.11:80) will be drained at 1970-01-01 02:00:00 +0000, for 60m\n'),
    out,
  );
  t.deepEqual(host.batches, []);
  t.is(weights(host), '3 1');
  host.time = 7_200_000;
  await done(t, host, 'tick');
  t.is(weights(host), '0 1');
  t.is(weights(host, '192.0.2.101:443'), '0 1');
  host.time = 10_800_000;
  await done(t, host, 'tick');
  t.is(weights(host), '3 1');
});

test('a planned drain may be asked for again, replaced and taken back', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web1', '--at', '1970-01-02 02:00');
  t.is(
    await done(t, host, 'drain', 'web', 'web1', '--at', '1970-01-02 02:00'),
    'nothing to do: web → web1 (192.0.2.11:80) will be drained at 1970-01-02 02:00:00 +0000\n',
  );
  await done(t, host, 'drain', 'web', 'web1', '--at', '1970-01-03 02:00');
  t.is(
    await done(t, host, 'undrain', 'web', 'web1'),
    'web → web1 (192.0.2.11:80) will not be drained: that was only planned\n',
  );
  host.time = 4 * 86_400_000;
  await done(t, host, 'tick');
  t.is(weights(host), '3 1');
  await done(t, host, 'drain', 'web', 'web1', '--at', '+1h');
  await done(t, host, 'drain', 'web', 'web1');
  t.false('planned' in entries(host)[0]!);
});

test('drains that together empty a service are foreseen, and still carried out', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'web', 'web2', '--at', '+2h');
  const early = await host.run('drain', 'web', 'web1', '--at', '+1h');
  t.is(early.exitCode, 0);
  t.true(
    early.err.includes(
      'warning: as drains are planned, web will have no server left from 1970-01-01 02:00:00 +0000 on\n',
    ),
    early.err,
  );
  // At its time nobody else would be left.
  await done(t, host, 'undrain', 'web', 'web1');
  await refused(t, host, 1, 'drain', 'web', 'web1', '--at', '+3h');
  const past = await host.run('drain', 'web', 'web1', '--at', '+10m', '--expires', '1h');
  t.deepEqual([past.exitCode, past.err.includes('warning')], [0, false], past.err);
  const now = await host.run('drain', 'web', 'web1');
  t.deepEqual([now.exitCode, now.err.includes('as drains are planned')], [0, true], now.err);
  host.time = 7_200_000;
  await done(t, host, 'tick');
  t.is(weights(host), '0 0');
});

test('without a timer nothing that ends by itself begins', async t => {
  const host = await director(t);
  host.failing = { exitCode: undefined, missing: true };
  await refused(t, host, 69, 'drain', 'web', 'web1', '--expires', '1h');
  await refused(t, host, 69, 'drain', 'web', 'web1', '--at', '+1h');
  await done(t, host, 'drain', 'web', 'web1');
});

test('undrain lets the weight rise, as the service has it or as told', async t => {
  const host = await director(t);
  await done(t, host, 'drain', 'shop', 'web1');
  const out = await done(t, host, 'undrain', 'shop', 'web1');
  t.true(out.includes('weight 1, as configured, rising to 10 until 1970-01-01 00:01:30 +0000\n'), out);
  const seen = [weights(host, '192.0.2.101:443')];
  for (let seconds = 10; seconds <= 90; seconds += 10) {
    host.time = seconds * 1000;
    await done(t, host, 'tick');
    seen.push(weights(host, '192.0.2.101:443'));
  }
  t.deepEqual(seen, ['1 1', '2 1', '3 1', '4 1', '5 1', '6 1', '7 1', '8 1', '9 1', '10 1']);
  await done(t, host, 'drain', 'shop', 'web1');
  await done(t, host, 'undrain', 'shop', 'web1', '--slow-start', '0s');
  t.is(weights(host, '192.0.2.101:443'), '10 1');
});
