import { realServer } from '../harness.js';
import assert from 'node:assert/strict';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import type { BootedHost } from '../../../src/lab/booted.js';
import { Held } from '../../../src/lab/held.js';
import type { Scenario } from '../harness.js';
import { differences, kernelTable, wantedTable } from '../../../src/lab/kernel-table.js';
import {
  assertCronReads,
  assertHealthy,
  assertStoppedWell,
  putToWork,
  runJob,
  startOrder,
  withUnits,
} from '../units.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const MARKED = '192.168.45.28';
const CONFIG = '/etc/lvs/mon.cf';
const DESCRIPTION = `version: 1
checker: mon
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts: { web1: { address: 192.168.45.13 } }
polling: {}
mon: { config: ${CONFIG}, base: /etc/mon }
defaults: { check: { type: tcp, interval: 1s, timeout: 2s } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1 ] }
  - { name: shop, fwmark: 7, match: [ { address: ${MARKED}, port: 443 } ], servers: [ web1 ] }
`;
const OURS = ['lvsctl-director', 'mon'];
/** Stands in for lvsctl, which mon's alert calls: writes down for whom, and who it is. */
const RECORDER = `#!/bin/sh
printf '%s %s by %s\\n' "$MON_ALERTTYPE" "$*" "$(id -un)" >>/run/alerts
`;

/** A lone director with mon under systemd: it takes the addresses by itself. */
export const unitsMon: Scenario = {
  name: 'units-mon',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withUnits(DESCRIPTION, async units => {
      const { lab } = units;
      const web = lab.host('web1');
      await realServer(web, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:443');
      let midas = await units.boot('midas', 'mon', 'cron');
      await midas.sh('cat >/usr/local/bin/lvsctl && chmod 755 /usr/local/bin/lvsctl', RECORDER);

      const served = async (): Promise<void> => {
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 2), { web1: 2 });
        assert.deepEqual(await ask(lab.client, 'tcp', MARKED, 443, 2), { web1: 2 });
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      };
      const active = async (director: BootedHost): Promise<void> => {
        const status = await director.run('/etc/init.d/director.lvs.dr status');
        assert.equal(status.stdout, 'running\n', status.stderr);
        assert.deepEqual(differences(wantedTable(lab.cluster), await kernelTable(director)), []);
        await served();
        await lab.until('mon has announced both servers', async () => {
          const { stdout } = await director.run('sort -u /run/alerts');
          return (stdout.match(/^startup alert .* by root$/gm) ?? []).length === 2;
        });
        // mon itself logs each alert as a warning.
        await assertHealthy(director, ['lvsctl-director']);
        assert.equal(await director.sh('systemctl show -P NRestarts mon'), '0');
      };

      await check('what configure says is to be done makes the host the active director', async () => {
        const steps = await putToWork(units, midas);
        note(steps.join('; '));
        await active(midas);
        assert.deepEqual(await startOrder(midas, OURS), OURS);
      });
      await check('mon reads the described file, and runs as root', async () => {
        const pid = await midas.sh('systemctl show -P MainPID mon');
        assert.match(await midas.sh(`tr '\\0' ' ' </proc/${pid}/cmdline`), new RegExp(` -c ${CONFIG}\\b`));
        assert.equal(await midas.sh(`stat -c %U /proc/${pid}`), 'root');
      });
      await check('marks survive a restart and a reload of nftables', async () => {
        for (const verb of ['start', 'reload', 'restart']) {
          await midas.sh(`systemctl ${verb} nftables`);
          await lab.until(`the marks after ${verb}`, async () => {
            const { exitCode } = await midas.run('nft list table inet lvsctl_marks');
            return exitCode === 0;
          });
          await served();
        }
      });
      await check('cron reads the poller’s line, and the line calls lvsctl', async () => {
        await assertCronReads(lab, midas, '/etc/cron.d/lvsctl');
        await runJob(midas, '/etc/cron.d/lvsctl');
        assert.match(await midas.sh('cat /run/alerts'), /^ poll --once by root$/m);
      });
      const held = await Held.open(lab.client, VIP, 80);
      await check('lvsctl-director stops, starts and restarts; an open connection lives on', async () => {
        await midas.sh('systemctl stop lvsctl-director');
        assert.equal(await midas.sh('ipvsadm -Sn'), '');
        assert.equal(await arpAnswers(lab.client, VIP), 0);
        await midas.sh('systemctl start lvsctl-director');
        assert.equal(await held.say(), 'web1');
        await midas.sh('systemctl restart lvsctl-director');
        assert.equal(await held.say(), 'web1');
        await active(midas);
      });
      await check('after a reboot all is as before, without a hand', async () => {
        midas = await units.reboot(midas);
        await active(midas);
        await assertStoppedWell(midas, ['lvsctl-director']);
        assert.deepEqual(await startOrder(midas, OURS), OURS);
      });
    });
  },
};
