import assert from 'node:assert/strict';
import { arpAnswers, ask, serve } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import { folderOf, type Scenario, withCluster } from '../harness.js';

const VIP = '192.168.45.26';
const VIP6 = '2001:db8:45::26';
const SCRIPT = '/usr/local/sbin/realserver.lvs.dr';
const description = (more: string): string => `version: 1
directors: [ { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 } ]
real_servers: { interface: eth0, vip_on: filter }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43, address6: "2001:db8:45::43" }
  far1: { address: 198.51.100.7 }
defaults: { scheduler: rr }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1, web2 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1, web2 ] }
  - { name: dns, address: ${VIP}, port: 53, protocol: udp, one_packet: true, check: { type: none }, servers: [ web1, web2 ] }
  - { name: far, address: 192.168.45.29, port: 80, forwarding: tunnel, servers: [ far1 ] }
${more}`;
const FIRST = description('');
const SECOND = description(`  - { name: more, address: ${VIP}, port: 81, servers: [ web1, web2 ] }\n`);

/** Real servers that take the VIP by the packet filter, without having it as an address. */
export const packetFilter: Scenario = {
  name: 'packet-filter',
  descriptions: [FIRST, SECOND],
  async run(check) {
    await withCluster(FIRST, async lab => {
      const servers = lab.role('server');
      const near = [lab.host('web1'), lab.host('web2')];
      const each = async (script: string): Promise<unknown> =>
        Promise.all(servers.map(one => one.sh(script)));
      const both = { web1: 3, web2: 3 };

      await check('servers bound to 0.0.0.0 and [::] serve TCP and UDP of the VIP', async () => {
        await each(`${SCRIPT} start`);
        await Promise.all(
          servers.map(one => serve(one, 'tcp:0.0.0.0:80', 'tcp:[::]:80', 'udp:0.0.0.0:53', 'tcp:0.0.0.0:81')),
        );
        await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 6), both);
        assert.deepEqual(await ask(lab.client, 'tcp', VIP6, 80, 6), both);
        assert.deepEqual(await ask(lab.client, 'udp', VIP, 53, 6), both);
        assert.deepEqual(await ask(lab.client, 'tcp', '192.168.45.29', 80, 2), { far1: 2 });
      });
      await check(
        'the VIP is no address there, no setting was changed, and only the director answers ARP',
        async () => {
          for (const one of near) {
            assert.equal(await one.sh(`ip -o addr show | grep -F ${VIP}/ || :`), '');
            assert.equal(await one.sh('cat /proc/sys/net/ipv4/conf/all/arp_ignore'), '0');
          }
          assert.equal(await arpAnswers(lab.client, VIP), 1);
        },
      );
      const held = await Promise.all([0, 1, 2, 3].map(() => Held.open(lab.client, VIP, 80)));
      const alive = async (): Promise<void> => {
        for (const one of held) assert.match(await one.say(), /^web[12]$/);
      };
      await check('open connections survive reloads of the script and of the rules', async () => {
        for (const reload of [`${SCRIPT} reload`, 'nft -f /var/lib/lvsctl/realserver.nft']) {
          await each(`${reload} && ${reload}`);
          await alive();
        }
      });
      await check('they survive a changed description, and the new service is there', async () => {
        const trees = `${folderOf(SECOND)}/trees`;
        await Promise.all(servers.map(one => lab.install(one, `${trees}/realserver`)));
        await each(`${SCRIPT} reload`);
        await lab.install(lab.host('midas'), `${trees}/midas`);
        await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
        await alive();
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 81, 6), both);
      });
      await check('stop takes the rules away: no new connection is served', async () => {
        await each(`${SCRIPT} stop`);
        for (const one of servers) assert.equal(await one.sh('nft list tables'), '');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 2), { '-': 2 });
      });
    });
  },
};
