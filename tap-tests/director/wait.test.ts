import test, { type ExecutionContext } from 'ava';
import { KernelHost } from '../support/kernel-host.js';

function description(...servers: string[]): string {
  return `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ ${servers.join(', ')} ] }
`;
}

/** 192.0.2.12 goes, which has so many active connections; one more ends with each look. */
async function leaving(t: ExecutionContext, connections: number): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.put('/here/lvs.yaml', description('192.0.2.11', '192.0.2.12'));
  await host.run('apply', '-f', 'lvs.yaml');
  host.put('/here/lvs.yaml', description('192.0.2.11'));
  host.batches.length = 0;
  let left = connections;
  const thresholds = host.kernel.thresholds.bind(host.kernel);
  host.kernel.thresholds = () => {
    const text = thresholds().replace(/(192\.0\.2\.12:80 .*?)0 +0 +$/m, `$1${left}          7`);
    if (host.batches.length > 0) left = Math.max(0, left - 1);
    return text;
  };
  return host;
}

const REMOVAL = '-d -t 192.0.2.100:80 -r 192.0.2.12:80';

test('--wait: weight 0 first, and the end once the active connections are through', async t => {
  const host = await leaving(t, 3);
  const { exitCode, err, out } = await host.run('apply', '-f', 'lvs.yaml', '--wait');
  t.is(exitCode, 0, err);
  t.true(out.includes('generation 2 runs\n'), out);
  t.true(err.includes('2 connections left; waiting at most 300 s more\n'), err);
  t.true(err.includes('1 connection left; waiting at most 299 s more\n'), err);
  t.deepEqual(host.batches, [['-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 0'], [REMOVAL]]);
  t.is((await host.run('plan', '-f', 'lvs.yaml')).exitCode, 0);
});

test('when the time is up the others are cut, and that is told', async t => {
  const host = await leaving(t, 30);
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml', '--wait', '5s');
  t.is(exitCode, 0);
  t.regex(err, /warning: the time is up: \d+ connections are cut\n/);
  t.deepEqual(host.batches.at(-1), [REMOVAL]);
});

test('where another generation runs meanwhile, that one decides', async t => {
  const host = await leaving(t, 3);
  let once = true;
  host.interrupted = () => {
    if (!once) return false;
    once = false;
    host.files.link('/var/lib/lvsctl/generations/current', '1.json').catch(() => t.fail());
    return false;
  };
  const { err } = await host.run('apply', '-f', 'lvs.yaml', '--wait');
  t.true(err.includes('generation 2 does not run any more: nothing is removed'), err);
  t.false(host.batches.flat().includes(REMOVAL));
});

test('interrupted, what goes stays at weight 0; the next apply removes it', async t => {
  const host = await leaving(t, 30);
  host.interrupted = () => true;
  const { err } = await host.run('apply', '-f', 'lvs.yaml', '--wait');
  t.true(err.includes('stays at weight 0, until the next apply or for 300 s more\n'), err);
  host.interrupted = () => false;
  await host.run('apply', '-f', 'lvs.yaml');
  t.deepEqual(host.batches.at(-1), [REMOVAL]);
});

test('a service that goes waits for its servers; what has no connections goes at once', async t => {
  const host = await leaving(t, 0);
  host.put('/here/lvs.yaml', description('192.0.2.11').replace('port: 80', 'port: 81'));
  const { exitCode, err } = await host.run('apply', '-f', 'lvs.yaml', '--wait');
  t.is(exitCode, 0, err);
  t.false(err.includes('left'), err);
  t.deepEqual(host.batches.at(-1), ['-D -t 192.0.2.100:80']);
  t.true(host.batches[0]!.includes('-e -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 0'));
});

const WHERE = '/run/lvsctl/lingering.json';

test('whoever brings the table to what runs meanwhile leaves it what goes', async t => {
  const host = await leaving(t, 30);
  const since = { at: '1970-01-01T00:00:00.000Z', boot: '', up: 0 };
  const place = { service: '192.0.2.100:80/tcp', server: '192.0.2.11:80', revision: 1, host: 'midas' };
  const entry = { ...place, slowStart: { since, over: 9000 } };
  host.put('/here/lvs.yaml', description('{ address: 192.0.2.11, weight: 100 }'));
  host.put('/var/lib/lvsctl/operator.json', JSON.stringify({ version: 1, entries: [entry] }));
  let ticks = 0;
  host.sleep = async ms => {
    host.time += ms;
    if (++ticks <= 3) await host.run('tick');
  };
  await host.run('apply', '-f', 'lvs.yaml', '--wait', '20s');
  t.true(ticks >= 3);
  const lines = host.batches.flat();
  t.true(
    lines.some(line => / 192\.0\.2\.11:80 -g -w [2-9]0$/.test(line)),
    lines.join('\n'),
  );
  t.is(lines.filter(line => line === REMOVAL).length, 1);
  t.is(lines.at(-1), REMOVAL);
  t.false(host.paths().includes(WHERE));
});

test('where nobody waits any more the timer removes what goes, services too, and nothing else', async t => {
  const host = await leaving(t, 30);
  host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
  host.put('/here/lvs.yaml', description('192.0.2.11').replace('port: 80', 'port: 81'));
  host.interrupted = () => true;
  await host.run('apply', '-f', 'lvs.yaml', '--wait', '20s');
  t.regex(host.called.at(-1)!, / 30\.000 /);
  t.true(host.kernel.rules().includes('-A -t 192.0.2.100:80'));
  host.time = 29_999;
  await host.run('tick');
  t.true(host.kernel.rules().includes('-A -t 192.0.2.100:80'));
  host.time = 30_000;
  t.is((await host.run('tick')).exitCode, 0);
  t.is(
    host.kernel.rules(),
    `-A -t 192.0.2.100:81 -s wrr
-a -t 192.0.2.100:81 -r 192.0.2.11:81 -g -w 1
-A -t 192.0.2.200:80 -s rr
`,
  );
  t.false(host.paths().includes(WHERE));
  t.true(host.text('/var/lib/lvsctl/journal.jsonl').includes('"event":"leaves"'));
});

test('an apply that fails leaves what lingers of the one before', async t => {
  const host = await leaving(t, 30);
  host.interrupted = () => true;
  await host.run('apply', '-f', 'lvs.yaml', '--wait', '20s');
  const before = host.text(WHERE);
  host.kernel.lacks.add('mh');
  host.put('/here/lvs.yaml', description('192.0.2.11').replace('wrr', 'mh'));
  t.is((await host.run('apply', '-f', 'lvs.yaml')).exitCode, 1);
  t.is(host.text(WHERE), before);
});

test('the longest wait there is can be remembered, too', async t => {
  const host = await leaving(t, 30);
  host.interrupted = () => true;
  await host.run('apply', '-f', 'lvs.yaml', '--wait', '366d');
  const { exitCode, err } = await host.run('tick');
  t.is(exitCode, 0, err);
  t.false(err.includes('damaged'), err);
  t.true(host.paths().includes(WHERE));
});
