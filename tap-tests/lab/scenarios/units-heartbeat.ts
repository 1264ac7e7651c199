import { realServer } from '../harness.js';
import assert from 'node:assert/strict';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import type { BootedHost } from '../../../src/lab/booted.js';
import { Held } from '../../../src/lab/held.js';
import type { Scenario } from '../harness.js';
import { differences, kernelTable, wantedTable } from '../../../src/lab/kernel-table.js';
import { assertHealthy, assertStoppedWell, putToWork, withUnits } from '../units.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const DESCRIPTION = `version: 1
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.204, interface: eth0 }
failover:
  by: heartbeat
  links: [ eth0, eth2 ]
  heartbeat: { keepalive: 1s, warntime: 5s, deadtime: 20s, initdead: 60s }
real_servers: { interface: eth0 }
hosts: { web1: { address: 192.168.45.13 } }
services: [ { name: web, address: ${VIP}, port: 80, servers: [ web1 ] } ]
`;
const OURS = ['lvsctl-director'];

/** Both directors of a heartbeat pair under systemd. */
export const unitsHeartbeat: Scenario = {
  name: 'units-heartbeat',
  onlyNamed: true,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withUnits(DESCRIPTION, async units => {
      const { lab } = units;
      const web = lab.host('web1');
      await realServer(web, `tcp:${VIP}:80`);
      const [midas, estepe] = await Promise.all([
        units.boot('midas', 'heartbeat'),
        units.boot('estepe', 'heartbeat'),
      ]);
      const holds = async (one: BootedHost): Promise<boolean> =>
        (await one.sh(`ip -o addr show to ${VIP}`)) !== '';
      const active = async (one: BootedHost): Promise<void> => {
        await lab.until(`${one.name} is active`, () => holds(one), 120);
        await lab.until('director.lvs.dr is running', async () => {
          const { stdout } = await one.run('/etc/ha.d/resource.d/director.lvs.dr status');
          return stdout === 'running\n';
        });
        assert.equal(await arpAnswers(lab.client, VIP), 1);
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 2), { web1: 2 });
      };
      const daemons = async (one: BootedHost): Promise<string> =>
        [...(await one.sh('ipvsadm -Ln --daemon')).matchAll(/^(\w+) sync daemon/gm)]
          .map(match => match[1]!)
          .toSorted()
          .join();

      await check('what configure says is to be done makes the primary active, the other ready', async () => {
        const [steps] = await Promise.all([midas, estepe].map(async one => putToWork(units, one)));
        note(steps!.join('; '));
        await active(midas);
        assert.equal(await holds(estepe), false);
        for (const one of [midas, estepe]) {
          assert.deepEqual(differences(wantedTable(lab.cluster), await kernelTable(one)), []);
          await assertHealthy(one, OURS);
        }
        assert.equal(await daemons(midas), 'backup,master');
        assert.equal(await daemons(estepe), 'backup');
      });
      const held = await Held.open(lab.client, VIP, 80);
      assert.equal(await held.say(), 'web1');
      await check('a reboot of the active director hands over: open connections live on', async () => {
        // The standby hears of a connection within three seconds.
        await midas.sh('sleep 4');
        const [returned] = await Promise.all([units.reboot(midas), active(estepe)]);
        assert.equal(await held.say(), 'web1');
        await lab.until('the other director knows it again', async () => {
          const { stdout } = await returned.run('cl_status nodestatus estepe; cl_status nodestatus midas');
          return stdout === 'active\nactive\n';
        });
        assert.equal(await holds(returned), false, 'it does not take the addresses back');
        assert.equal(await daemons(returned), 'backup');
        await assertHealthy(returned, OURS);
        await assertStoppedWell(returned, ['heartbeat']);
        assert.equal(await held.say(), 'web1');
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
    });
  },
};
