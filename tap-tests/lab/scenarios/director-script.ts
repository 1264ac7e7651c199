import assert from 'node:assert/strict';
import { ask, arpAnswers } from '../../../src/lab/acts.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { Held } from '../../../src/lab/held.js';

const VIP = '192.168.45.26';
const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts: { web1: { address: 192.168.45.13 } }
services: [ { name: web, address: ${VIP}, port: 80, servers: [ web1 ] } ]
`;
const SCRIPT = '/etc/init.d/director.lvs.dr';

/** What an init script has to keep: the words and codes of LSB, and the clients' connections. */
export const directorScript: Scenario = {
  name: 'director-script',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      const web = lab.host('web1');
      await realServer(web, `tcp:${VIP}:80`);
      const said = async (verb: string): Promise<[string, number | undefined]> => {
        const { stdout, exitCode } = await midas.run(`${SCRIPT} ${verb}`);
        return [stdout.trim(), exitCode];
      };

      await check('status says stopped (3) before, running (0) after a start', async () => {
        assert.deepEqual(await said('status'), ['stopped', 3]);
        assert.deepEqual(await said('start'), ['', 0]);
        assert.deepEqual(await said('status'), ['running', 0]);
      });
      await check('an unknown word is usage (2)', async () => {
        assert.deepEqual(await said('frobnicate'), ['', 2]);
      });
      await check('a second start changes nothing', async () => {
        const before = await midas.sh(
          'ipvsadm -Sn; ip -o addr show | sed s/valid_lft.*//; sysctl -a 2>/dev/null | grep vs',
        );
        assert.deepEqual(await said('start'), ['', 0]);
        const after = await midas.sh(
          'ipvsadm -Sn; ip -o addr show | sed s/valid_lft.*//; sysctl -a 2>/dev/null | grep vs',
        );
        assert.equal(after, before);
      });
      let held: Held | undefined;
      await check('a client is served, and a connection stays open', async () => {
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 3), { web1: 3 });
        held = await Held.open(lab.client, VIP, 80);
      });
      await check('stop takes the VIP and the table away, and is stopped twice', async () => {
        assert.deepEqual(await said('stop'), ['', 0]);
        assert.equal(await midas.sh('ipvsadm -Sn'), '');
        assert.equal(await midas.sh(`ip -o addr show to ${VIP}`), '');
        assert.equal(await arpAnswers(lab.client, VIP), 0);
        assert.deepEqual(await said('status'), ['stopped', 3]);
        assert.deepEqual(await said('stop'), ['', 0]);
      });
      await check('the open connection survives the stop and a start', async () => {
        assert.deepEqual(await said('start'), ['', 0]);
        assert.equal(await held!.say(), 'web1');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 3), { web1: 3 });
      });
      await check('restart keeps it, too', async () => {
        assert.deepEqual(await said('restart'), ['', 0]);
        assert.equal(await held!.say(), 'web1');
      });
    });
  },
};
