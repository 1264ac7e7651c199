import assert from 'node:assert/strict';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import { realServer, type Scenario } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note } from '../notes.js';
import { assertHealthy, assertStoppedWell, putToWork, withUnits } from '../units.js';

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

/** A director on which lvsctl runs, under systemd: what comes due, by its timer and over reboots. */
export const unitsDirector: Scenario = {
  name: 'units-director',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withUnits(DESCRIPTION, async units => {
      const { lab } = units;
      for (const web of lab.role('server')) await realServer(web, 'tcp:0.0.0.0:80');
      let midas = await units.boot('midas');
      const sh = (script: string): Promise<string> => must(lab, midas, script);
      const weights = async (): Promise<string> => {
        const rules = await midas.sh('ipvsadm -Sn');
        return [...rules.matchAll(/^-a .* -w (\d+)$/gm)].map(one => one[1]).join(' ');
      };
      /** What systemd's timers of ours wait for. */
      const timers = async (): Promise<string> =>
        await midas.sh("systemctl list-timers --all --plain --no-legend 'lvsctl-due-*'");
      const weightsBecome = async (wanted: string, seconds = 300): Promise<number> =>
        lab.until(`the weights are ${wanted}`, async () => (await weights()) === wanted, seconds);
      /** What the director's unit has said since the boot. */
      const bootLog = async (): Promise<string> =>
        await midas.sh('journalctl -b -q -o cat -u lvsctl-director');

      await check(
        'the unit starts and stops by lvsctl, where it has applied; connections live on',
        async () => {
          await installLvsctl(midas);
          await midas.sh('cat >/tmp/old.yaml', DESCRIPTION);
          await midas.sh('cat >/tmp/new.yaml', OTHER);
          await midas.sh('cp /tmp/*.yaml /root');
          await putToWork(units, midas);
          await sh('lvsctl apply -f /root/old.yaml');
          const held = await Held.open(lab.client, VIP, 80);
          await sh('systemctl restart lvsctl-director');
          assert.match(await held.say(), /^web[12]$/);
          await assertHealthy(midas, ['lvsctl-director']);
          assert.match(await bootLog(), /^# ip addr del 192\.168\.45\.26\/32 dev eth0$/m);
          assert.equal(await sh('lvsctl director status'), 'running');
        },
      );
      await check('an unconfirmed apply is taken back by a timer of systemd, which leaves none', async () => {
        await sh('lvsctl apply -f /root/new.yaml --confirm 30s');
        assert.equal(await weights(), '5 1');
        assert.match(await timers(), /lvsctl-due-/);
        await weightsBecome('1 1');
        await lab.until('no timer is left', async () => (await timers()) === '', 120);
        assert.equal(await midas.sh('systemctl --failed --plain --no-legend'), '');
      });
      await check('a power failure takes its timer: settled at the boot, before addresses come', async () => {
        await midas.sh(
          'printf "#!/bin/sh\n" >/usr/local/bin/systemd-run; chmod 755 /usr/local/bin/systemd-run',
        );
        await sh('lvsctl apply -f /root/new.yaml --confirm 2s; sleep 2');
        await midas.sh('rm /usr/local/bin/systemd-run');
        assert.equal(await weights(), '5 1', 'without its timer it waits');
        midas = await units.powerCycle(midas);
        assert.equal(await weights(), '1 1');
        const log = await bootLog();
        note(log.replaceAll('\n', '; '));
        const back = log.indexOf('was not confirmed in time: it is taken back');
        assert.ok(back >= 0 && back < log.indexOf('# ip addr add'), log);
        assert.doesNotMatch(log, /-w 5/);
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
      await check('one whose time has not come yet runs on, and the boot sets a timer anew', async () => {
        await sh('lvsctl apply -f /root/new.yaml --confirm 30m');
        midas = await units.reboot(midas);
        await assertStoppedWell(midas, ['lvsctl-director']);
        assert.equal(await weights(), '5 1');
        assert.match(await timers(), /lvsctl-due-/);
        const before = await midas.sh('journalctl -b -1 -q -o cat -u lvsctl-director');
        assert.match(before.slice(before.lastIndexOf('\nStopping ')), /^# ipvsadm -D -t \S+:80$/m);
        await sh('lvsctl apply -f /root/old.yaml');
        assert.equal(await weights(), '1 1');
      });
      await check('a planned drain comes over a reboot, and stays over the next', async () => {
        await midas.sh('cat >/tmp/plan', planned('AT'));
        await sh(
          'at=$(date -u -d "+25 seconds" +%Y-%m-%dT%H:%M:%S.000Z); sed "s/AT/$at/" /tmp/plan >/var/lib/lvsctl/operator.json',
        );
        midas = await units.reboot(midas);
        await weightsBecome('0 1');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 4), { web2: 4 });
        midas = await units.reboot(midas);
        assert.equal(await weights(), '0 1');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 4), { web2: 4 });
        await assertHealthy(midas, ['lvsctl-director']);
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
