import assert from 'node:assert/strict';
import { arpAnswers, ask, serve } from '../../../src/lab/acts.js';
import { type Scenario, withCluster } from '../harness.js';

const VIP = '192.168.45.26';
const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
  web3: { address: 192.168.45.44 }
services:
  - name: web
    address: ${VIP}
    port: 80
    scheduler: wrr
    servers: [ { host: web1, weight: 1 }, { host: web2, weight: 2 }, { host: web3, weight: 3 } ]
`;

/** Why real servers need their settings, and what the rendered ones achieve. */
export const directRouting: Scenario = {
  name: 'direct-routing',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      const servers = lab.role('server');

      await check('director.lvs.dr start gives the director the VIP and the table', async () => {
        await midas.sh('/etc/init.d/director.lvs.dr start');
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
      await check('with the VIP on lo and no settings, every real server answers for it', async () => {
        await Promise.all(servers.map(one => one.sh(`ip addr add ${VIP}/32 dev lo`)));
        assert.equal(await arpAnswers(lab.client, VIP), 1 + servers.length);
        await Promise.all(servers.map(one => one.sh(`ip addr del ${VIP}/32 dev lo`)));
      });
      await check('after realserver.lvs.dr start only the director answers', async () => {
        await Promise.all(servers.map(one => one.sh('/usr/local/sbin/realserver.lvs.dr start')));
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
      await check('60 requests go to weights 1:2:3 as 10, 20 and 30', async () => {
        await Promise.all(servers.map(one => serve(one, `tcp:${VIP}:80`)));
        await lab.client.sh('ip neigh flush all');
        const counts = await ask(lab.client, 'tcp', VIP, 80, 60);
        for (const [name, expected] of [
          ['web1', 10],
          ['web2', 20],
          ['web3', 30],
        ] as const) {
          assert.ok(Math.abs((counts[name] ?? 0) - expected) <= 1, JSON.stringify(counts));
        }
      });
      await check('answers go to the client past the director', async () => {
        const own = await midas.sh('cat /sys/class/net/eth0/address');
        const filter = `tcp and src host ${VIP} and ether dst ${own}`;
        await midas.daemon(
          'answers',
          `tcpdump --immediate-mode -p -n -U -i eth0 -w /tmp/answers '${filter}'`,
        );
        await midas.daemon(
          'questions',
          `tcpdump --immediate-mode -p -n -U -i eth0 -w /tmp/questions 'tcp and dst host ${VIP}'`,
        );
        const listens = (name: string): string =>
          `until grep -q listening /var/log/${name}.out; do sleep 0.1; done`;
        await midas.sh(`${listens('answers')}; ${listens('questions')}; sleep 0.5`);
        await ask(lab.client, 'tcp', VIP, 80, 6);
        const seen = (name: string): Promise<string> =>
          midas.sh(`tcpdump -n -r /tmp/${name} 2>/dev/null | wc -l`);
        await lab.until('the questions are seen', async () => Number(await seen('questions')) >= 6);
        await midas.sh('sleep 1');
        assert.equal(await seen('answers'), '0');
      });
      await check('realserver.lvs.dr stop leaves nothing behind', async () => {
        await Promise.all(servers.map(one => one.sh('/usr/local/sbin/realserver.lvs.dr stop')));
        for (const server of servers) {
          assert.equal(await server.sh('ip -o addr show dev lo to 192.168.45.26'), '');
          assert.equal(await server.sh('cat /proc/sys/net/ipv4/conf/all/arp_ignore'), '0');
        }
      });
    });
  },
};
