import test, { type ExecutionContext } from 'ava';
import { readJournal } from '../state/support.js';
import { checkedDescription, CheckedDirector } from '../support/checked.js';
import { ModelUnits } from '../support/model-units.js';
import { Killed, survives } from '../support/mortal.js';

const WEB = '192.0.2.100:80';
const MON = checkedDescription(text => text.replace('checker: keepalived', 'checker: mon'));
const NONE = checkedDescription(text => text.replace('checker: keepalived', 'checker: none'));
const MON_RUNS = ['mon active enabled'];
const KEEPALIVED_RUNS = ['keepalived active enabled', 'lvsctl-after-keepalived inactive enabled'];

interface Ready {
  readonly one: CheckedDirector;
  readonly units: ModelUnits;
}

/** A director under systemd with this checker at work, and the other's description beside it. */
async function ready(t: ExecutionContext, from: 'mon' | 'keepalived'): Promise<Ready> {
  const one = new CheckedDirector(t);
  await one.begin(from === 'mon' ? MON : checkedDescription());
  if (from === 'mon') await one.keepalived.stop();
  await one.disk.remove('/etc/keepalived/keepalived.conf').catch(() => {});
  if (from === 'keepalived') t.is(await one.act('configure', '-f', 'lvs.yaml'), 0);
  const units = await ModelUnits.on(one);
  units.runs(from);
  await one.disk.replace('/here/lvs.yaml', from === 'mon' ? checkedDescription() : MON, 0o644);
  return { one, units };
}

test('from mon to keepalived: one apply ends the one and begins the other, as the plan says', async t => {
  const { one, units } = await ready(t, 'mon');
  t.is(await one.act('alert', 'web', 'web2'), 0);
  const plan = await one.host.run('plan', '-f', 'lvs.yaml');
  t.is(plan.exitCode, 2, plan.err);
  t.regex(plan.out, /^~ stop mon\.service\n~ disable mon\.service\n/);
  t.regex(
    plan.out,
    /~ enable lvsctl-after-keepalived\.service\n~ enable keepalived\.service\n~ start keepalived\.service\n\n/,
  );
  t.notRegex(plan.err, /systemctl/);
  const json = JSON.parse((await one.host.run('plan', '-f', 'lvs.yaml', '-o', 'json')).out) as object;
  t.like(json, {
    handover: {
      first: [
        { act: 'stop', unit: 'mon' },
        { act: 'disable', unit: 'mon' },
      ],
    },
  });
  t.deepEqual(units.taken, []);
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  t.notRegex(err, /nobody checks|does not run/);
  t.deepEqual(units.state(), KEEPALIVED_RUNS);
  await one.keepalived.settle();
  t.is(await one.act('director', 'start'), 0);
  t.is(one.weights(WEB), '11:3 12:1');
  t.is((await one.host.run('plan', '-f', 'lvs.yaml')).exitCode, 0);
});

test('from keepalived to mon: it is stopped before the table is anybody else’s', async t => {
  const { one, units } = await ready(t, 'keepalived');
  one.keepalived.ill.add('192.0.2.12');
  await one.keepalived.settle();
  const plan = await one.host.run('plan', '-f', 'lvs.yaml');
  t.notRegex(plan.err, /refuses/);
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 0, err);
  t.deepEqual(units.state(), MON_RUNS);
  t.deepEqual(units.taken, [
    'disable lvsctl-after-keepalived',
    'stop keepalived',
    'disable keepalived',
    'enable mon',
    'start mon',
  ]);
  t.is(one.weights(WEB), '11:3');
  t.regex((await one.host.run('status')).out, /dead since .*, by keepalived/);
});

test('what changes with the checker is no drift', async t => {
  const { one } = await ready(t, 'keepalived');
  one.keepalived.ill.add('192.0.2.12').add('192.0.2.11');
  await one.keepalived.settle();
  t.is(await one.act('director', 'start'), 0);
  const before = (await readJournal(one.disk)).entries.length;
  t.is(await one.apply(NONE), 0);
  t.is(one.weights(WEB), '11:3 12:1');
  const { entries } = await readJournal(one.disk);
  const events = entries.slice(before).map(({ event }) => event);
  t.true(events.includes('changed'), events.join(' '));
  t.false(events.includes('mended'), events.join(' '));
});

test('a unit of the old checker that has failed is forgotten', async t => {
  const { one, units } = await ready(t, 'mon');
  units.units.set('mon', { active: false, failed: true, enabled: 'enabled' });
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 0);
  t.deepEqual(units.state(), KEEPALIVED_RUNS);
});

test('back by rollback, and from mon to none and again', async t => {
  const { one, units } = await ready(t, 'mon');
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 0);
  t.is(await one.act('rollback'), 0);
  t.deepEqual(units.state(), MON_RUNS);
  await one.disk.replace('/here/lvs.yaml', NONE, 0o644);
  const plan = await one.host.run('plan', '-f', 'lvs.yaml');
  t.is(plan.exitCode, 2, plan.out);
  t.regex(plan.out, /~ stop mon\.service/);
  t.regex(plan.err, /nobody checks the servers from then on$/m);
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 0);
  t.deepEqual(units.state(), []);
  t.is(await one.apply(MON), 0);
  t.deepEqual(units.state(), MON_RUNS);
});

for (const from of ['mon', 'keepalived'] as const)
  for (const [what, break_] of [
    ['does not start', (units: ModelUnits, to: string) => units.refused.add(`start ${to}`)],
    ['ends as soon as it is started', (units: ModelUnits, to: string) => units.frail.add(to)],
    ['cannot be enabled', (units: ModelUnits, to: string) => units.refused.add(`enable ${to}`)],
  ] as const)
    test(`from ${from}: where the new checker ${what}, all is as it was`, async t => {
      const { one, units } = await ready(t, from);
      const to = from === 'mon' ? 'keepalived' : 'mon';
      const [before, rules] = [units.state(), one.host.kernel.rules()];
      break_(units, to);
      const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
      t.is(exitCode, 1);
      t.regex(err, /all of it is taken back/);
      t.deepEqual(units.state(), before);
      t.is(one.host.kernel.rules(), rules);
      t.is(await one.state(), '1.json of 1.json current');
    });

test('what fails, or is refused before it begins, leaves the dead as they were known', async t => {
  const { one, units } = await ready(t, 'mon');
  t.is(await one.act('alert', 'web', 'web2'), 0);
  const known = (): Promise<string> => one.disk.read('/run/lvsctl/health.json').then(String);
  const before = await known();
  await one.disk.replace('/here/lvs.yaml', NONE, 0o644);
  units.refused.add('stop mon');
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 1);
  t.is(one.weights(WEB), '11:3');
  t.is(await known(), before);
  units.refused.clear();
  one.host.answers.set('ipvsadm -Ln --thresholds', { exitCode: 255, stderr: 'no\n' });
  t.not(await one.act('apply', '-f', 'lvs.yaml'), 0);
  t.is(await known(), before);
  one.host.answers.clear();
  t.is(await one.act('tick'), 0);
  t.is(one.weights(WEB), '11:3');
});

test('a stop that fails changes nothing', async t => {
  const { one, units } = await ready(t, 'keepalived');
  units.refused.add('stop keepalived');
  const rules = one.host.kernel.rules();
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.regex(err, /systemctl stop keepalived\.service` failed/);
  t.deepEqual(units.state(), KEEPALIVED_RUNS);
  t.is(one.host.kernel.rules(), rules);
});

for (const [why, change] of [
  ['is not installed', (units: ModelUnits) => units.units.set('keepalived', { active: false, enabled: '' })],
  ['is masked', (units: ModelUnits) => units.units.set('keepalived', { active: false, enabled: 'masked' })],
] as const)
  test(`where the new checker ${why}, it is for people to do, and told`, async t => {
    const { one, units } = await ready(t, 'mon');
    change(units);
    const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
    t.is(exitCode, 0, err);
    t.regex(err, /systemctl disable --now mon; systemctl enable/);
    t.is(
      /keepalived\.service is masked, which keeps it from starting: `systemctl unmask/.test(err),
      why === 'is masked',
    );
    t.deepEqual(units.taken, []);
  });

for (const [from, path] of [
  ['mon', '/etc/keepalived/keepalived.conf'],
  ['keepalived', '/etc/mon/mon.cf'],
] as const)
  test(`from ${from}: a new checker that would start by somebody else's ${path} is refused, and nothing is touched`, async t => {
    const { one, units } = await ready(t, from);
    const [before, rules] = [units.state(), one.host.kernel.rules()];
    await one.disk.replace(path, '# of somebody else\n', 0o644);
    for (const verb of ['apply', 'plan']) {
      const { exitCode, err } = await one.host.run(verb, '-f', 'lvs.yaml');
      t.is(exitCode === 1, verb === 'apply', err);
      t.true(err.replaceAll(/\s+/g, ' ').includes(`${path} is not lvsctl's`), err);
    }
    t.deepEqual(units.state(), before);
    t.deepEqual(units.taken, []);
    t.is(one.host.kernel.rules(), rules);
    t.is(await one.state(), '1.json of 1.json current');
    t.is(Buffer.from(await one.disk.read(path)).toString(), '# of somebody else\n');
  });

test('nor does a rollback start a checker by them', async t => {
  const { one, units } = await ready(t, 'mon');
  t.is(await one.act('apply', '-f', 'lvs.yaml'), 0);
  const [before, taken] = [units.state(), units.taken.length];
  await one.disk.replace('/etc/mon/mon.cf', '# of somebody else\n', 0o644);
  const { exitCode, err } = await one.host.run('rollback');
  t.is(exitCode, 1);
  t.regex(err, /mon\.cf is not lvsctl's/);
  t.deepEqual(units.state(), before);
  t.is(units.taken.length, taken);
});

test('a keepalived that moves the addresses, too, is not stopped', async t => {
  const vrrp = (text: string): string =>
    `${text}directors:
  - { name: midas, address: 192.0.2.1, interface: eth0 }
  - { name: estepe, address: 192.0.2.2, interface: eth0 }
failover: { by: vrrp }
`;
  const one = new CheckedDirector(t);
  await one.begin(checkedDescription(vrrp));
  const units = await ModelUnits.on(one);
  units.runs('keepalived');
  await one.disk.replace('/here/lvs.yaml', vrrp(MON), 0o644);
  const { exitCode, err } = await one.host.run('apply', '-f', 'lvs.yaml');
  t.is(exitCode, 1);
  t.regex(err, /its addresses move/);
  t.deepEqual(units.taken, []);
});

for (const from of ['mon', 'keepalived'] as const)
  test(`from ${from}, killed at any step: the next run leaves one checker, and it is the one of what runs`, async t => {
    const KILLS = 200;
    for (let kill = 1; kill <= KILLS; kill++) {
      const { one, units } = await ready(t, from);
      one.before = step => {
        if (step === kill) throw new Killed();
      };
      const isDone = await survives(() => one.act('apply', '-f', 'lvs.yaml'));
      one.before = () => {};
      one.keepalived.prompt = true;
      t.is(await one.act('tick'), 0, `${kill}`);
      await one.keepalived.settle();
      t.is(await one.act('director', 'start'), 0);
      const runs = /^(\d)/.exec(await one.state())![1];
      const checker = (runs === '1') === (from === 'mon') ? MON_RUNS : KEEPALIVED_RUNS;
      t.deepEqual(units.state(), checker, `killed at ${kill}, generation ${runs} runs`);
      t.is(one.weights(WEB), '11:3 12:1', `${kill}`);
      if (isDone) return;
    }
    t.fail(`it has not ended after ${KILLS} steps`);
  });
