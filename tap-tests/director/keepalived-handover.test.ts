import test from 'ava';
import { keptHealth } from '../../src/state/health.js';
import { rebuilt } from '../../src/state/journal-reader.js';
import { checkedDescription, CheckedDirector, director } from '../support/checked.js';

const WEB = '192.0.2.100:80';
const MON = checkedDescription(text => text.replace('checker: keepalived', 'checker: mon'));

test('to keepalived: its files are made, and the rest is told; connections go on through its start', async t => {
  const one = new CheckedDirector(t);
  await one.begin(MON);
  await one.disk.remove('/etc/keepalived/keepalived.conf').catch(() => {});
  await one.disk.replace('/here/lvs.yaml', checkedDescription(), 0o644);
  const plan = await one.host.run('plan', '-f', 'lvs.yaml');
  t.is(plan.exitCode, 2, plan.err);
  t.regex(plan.out, /\/etc\/keepalived\/keepalived\.conf/);
  t.regex(plan.err, /systemctl disable --now mon; systemctl enable lvsctl-after-keepalived keepalived/);
  const before = one.host.kernel.rules();
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  await one.keepalived.start();
  await one.keepalived.settle();
  t.is(await one.act('director', 'start'), 0);
  t.is(one.host.kernel.rules(), before);
  t.is(await one.track('web_192.0.2.11'), '0');
});

test('from keepalived: refused while it runs; stopped, who was out stays out until mon has its say', async t => {
  const one = await director(t);
  one.keepalived.ill.add('192.0.2.12');
  await one.keepalived.settle();
  await one.disk.replace('/here/lvs.yaml', MON, 0o644);
  const before = one.host.kernel.rules();
  for (const argv of [
    ['apply', '-f', 'lvs.yaml'],
    ['apply', '-f', 'lvs.yaml', '-n'],
  ]) {
    const refused = await one.host.run(...argv);
    t.is(refused.exitCode, 1);
    t.regex(
      refused.err,
      /keepalived still runs.*nothing is changed\n.*systemctl disable --now lvsctl-after-keepalived/s,
    );
  }
  const plan = await one.host.run('plan', '-f', 'lvs.yaml');
  t.regex(plan.err, /`apply` refuses this: keepalived still runs/);
  t.is(one.host.kernel.rules(), before);
  await one.keepalived.stop();
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  t.is(one.weights(WEB), '11:3');
  t.regex(err, /systemctl enable mon; systemctl restart mon/);
  const { out } = await one.host.run('status');
  t.regex(out, /dead since .*, by keepalived/);
  // The journal has it, too, and could make the file again.
  const health = await keptHealth(one.disk);
  t.true(health!.dead.length > 0);
  t.deepEqual((await rebuilt(one.disk, health!.dead[0]!.since.boot)).overlays.health, health);
});

test('a change of the checker is not tried', async t => {
  const one = await director(t);
  await one.keepalived.stop();
  await one.disk.replace('/here/lvs.yaml', MON, 0o644);
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml', '--confirm', '60s');
  t.is(exitCode, 1);
  t.regex(err, /cannot be tried/);
});

test('a keepalived that would take the table with it when it stops is given none, and its table is not taken', async t => {
  const one = new CheckedDirector(t);
  one.keepalived.keepsTable = false;
  await one.begin(MON);
  await one.disk.replace('/here/lvs.yaml', checkedDescription(), 0o644);
  const given = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(given.exitCode, 1);
  t.regex(given.err, /without --dont-release-ipvs: its next stop/);
  const other = await director(t);
  await other.keepalived.stop();
  other.keepalived.keepsTable = false;
  await other.keepalived.start();
  await other.disk.replace('/here/lvs.yaml', MON, 0o644);
  const taken = await other.host.run('apply', '-f', 'lvs.yaml');
  t.is(taken.exitCode, 1);
  t.regex(taken.err, /kill -STOP 50; kill -9 \d+; kill -9 50/);
});

test('from mon: who is dead stays out until keepalived runs, and mon, which goes on for a while, is not heard', async t => {
  const one = new CheckedDirector(t);
  await one.begin(MON);
  await one.keepalived.stop();
  t.is(await one.act('alert', 'web', 'web2'), 0);
  t.is(one.weights(WEB), '11:3');
  await one.disk.replace('/here/lvs.yaml', checkedDescription(), 0o644);
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 0);
  t.is(one.weights(WEB), '11:3');
  const alert = await one.host.run('alert', 'dns', 'web2');
  t.is(alert.exitCode, 0, alert.err);
  t.regex(alert.err, /an alert about dns, web2 changes nothing: keepalived checks the servers here/);
  await one.keepalived.start();
  await one.keepalived.settle();
  t.is(await one.act('director', 'start'), 0);
  t.is(one.weights(WEB), '11:3 12:1');
});

test('what an earlier checker has found counts for nothing with the next', async t => {
  const one = new CheckedDirector(t);
  await one.begin(MON);
  t.is(await one.act('alert', 'web', 'web2'), 0);
  await one.disk.replace('/here/lvs.yaml', MON.replace('checker: mon', 'checker: none'), 0o644);
  const plan = await one.host.run('plan', '-f', 'lvs.yaml');
  t.is(plan.exitCode, 2, plan.out);
  t.regex(plan.err, /nobody checks the servers from then on, and mon may stop/);
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 0);
  t.is(one.weights(WEB), '11:3 12:1');
  await one.disk.replace('/here/lvs.yaml', MON, 0o644);
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 0);
  t.is(one.weights(WEB), '11:3 12:1');
});
