import test, { type ExecutionContext } from 'ava';
import { rebuilt } from '../../src/state/journal-reader.js';
import { keptHealth } from '../../src/state/health.js';
import { currentGeneration } from '../../src/state/generations.js';
import { HEALTH } from '../../src/state/paths.js';
import { alerted, mon, servers } from '../support/alerted.js';
import { hearRechecks } from '../../src/director/hear.js';
import { type KernelHost, MON_PID } from '../support/kernel-host.js';
import { done, journal } from '../support/operated.js';

const WEB1 = '192.0.2.11:80';
const SHOP = '192.0.2.101:443';
/** Of two checks, each 5 s with a time-out of 3 s and 2 s of mon's own, and 10 s. */
const WITHIN = 30_000;

/** web1 is dead since a minute, and mon starts. */
async function started(t: ExecutionContext, service = 'web', server = WEB1): Promise<KernelHost> {
  const host = await alerted(t);
  await mon(host, 'failure', service, server);
  host.time += 60_000;
  const { out } = await mon(host, 'startup', service, server);
  t.is(
    out,
    `${service}: web1 (${server}) stays dead for 30s, and returns then unless mon finds it dead again\n`,
  );
  return host;
}

/** What `lvsctl tick` has done of it, so many milliseconds later. */
async function later(t: ExecutionContext, host: KernelHost, ms: number): Promise<string> {
  host.time += ms;
  await done(t, host, 'tick');
  return servers(host);
}

test('a server that came back while mon was stopped returns once mon could have found it dead again', async t => {
  const host = await started(t);
  t.is(servers(host), '12=1');
  t.regex(host.called.at(-1)!, / 30\.000 /);
  t.regex(await done(t, host, 'status'), /returns, unless mon finds it dead again/);
  t.is(await later(t, host, WITHIN - 1), '12=1');
  t.is(await later(t, host, 1), '12=1 11=3');
  t.like(journal(host).slice(-3), [
    { event: 'rechecked', cause: 'mon: it has started', server: WEB1 },
    { event: 'changed', cause: 'mon' },
    { event: 'up', cause: 'mon: it has started, and not found it dead again', server: WEB1 },
  ]);
  t.notRegex(await done(t, host, 'status'), /unless mon finds/);
});

test('one that is still dead never gets a connection, however often mon is started', async t => {
  const host = await started(t);
  host.time += 4000;
  t.is((await mon(host, 'failure', 'web', WEB1)).out, 'nothing new\n');
  t.like(journal(host).at(-1), { event: 'down', after: 'still dead', server: WEB1 });
  t.is(await later(t, host, WITHIN), '12=1');
  // mon tells its time in whole seconds.
  await mon(host, 'startup', 'web', WEB1);
  t.is(await later(t, host, WITHIN - 1000), '12=1');
  await mon(host, 'startup', 'web', WEB1);
  t.is(await later(t, host, WITHIN - 1000), '12=1');
  t.is(await later(t, host, 1000), '12=1 11=3');
});

test('a failure that is found in time and comes late counts still', async t => {
  const host = await started(t);
  host.time += WITHIN + 1000;
  t.is((await mon(host, 'failure', 'web', WEB1, { ago: 2000 })).exitCode, 0);
  t.is(servers(host), '12=1');
  t.is(await later(t, host, 60_000), '12=1');
});

test('a return ends it, and its weight rises from then on', async t => {
  const host = await started(t, 'shop', '192.0.2.11:443');
  host.time += 1000;
  await mon(host, 'up', 'shop', '192.0.2.11:443');
  const [, , web1] = /12=(\d+) 11=(\d+)/.exec(servers(host, SHOP)) ?? [];
  t.true(Number(web1) > 0 && Number(web1) < 10, servers(host, SHOP));
  const other = await started(t, 'shop', '192.0.2.11:443');
  t.is(await later(t, other, WITHIN), servers(other));
  t.is(servers(other, SHOP), servers(host, SHOP));
  t.is(await later(t, other, 90_000).then(() => servers(other, SHOP)), '12=1 11=10');
});

test('it is in the journal, and put back from there', async t => {
  const host = await started(t);
  const health = await keptHealth(host.files);
  t.is(health!.dead[0]!.recheck!.over, WITHIN);
  const { boot } = health!.dead[0]!.since;
  t.deepEqual((await rebuilt(host.files, boot)).overlays.health, health);
  host.remove(HEALTH);
  t.is(await later(t, host, 1000), '12=1');
  t.deepEqual(await keptHealth(host.files), health);
  t.is(await later(t, host, WITHIN), '12=1 11=3');
});

test('an apply has mon begin its rounds anew, and with its intervals', async t => {
  const host = await started(t);
  host.time += 20_000;
  const text = host.text('/here/lvs.yaml');
  host.put('/here/lvs.yaml', `${text}defaults: { check: { interval: 60s } }\n`);
  await done(t, host, 'apply', '-f', 'lvs.yaml');
  t.is(await later(t, host, 20_000), '12=1');
  t.regex(host.called.at(-1)!, /tick/);
  t.is(await later(t, host, (60_000 + 2000 + 3000) * 2 + 10_000 - 20_001), '12=1');
  t.is(await later(t, host, 1), '12=1 11=3');
});

test('where mon has died again nobody asks: a dead server stays dead until it starts once more', async t => {
  const host = await started(t);
  host.remove(MON_PID);
  t.is(await later(t, host, WITHIN), '12=1');
  t.is(await later(t, host, 600_000), '12=1');
  t.is((await keptHealth(host.files))!.dead[0]!.recheck, undefined);
  host.put('/sys/fs/cgroup/system.slice/mon.service/cgroup.procs', '17\n');
  await mon(host, 'startup', 'web', WEB1);
  t.is(await later(t, host, WITHIN), '12=1 11=3');
});

test('where keepalived has become the checker, mon’s time for it is over without a word', async t => {
  const host = await started(t);
  const health = (await keptHealth(host.files))!;
  const { cluster } = (await currentGeneration(host.files))!;
  const now = { ...health.dead[0]!.since, up: health.dead[0]!.since.up + 600_000 };
  const { told, health: after } = hearRechecks(
    { cluster: { ...cluster, checker: 'keepalived' }, made: now },
    health,
    now,
    true,
  );
  t.deepEqual(told, []);
  const { service, server, since, by } = health.dead[0]!;
  t.deepEqual(after.dead, [{ service, server, since, by }]);
});

test('a failure and a start of one second that wait together: the last of them holds', async t => {
  const host = await alerted(t);
  const { files } = host;
  host.files = { ...files, lock: () => Promise.resolve(undefined) };
  await mon(host, 'failure', 'web', WEB1);
  host.time += 5;
  await mon(host, 'startup', 'web', WEB1);
  host.files = files;
  t.is(await later(t, host, 1000), '12=1');
  t.is(await later(t, host, WITHIN), '12=1 11=3');
});

test('a server that is gone meanwhile leaves nothing behind', async t => {
  const host = await started(t);
  const text = host.text('/here/lvs.yaml').replace('{ host: web1, weight: 3 }, web2', 'web2');
  host.put('/here/lvs.yaml', text);
  await done(t, host, 'apply', '-f', 'lvs.yaml');
  t.is(await later(t, host, WITHIN), '12=1');
  t.deepEqual((await keptHealth(host.files))?.dead, []);
});
