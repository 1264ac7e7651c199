import { realServer } from '../harness.js';
import assert from 'node:assert/strict';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import type { BootedHost } from '../../../src/lab/booted.js';
import { Held } from '../../../src/lab/held.js';
import type { Scenario } from '../harness.js';
import { differences, kernelTable, wantedTable } from '../../../src/lab/kernel-table.js';
import { assertHealthy, assertStoppedWell, putToWork, startOrder, withUnits } from '../units.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const VIP6 = '2001:db8:45::26';
const MARKED = '192.168.45.28';
const DESCRIPTION = `version: 1
checker: keepalived
directors:
  - { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 }
  - { name: estepe, address: 192.168.45.204, address6: "2001:db8:45::204", interface: eth0 }
failover: { by: vrrp, advert_interval: 500ms }
real_servers: { interface: eth0 }
hosts: { web1: { address: 192.168.45.13, address6: "2001:db8:45::13" } }
defaults: { check: { type: tcp, interval: 1s, timeout: 2s } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1 ] }
  - { name: dns, address: ${VIP}, port: 53, protocol: udp, check: { type: ping, interval: 1s }, servers: [ web1 ] }
  - name: shop
    fwmark: 7
    match: [ { address: ${MARKED}, port: 80 }, { address: ${MARKED}, port: 443 } ]
    persistence: 60s
    servers: [ web1 ]
`;
const OURS = ['lvsctl-director', 'keepalived'];

/** A director of a VRRP pair under systemd, from `configure` to its reboot. */
export const unitsKeepalived: Scenario = {
  name: 'units-keepalived',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withUnits(DESCRIPTION, async units => {
      const { lab } = units;
      const web = lab.host('web1');
      await realServer(web, 'tcp:0.0.0.0:80', 'tcp:[::]:80', 'tcp:0.0.0.0:443', `udp:${VIP}:53`);
      let midas = await units.boot('midas', 'keepalived');

      /** All that the description wants of the active director. */
      const active = async (director: BootedHost): Promise<void> => {
        const wanted = wantedTable(lab.cluster);
        await lab.until('the table is as described', async () => {
          const found = await kernelTable(director);
          return differences(wanted, found).length === 0;
        });
        await lab.until('the addresses are there', async () => {
          const held = await director.sh('ip -o addr show dev eth0');
          return [VIP, VIP6, MARKED].every(vip => held.includes(` ${vip}/`));
        });
        const status = await director.run('/etc/init.d/director.lvs.dr status');
        assert.equal(status.stdout, 'running\n', status.stderr);
        await director.sh('nft list table inet lvsctl_marks');
        for (const [vip, port] of [
          [VIP, 80],
          [VIP6, 80],
          [MARKED, 443],
        ] as const)
          assert.deepEqual(await ask(lab.client, 'tcp', vip, port, 2), { web1: 2 }, `${vip} ${port}`);
        assert.deepEqual(await ask(lab.client, 'udp', VIP, 53, 2), { web1: 2 });
        assert.equal(await arpAnswers(lab.client, VIP), 1);
        assert.deepEqual(await startOrder(director, OURS), OURS);
        await assertHealthy(director, OURS);
      };

      await check('what configure says is to be done makes the host the active director', async () => {
        const steps = await putToWork(units, midas);
        note(steps.join('; '));
        await active(midas);
      });
      await check('keepalived runs with the options of our drop-in', async () => {
        const pid = await midas.sh('systemctl show -P MainPID keepalived');
        const words = await midas.sh(`tr '\\0' ' ' </proc/${pid}/cmdline`);
        assert.equal(words.trim(), '/usr/sbin/keepalived --dont-fork --dont-release-ipvs');
      });
      const held = await Held.open(lab.client, VIP, 80);
      await check('a restart of keepalived keeps table and connections', async () => {
        const { stdout } = await midas.run('ipvsadm -Sn; systemctl stop keepalived; ipvsadm -Sn | sort');
        assert.deepEqual(
          differences(
            wantedTable(lab.cluster),
            stdout
              .split('\n')
              .map(one => one.trim())
              .filter(Boolean),
          ),
          [],
        );
        await midas.sh('systemctl start keepalived');
        await active(midas);
        assert.equal(await held.say(), 'web1');
      });
      await check('a stop of lvsctl-director beside keepalived is refused, and harms nobody', async () => {
        await midas.run('systemctl stop lvsctl-director');
        assert.match(
          await midas.sh('journalctl -b -o cat -u lvsctl-director'),
          /keepalived has addresses here: stop it first/,
        );
        assert.equal(await held.say(), 'web1');
        await midas.sh('systemctl start lvsctl-director');
        assert.equal(await held.say(), 'web1');
      });
      await check('after a reboot all is as before, without a hand', async () => {
        midas = await units.reboot(midas);
        await active(midas);
        await assertStoppedWell(midas, OURS);
      });
    });
  },
};
