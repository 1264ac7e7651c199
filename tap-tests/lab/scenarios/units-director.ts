import assert from 'node:assert/strict';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import { doctor, found, obey } from '../doctor.js';
import { realServer, type Scenario } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note } from '../notes.js';
import type { BootedHost } from '../../../src/lab/booted.js';
import { assertHealthy, assertStoppedWell, putToWork, type Units, withUnits } from '../units.js';

const VIP = '192.168.45.26';
const HEAD = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts: { web1: { address: 192.168.45.13 }, web2: { address: 192.168.45.43 } }
services:
`;
const DESCRIPTION = `${HEAD}  - { name: web, address: ${VIP}, port: 80, scheduler: wrr, servers: [ web1, web2 ] }\n`;
/** The same with another weight, which tells which of them runs. */
const OTHER = DESCRIPTION.replace('[ web1,', '[ { host: web1, weight: 5 },');

interface Stage {
  readonly units: Units;
  /** The director, booted; another one after each boot. */
  midas: BootedHost;
  /** Runs a script on it to its end, however long that takes. */
  readonly sh: (script: string) => Promise<string>;
  /** The weights of its table, in order. */
  readonly weights: () => Promise<string>;
  readonly weightsBecome: (wanted: string) => Promise<number>;
  /** What systemd's timers of ours wait for. */
  readonly timers: () => Promise<string>;
  /** What the director's unit has said since the boot. */
  readonly log: () => Promise<string>;
}

/** A director with lvsctl and two descriptions, of which it has applied the old one. */
async function withDirector(work: (at: Stage) => Promise<void>): Promise<void> {
  await withUnits(DESCRIPTION, async units => {
    const { lab } = units;
    for (const web of lab.role('server')) await realServer(web, 'tcp:0.0.0.0:80');
    const at: Stage = {
      units,
      midas: await units.boot('midas'),
      sh: script => must(lab, at.midas, script),
      weights: async () => {
        const rules = await at.midas.sh('ipvsadm -Sn');
        return [...rules.matchAll(/^-a .* -w (\d+)$/gm)].map(one => one[1]).join(' ');
      },
      weightsBecome: async wanted =>
        lab.until(`the weights are ${wanted}`, async () => (await at.weights()) === wanted, 300),
      timers: async () => at.midas.sh("systemctl list-timers --all --plain --no-legend 'lvsctl-due-*'"),
      log: async () => at.midas.sh('journalctl -b -q -o cat -u lvsctl-director'),
    };
    await at.midas.sh('cat >/root/old.yaml', DESCRIPTION);
    await at.midas.sh('cat >/root/new.yaml', OTHER);
    // Before lvsctl is there, without which the steps take less time.
    await putToWork(units, at.midas);
    // `configure` in place makes neither: they are for hosts without lvsctl.
    await at.midas.sh('rm -f /etc/ipvsadm.rules /etc/default/ipvsadm');
    await installLvsctl(at.midas);
    await at.sh('lvsctl apply -f /root/old.yaml');
    await work(at);
  });
}

/** A director on which lvsctl runs, under systemd: its unit, and what comes due by a timer. */
export const unitsDirector: Scenario = {
  name: 'units-director',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withDirector(async at => {
      const { midas, sh, timers, units, weights, weightsBecome } = at;
      const { lab } = units;
      await check('its unit stops and starts by lvsctl; connections live on', async () => {
        const held = await Held.open(lab.client, VIP, 80);
        await sh('systemctl restart lvsctl-director');
        assert.match(await held.say(), /^web[12]$/);
        await assertHealthy(midas, ['lvsctl-director']);
        assert.match(await at.log(), /^# ip addr del 192\.168\.45\.26\/32 dev eth0$/m);
        assert.equal(await sh('lvsctl director status'), 'running');
      });
      await check('an unconfirmed apply is taken back by a timer of systemd, which leaves none', async () => {
        await sh('lvsctl apply -f /root/new.yaml --confirm 30s');
        assert.equal(await weights(), '5 1');
        assert.match(await timers(), /lvsctl-due-/);
        await weightsBecome('1 1');
        await lab.until('no timer is left', async () => (await timers()) === '', 120);
        assert.equal(await midas.sh('systemctl --failed --plain --no-legend'), '');
      });
      await check(
        'the doctor finds a unit that no boot starts and a timer that is lost, and nothing else',
        async () => {
          const look = (more = ''): ReturnType<typeof doctor> =>
            doctor(lab, midas, `--only units timer ${more}`);
          const whole = await look();
          assert.deepEqual([whole.findings, whole.unknown], [[], []]);
          await sh('systemctl disable lvsctl-director');
          const broken = await look();
          assert.deepEqual(found(broken), ['unit-not-enabled lvsctl-director.service']);
          await obey(lab, midas, broken);
          await sh("lvsctl apply -f /root/new.yaml --confirm 1h; systemctl stop 'lvsctl-due-*.timer'");
          assert.deepEqual(found(await look()), ['timer-missing timer']);
          assert.deepEqual(found(await look('--fix')), []);
          assert.match(await timers(), /lvsctl-due-/);
        },
      );
    });
  },
};

/** The same over boots. */
export const unitsDirectorBoot: Scenario = {
  name: 'units-director-boot',
  onlyNamed: true,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withDirector(async at => {
      const { sh, units, weights, weightsBecome } = at;
      const { lab } = units;
      await check('a power failure takes its timer: settled at the boot, before addresses come', async () => {
        await at.midas.sh(
          'printf "#!/bin/sh\n" >/usr/local/bin/systemd-run; chmod 755 /usr/local/bin/systemd-run',
        );
        await sh('lvsctl apply -f /root/new.yaml --confirm 2s; sleep 2');
        await at.midas.sh('rm /usr/local/bin/systemd-run');
        assert.equal(await weights(), '5 1', 'without its timer it waits');
        at.midas = await units.powerCycle(at.midas);
        assert.equal(await weights(), '1 1');
        const log = await at.log();
        note(log.replaceAll('\n', '; '));
        const back = log.indexOf('was not confirmed in time: it is taken back');
        assert.ok(back >= 0 && back < log.indexOf('# ip addr add'), log);
        assert.match(log, /^ipvsadm -A -t \S+:80 -s wrr$/m);
        assert.doesNotMatch(log, /-w 5/);
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
      await check('what is to come comes over a reboot: a drain, and the end of a trial', async () => {
        await sh('lvsctl apply -f /root/new.yaml --confirm 30m');
        await at.midas.sh('cat >/tmp/plan', planned('AT'));
        await sh(
          'at=$(date -u -d "+25 seconds" +%Y-%m-%dT%H:%M:%S.000Z); sed "s/AT/$at/" /tmp/plan >/var/lib/lvsctl/operator.json',
        );
        at.midas = await units.reboot(at.midas);
        await assertStoppedWell(at.midas, ['lvsctl-director']);
        await weightsBecome('0 1');
        assert.match(await at.timers(), /lvsctl-due-/);
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 4), { web2: 4 });
        const before = await at.midas.sh('journalctl -b -1 -q -o cat -u lvsctl-director');
        assert.match(before.slice(before.lastIndexOf('\nStopping ')), /^# ipvsadm -D -t \S+:80$/m);
      });
      await check('the next boot has the drain, too; the trial can still be taken back', async () => {
        at.midas = await units.reboot(at.midas);
        assert.equal(await weights(), '0 1');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 4), { web2: 4 });
        await assertHealthy(at.midas, ['lvsctl-director']);
        await sh('lvsctl rollback && lvsctl undrain --all web1');
        assert.equal(await weights(), '1 1');
      });
    });
  },
};

/** The operator's state with a drain of web1 that begins then. */
function planned(at: string): string {
  const since = { at: '2026-11-21T02:00:00.000Z', boot: '', up: 0 };
  const entry = {
    service: `${VIP}:80/tcp`,
    server: '192.168.45.13:80',
    planned: { author: 'ada', since, due: { at } },
    revision: 1,
    host: 'midas',
  };
  return JSON.stringify({ version: 1, entries: [entry] });
}
