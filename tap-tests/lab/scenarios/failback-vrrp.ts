import assert from 'node:assert/strict';
import { ask } from '../../../src/lab/acts.js';
import { Connections } from '../connections.js';
import { holds, startKeepalived } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const DELAY = 10;
const DESCRIPTION = `version: 1
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.204, interface: eth0 }
failover: { by: vrrp, advert_interval: 500ms, preempt: true, preempt_delay: ${DELAY}s }
hosts: { web1: { address: 192.168.45.13 } }
services: [ { name: web, address: ${VIP}, port: 80, servers: [ web1 ] } ]
`;

/** A primary that is to take its place again does so once it has learnt what connections there are. */
export const failbackVrrp: Scenario = {
  name: 'failback-vrrp',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const [midas, estepe, web] = [lab.host('midas'), lab.host('estepe'), lab.host('web1')];
      const connections = new Connections(lab);
      await check('the primary dies, and clients connect by way of the other', async () => {
        await realServer(web, `tcp:${VIP}:80`);
        await startKeepalived(midas);
        await lab.until('midas is active', () => holds(midas, VIP));
        await startKeepalived(estepe);
        await midas.kill();
        await lab.until('estepe is active', () => holds(estepe, VIP));
        await connections.open('busy', VIP, 80, 100);
        await connections.open('slow', VIP, 80, 600);
        await connections.open('silent', VIP, 80);
      });
      await check('it returns and takes the address back, after the time that is set', async () => {
        await lab.restart(midas);
        await startKeepalived(midas);
        const seconds = await lab.until('midas is active', () => holds(midas, VIP), 60);
        note(`active again after ${seconds} s, of which ${DELAY} are preempt_delay`);
        assert.ok(seconds > DELAY - 1, `${seconds} s`);
        await lab.until('estepe is not', async () => !(await holds(estepe, VIP)));
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 3), { web1: 3 });
      });
      await check('connections that talk now and then live on', async () => {
        const living = await connections.survivors();
        note(`alive: ${living.join(', ')}; longest silence: ${connections.gaps}`);
        // One that says nothing in all that time is not learnt of, and lost: why no fail-back is the default.
        for (const kind of ['busy', 'slow']) assert.ok(living.includes(kind), kind);
      });
    });
  },
};
