import test from 'ava';
import { fileError } from '../support/fake-files.js';
import { checkedDescription, type CheckedDirector, director, TRACKS } from '../support/checked.js';

const WEB = '192.0.2.100:80';
const SHOP = '192.0.2.101:443';
const DNS = '192.0.2.100:53';

/** What `plan` would change: nothing, where it says so. */
async function plan(one: CheckedDirector): Promise<string> {
  return (await one.host.run('rollback', await current(one), '-n')).out;
}

async function current(one: CheckedDirector): Promise<string> {
  return String(Number.parseInt(await one.state(), 10));
}

test('a drain is a track file and a weight of 0; both go with it', async t => {
  const one = await director(t);
  t.is(one.weights(WEB), '11:3 12:1');
  t.is(await one.track('web_192.0.2.11'), '0');
  const { exitCode, err } = await one.host.run('drain', 'web', 'web1');
  t.is(exitCode, 0, err);
  t.is(one.weights(WEB), '11:0 12:1');
  t.is(await one.track('web_192.0.2.11'), '-65535');
  await one.keepalived.settle();
  t.is(one.weights(WEB), '11:0 12:1');
  t.is(await one.act('undrain', 'web', 'web1'), 0);
  t.is(await one.act('weight', 'web', 'web2', '7'), 0);
  t.is(one.weights(WEB), '11:3 12:7');
  t.is(await one.track('web_192.0.2.12'), '6');
  await one.keepalived.settle();
  t.is(one.weights(WEB), '11:3 12:7');
});

test('what keepalived has out of service is no drift, is told, and comes back with what was said meanwhile', async t => {
  const one = await director(t);
  one.keepalived.ill.add('192.0.2.11');
  await one.keepalived.settle();
  t.deepEqual(
    [WEB, SHOP, DNS].map(at => one.weights(at)),
    ['12:1', '11:0 12:1', '11:0 12:1'],
  );
  t.regex(await plan(one), /^nothing to change/);
  const { out } = await one.host.run('status');
  t.is(out.match(/held down by keepalived/g)?.length, 3, out);
  t.false(out.includes('DRIFT'), out);
  const doctor = await one.host.run('doctor', '--only', 'table');
  t.is(doctor.exitCode, 0, doctor.out + doctor.err);
  const said = await one.host.run('weight', 'web', 'web1', '9');
  t.is(said.exitCode, 0, said.err);
  t.regex(said.out, /weight 9, once it is alive again/);
  t.is(await one.act('drain', 'dns', 'web1'), 0);
  t.is(one.weights(WEB), '12:1');
  one.keepalived.ill.clear();
  await one.keepalived.settle();
  t.deepEqual(
    [WEB, SHOP, DNS].map(at => one.weights(at)),
    ['11:9 12:1', '11:10 12:1', '11:0 12:1'],
  );
  t.regex(await plan(one), /^nothing to change/);
});

test('what somebody else does to the table is drift, and mended', async t => {
  const one = await director(t);
  one.host.kernel.restore([
    `-d -t ${WEB} -r 192.0.2.11:80`,
    `-e -t ${SHOP} -r 192.0.2.11:443 -g -w 0`,
    `-a -t ${WEB} -r 192.0.2.66:80 -g -w 1`,
    `-E -t ${SHOP} -s rr`,
  ]);
  t.regex(await plan(one), /1 to add, 2 to change, 1 to remove/);
  t.is(await one.act('director', 'start'), 0);
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:3 12:1', '11:10 12:1'],
  );
  t.regex(await plan(one), /^nothing to change/);
});

test('all dead: the fallback is no drift', async t => {
  const one = await director(t);
  for (const last of [11, 12]) one.keepalived.ill.add(`192.0.2.${last}`);
  await one.keepalived.settle();
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['', '11:0 12:0 99:1'],
  );
  t.regex(await plan(one), /^nothing to change/);
  t.is(await one.act('director', 'start'), 0);
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['', '11:0 12:0 99:1'],
  );
});

test('a changed description comes by the file, the track files and a reload', async t => {
  const one = await director(t);
  await one.act('drain', 'web', 'web2');
  one.host.batches.length = 0;
  const text = checkedDescription(all =>
    all
      .replace('{ host: web1, weight: 3 }, web2', '{ host: web1, weight: 5, upper: 50 }, web2, 192.0.2.13')
      .replace('{ host: web1, weight: 10 }, web2', '{ host: web1, weight: 10 }'),
  );
  await one.disk.replace('/here/lvs.yaml', text, 0o644);
  const { exitCode, out, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  t.regex(out, /reload keepalived/);
  t.true(err.includes('kill -s HUP'), err);
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:5 12:0 13:1', '11:10'],
  );
  t.true(one.host.kernel.thresholds().includes(' 50 '));
  t.deepEqual(
    (await one.disk.list(TRACKS)).filter(name => /^(web|shop)/.test(name)),
    ['shop_192.0.2.11_443.10', 'web_192.0.2.11_80.5', 'web_192.0.2.12_80.1', 'web_192.0.2.13_80.1'],
  );
  await one.keepalived.settle();
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:5 12:0 13:1', '11:10'],
  );
  t.regex(await plan(one), /^nothing to change/);
  t.is(await one.act('rollback'), 0);
  await one.keepalived.settle();
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:3 12:0', '11:10 12:1'],
  );
});

test('while keepalived is stopped ipvsadm does it, nobody who was out comes back, and the next start finds all right', async t => {
  const one = await director(t);
  one.keepalived.ill.add('192.0.2.12');
  await one.keepalived.settle();
  await one.keepalived.stop();
  const { exitCode, err } = await one.host.run('drain', 'shop', 'web1', '--force');
  t.is(exitCode, 0, err);
  t.regex(err, /keepalived does not run here/);
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:3', '11:0 12:0 99:1'],
  );
  t.is(await one.act('weight', 'web', 'web1', '8'), 0);
  t.is(await one.act('director', 'start'), 0);
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:8', '11:0 12:0 99:1'],
  );
  one.keepalived.ill.clear();
  await one.keepalived.start();
  await one.act('director', 'start');
  await one.keepalived.settle();
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:8 12:1', '11:0 12:1'],
  );
  t.regex(await plan(one), /^nothing to change/);
});

test('what a killed checker has missed is mended once it is back', async t => {
  const one = await director(t);
  await one.keepalived.killChecker();
  const { exitCode, err } = await one.host.run('weight', 'web', 'web1', '8');
  t.is(exitCode, 0, err);
  t.regex(err, /keepalived has no checker at the moment/);
  one.host.kernel.restore([`-e -t ${WEB} -r 192.0.2.11:80 -g -w 3`]);
  await one.keepalived.settle();
  t.is(one.weights(WEB), '11:3 12:1');
  t.is(await one.act('director', 'start'), 0);
  t.is(one.weights(WEB), '11:8 12:1');
});

test('a folder of track files that is gone is made again, and keepalived follows it again', async t => {
  const one = await director(t);
  await one.act('drain', 'web', 'web1');
  await one.keepalived.settle();
  one.disk.removeTree(TRACKS);
  await one.keepalived.settle();
  t.is(one.weights(WEB), '11:3 12:1');
  t.regex(await plan(one), /1 to change/);
  t.is(await one.act('director', 'start'), 0);
  t.is(one.weights(WEB), '11:0 12:1');
  t.is(await one.act('weight', 'web', 'web2', '4'), 0);
  await one.keepalived.settle();
  t.is(one.weights(WEB), '11:0 12:4');
});

test('keepalived that was started without the folder is never asked, which would crash it', async t => {
  const one = await director(t);
  await one.keepalived.stop();
  one.disk.removeTree(TRACKS);
  await one.keepalived.start();
  await one.host.run('status');
  await plan(one);
  t.is(await one.act('drain', 'web', 'web1'), 0);
  t.is(one.keepalived.crashes, 0);
  t.is(one.weights(WEB), '11:0 12:1');
  t.is(await one.act('undrain', 'web', 'web1'), 0);
  await one.keepalived.settle();
  t.is(one.weights(WEB), '11:3 12:1');
});

test('a disk without room for a track file: the drain is taken back, and nothing has changed', async t => {
  const one = await director(t);
  const before = [one.table(), await one.track('web_192.0.2.11'), await one.state()];
  one.before = (_step, what) => {
    if (what.includes('/tracks/')) throw fileError('ENOSPC', what);
  };
  const { exitCode, err } = await one.host.run('drain', 'web', 'web1');
  one.before = () => {};
  t.is(exitCode, 1);
  t.regex(err, /tracks\/web_192\.0\.2\.11_80\.3: no space left on the device/);
  t.deepEqual([one.table(), await one.track('web_192.0.2.11'), await one.state()], before);
});

test('keepalived that does not answer: nobody who may be dead comes back, and that is told', async t => {
  const one = await director(t);
  one.keepalived.ill.add('192.0.2.12');
  await one.keepalived.settle();
  one.keepalived.isMute = true;
  const { exitCode, err } = await one.host.run('weight', 'web', 'web1', '8');
  t.is(exitCode, 0, err);
  t.regex(err, /keepalived does not say which servers are alive/);
  t.deepEqual(
    [WEB, SHOP].map(at => one.weights(at)),
    ['11:8', '11:10 12:0'],
  );
});

test('apply --wait is refused where keepalived would not wait', async t => {
  const one = await director(t);
  await one.disk.replace(
    '/here/lvs.yaml',
    checkedDescription(all => all.replace('weight: 3 }, web2 ]', 'weight: 3 } ]')),
    0o644,
  );
  const before = one.table();
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml', '--wait');
  t.is(exitCode, 1);
  t.regex(err, /--wait cannot keep them; nothing is changed\n.*drain --wait/);
  t.is(one.table(), before);
});

test('what the kernel refuses keepalived is not told to do, and all of it is taken back', async t => {
  const one = await director(t);
  one.host.kernel.lacks.add('mh');
  await one.disk.replace(
    '/here/lvs.yaml',
    checkedDescription(all => all.replace('port: 80, scheduler: wrr', 'port: 80, scheduler: mh')),
    0o644,
  );
  const before = [one.table(), await one.state()];
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.regex(err, /the kernel refused `ipvsadm -E .* -s mh`.*; all of it is taken back/);
  await one.keepalived.settle();
  t.deepEqual([one.table(), await one.state()], before);
  t.false(
    Buffer.from(await one.disk.read('/etc/keepalived/keepalived.conf'))
      .toString()
      .includes('lvs_sched mh'),
  );
});
