import test, { type ExecutionContext } from 'ava';
import type { KernelHost } from '../support/kernel-host.js';
import { director, done, weights } from '../support/operated.js';

/** web1 has so many connections in each service, active ones and inactive ones; one of each ends with each look. */
async function busy(t: ExecutionContext, active: number, inactive: number): Promise<KernelHost> {
  const host = await director(t);
  const thresholds = host.kernel.thresholds.bind(host.kernel);
  let looks = 0;
  host.kernel.thresholds = () => {
    const left = [active, inactive].map(count => String(Math.max(0, count - looks)).padEnd(10));
    if (host.batches.length > 0) looks++;
    return thresholds().replaceAll(/(192\.0\.2\.11:\d+ .*?)0 +0 +$/gm, `$1${left.join(' ')} `);
  };
  return host;
}

test('a drain says how many connections go on', async t => {
  const host = await busy(t, 3, 7);
  const out = await done(t, host, 'drain', 'web', 'web1');
  t.true(
    out.endsWith('web → web1 (192.0.2.11:80) is drained; its 3 connections go on until they end\n'),
    out,
  );
  const udp = await done(t, await busy(t, 0, 1), 'drain', 'dns', 'web1');
  t.true(udp.endsWith('; its 1 connection goes on until it ends\n'), udp);
});

test('--wait returns when the active connections have ended, with a line for each change', async t => {
  const host = await busy(t, 5, 999);
  const { exitCode, err } = await host.run('drain', 'web', 'web1', '--wait');
  t.is(exitCode, 0, err);
  t.regex(err, /^3 connections left\n2 connections left\n1 connection left\nno connection is left\n$/m);
  t.is(weights(host), '0 1');
});

test('of UDP the inactive ones count, as it has no others', async t => {
  const host = await busy(t, 0, 4);
  const { exitCode, err } = await host.run('drain', 'dns', 'web1', '--wait', '--timeout', '1m');
  t.is(exitCode, 0, err);
  t.true(err.includes('2 connections left; waiting at most 60 s more\n'), err);
});

test('--all waits for all of its services', async t => {
  const host = await busy(t, 4, 4);
  const { exitCode, err } = await host.run('drain', '--all', 'web1', '--wait');
  t.is(exitCode, 0, err);
  // Three services, and UDP's inactive ones.
  t.true(err.includes('8 connections left\n'), err);
});

test('when the time is up it is exit 1, and the drain stays', async t => {
  const host = await busy(t, 99, 0);
  const { exitCode, err } = await host.run('drain', 'web', 'web1', '--wait', '--timeout', '5s');
  t.is(exitCode, 1);
  t.regex(
    err,
    /lvsctl: the time is up: \d+ connections left\n {2}help: the drain stays; lvsctl undrain takes it back\n$/,
  );
  t.is(weights(host), '0 1');
});

test('interrupted, the drain stays', async t => {
  const host = await busy(t, 99, 0);
  host.interrupted = () => true;
  const { exitCode, err } = await host.run('drain', 'web', 'web1', '--wait');
  t.is(exitCode, 130);
  t.true(err.endsWith('the drain stays; lvsctl undrain takes it back\n'), err);
  t.is(weights(host), '0 1');
});

test('a drain that is taken back meanwhile is not waited for', async t => {
  const host = await busy(t, 99, 0);
  let asked = 0;
  host.interrupted = () => {
    // Somebody else's hand.
    if (++asked === 3) {
      const path = '/var/lib/lvsctl/operator.json';
      host.put(path, JSON.stringify({ version: 1, entries: [] }));
    }
    return false;
  };
  const { exitCode, err } = await host.run('drain', 'web', 'web1', '--wait');
  t.is(exitCode, 1);
  t.regex(err, /lvsctl: the drain does not hold any more; \d+ connections left\n/);
});

test('a drain that is taken back is not done because there are no connections at that moment', async t => {
  const host = await busy(t, 3, 0);
  const path = '/var/lib/lvsctl/operator.json';
  host.interrupted = () => {
    if (host.text(path).includes('drain')) host.put(path, JSON.stringify({ version: 1, entries: [] }));
    return false;
  };
  const { exitCode, err } = await host.run('drain', 'web', 'web1', '--wait');
  t.is(exitCode, 1, err);
  t.true(err.endsWith('lvsctl: the drain does not hold any more; 0 connections left\n'), err);
});

test('what is drained already can be waited for', async t => {
  const host = await busy(t, 9, 0);
  await done(t, host, 'drain', 'web', 'web1');
  const { exitCode, out, err } = await host.run('drain', 'web', 'web1', '--wait');
  t.is(exitCode, 0);
  t.true(out.startsWith('nothing to do: '), out);
  t.true(err.endsWith('no connection is left\n'), err);
});
