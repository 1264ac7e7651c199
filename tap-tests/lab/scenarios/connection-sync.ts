import assert from 'node:assert/strict';
import type { Lab } from '../../../src/lab/lab.js';
import { Connections } from '../connections.js';
import { holds, startKeepalived } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const VIP6 = '2001:db8:45::26';
const pair = (failover: string): string => `version: 1
directors:
  - { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 }
  - { name: estepe, address: 192.168.45.204, address6: "2001:db8:45::204", interface: eth0 }
failover: { by: vrrp, links: [ eth0, eth2 ], advert_interval: 500ms${failover} }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1 ] }
`;
const WITH = pair('');
const WITHOUT = pair(', sync_connections: false');

/** Both directors run, and the first one has the addresses. */
async function start(lab: Lab): Promise<void> {
  const [midas, estepe, web] = [lab.host('midas'), lab.host('estepe'), lab.host('web1')];
  await realServer(web, `tcp:${VIP}:80`, `tcp:[${VIP6}]:80`);
  await startKeepalived(midas);
  await lab.until('midas is active', () => holds(midas, VIP6));
  await startKeepalived(estepe);
  await estepe.sh('sleep 1');
  assert.equal(await holds(estepe, VIP), false);
}

/** Connections of every kind, through a power failure of the active director. @returns those that live */
async function survivors(lab: Lab): Promise<string[]> {
  const [midas, estepe, client] = [lab.host('midas'), lab.host('estepe'), lab.client];
  const connections = new Connections(lab);
  await connections.open('idle', VIP, 80);
  await connections.open('idle IPv6', VIP6, 80);
  await connections.open('busy', VIP, 80, 100);
  await client.sh('sleep 2');
  await connections.open('young', VIP, 80);
  await connections.open('young IPv6', VIP6, 80);
  // A standby learns of a connection within three seconds.
  await client.sh('sleep 4');
  await midas.kill();
  const seconds = await lab.until('estepe is active', () => holds(estepe, VIP6));
  const living = await connections.survivors(seconds);
  note(`taken over after ${seconds} s; longest silence: ${connections.gaps}`);
  return living.toSorted();
}

/** What the rendered synchronisation is for: the clients' connections outlive the director that they came by. */
export const connectionSync: Scenario = {
  name: 'connection-sync',
  descriptions: [WITH, WITHOUT],
  async run(check) {
    await withCluster(WITH, async lab => {
      await start(lab);
      await check(
        'the active director sends its connections over the last link, the other hears',
        async () => {
          const said = async (name: string): Promise<string> =>
            await lab.host(name).sh('ipvsadm -Ln --daemon | sort');
          assert.match(await said('midas'), /^master sync daemon \(mcast=eth2, syncid=51/m);
          assert.match(await said('estepe'), /^backup sync daemon \(mcast=eth2, syncid=51/m);
        },
      );
      await check('it dies: busy, idle and four seconds old connections live on', async () => {
        const kinds = ['busy', 'idle', 'idle IPv6', 'young', 'young IPv6'];
        assert.deepEqual(await survivors(lab), kinds);
      });
    });
    await withCluster(WITHOUT, async lab => {
      await start(lab);
      await check('without synchronisation the same loses every one', async () => {
        assert.deepEqual(await survivors(lab), []);
      });
    });
  },
};
