import assert from 'node:assert/strict';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { ask, serve } from '../../../src/lab/acts.js';
import { holds, startKeepalived } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const VIP6 = '2001:db8:45::26';
const GATEWAY = '10.0.70.1';
/** What moves together. */
const ADDRESSES = [VIP, '192.168.45.27', VIP6, GATEWAY];
const DESCRIPTION = `version: 1
directors:
  - name: midas
    address: 192.168.45.23
    address6: "2001:db8:45::23"
    interface: eth0
    inner: { address: 10.0.70.2/24, interface: eth1 }
  - name: estepe
    address: 192.168.45.204
    address6: "2001:db8:45::204"
    interface: eth0
    inner: { address: 10.0.70.3/24, interface: eth1 }
failover: { by: vrrp, advert_interval: 500ms }
gateway: { address: ${GATEWAY}/24, interface: eth1 }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  nat1: { address: 10.0.70.4 }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1 ] }
  - { name: nat, address: 192.168.45.27, port: 8080, forwarding: nat, servers: [ { host: nat1, port: 80 } ] }
`;

/** Every way that leads over the active director, from a client's side: who answers. */
async function served(lab: Lab): Promise<string> {
  const ways = await Promise.all([
    ask(lab.client, 'tcp', VIP, 80, 1),
    ask(lab.client, 'tcp', VIP6, 80, 1),
    ask(lab.client, 'tcp', '192.168.45.27', 8080, 1),
  ]);
  return ways.flatMap(one => Object.keys(one)).join(' ');
}

const EVERYONE = 'web1 web1 nat1';

async function held(director: Host): Promise<string[]> {
  const each = await Promise.all(
    ADDRESSES.map(async one => ((await holds(director, one)) ? one : undefined)),
  );
  return each.filter(one => one !== undefined);
}

/** The hardware address that a neighbour uses for an address, without asking anyone. */
async function known(neighbour: Host, address: string): Promise<string> {
  const { stdout } = await neighbour.run(`ip neigh show to ${address}`);
  return / lladdr (\S+)/.exec(stdout)?.[1] ?? '';
}

/** The rendered VRRP of a pair of directors: all addresses move when the active one dies, and stay when it returns. */
export const failoverVrrp: Scenario = {
  name: 'failover-vrrp',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const [midas, estepe, web, nat] = ['midas', 'estepe', 'web1', 'nat1'].map(one => lab.host(one)) as [
        Host,
        Host,
        Host,
        Host,
      ];
      const hardware = (host: Host, device: string): Promise<string> =>
        host.sh(`cat /sys/class/net/${device}/address`);

      await check('the primary takes all addresses, of both families and the gateway', async () => {
        await realServer(web, `tcp:${VIP}:80`, `tcp:[${VIP6}]:80`);
        await serve(nat, 'tcp:10.0.70.4:80');
        await startKeepalived(midas);
        await lab.until('midas has them', async () => (await held(midas)).length === ADDRESSES.length);
        await startKeepalived(estepe);
        await lab.until('estepe is the backup', async () => {
          const { exitCode } = await estepe.run('grep -q "Entering BACKUP" /var/log/keepalived.out');
          return exitCode === 0;
        });
        assert.deepEqual(await held(estepe), []);
        await lab.until('all ways work', async () => (await served(lab)) === EVERYONE);
      });
      await check('it dies: all addresses move, and every neighbour is told of it unasked', async () => {
        const neighbours: [Host, string, string][] = [
          [lab.client, VIP, 'eth0'],
          [lab.client, VIP6, 'eth0'],
          [nat, GATEWAY, 'eth1'],
        ];
        for (const [host, address, device] of neighbours)
          assert.equal(await known(host, address), await hardware(midas, device), address);
        await midas.kill();
        const moved = await lab.until(
          'estepe has them',
          async () => (await held(estepe)).length === ADDRESSES.length,
        );
        note(`moved after ${moved} s`);
        for (const [host, address, device] of neighbours) {
          const wanted = await hardware(estepe, device);
          const seconds = await lab.until(
            `${host.name} knows that ${address} is elsewhere`,
            async () => (await known(host, address)) === wanted,
          );
          note(`${address}: known to ${host.name} ${seconds} s later`);
        }
        assert.equal(await served(lab), EVERYONE);
      });
      await check('it returns: the addresses stay where they are, and nobody notices', async () => {
        await lab.restart(midas);
        await startKeepalived(midas);
        await lab.until('midas is the backup', async () => {
          const { exitCode } = await midas.run('grep -q "Entering BACKUP" /var/log/keepalived.out');
          return exitCode === 0;
        });
        for (let second = 0; second < 4; second++) {
          await midas.sh('sleep 1');
          assert.deepEqual(await held(midas), []);
          assert.equal(await served(lab), EVERYONE);
        }
        assert.deepEqual(await held(estepe), ADDRESSES);
      });
      await check('the other dies: the one that returned takes over', async () => {
        await estepe.kill();
        const seconds = await lab.until('all ways work', async () => (await served(lab)) === EVERYONE);
        note(`served again after ${seconds} s`);
        assert.deepEqual(await held(midas), ADDRESSES);
      });
    });
  },
};
