import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ask, serve } from '../../../src/lab/acts.js';
import { PROJECT, realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const EXAMPLE = readFileSync(`${PROJECT}/lvs.conf.example`, 'utf8');
const VIP = '192.168.45.26';

/**
 * The case that this kind of cluster was once built for: an X terminal asks by UDP on port 177 for a login host, the
 * director picks one, and that host then connects to the terminal by itself.
 */
export const udpPastTheDirector: Scenario = {
  name: 'udp-past-the-director',
  descriptions: [EXAMPLE],
  async run(check) {
    await withCluster(EXAMPLE, async lab => {
      const midas = lab.host('midas');
      const servers = lab.role('server');
      await Promise.all([
        midas.sh('/etc/init.d/director.lvs.dr start'),
        ...servers.map(async one => {
          await realServer(one, `udp:${VIP}:177`);
        }),
      ]);
      const terminal = lab.client.plan.links[0]!.addresses[0]!.split('/')[0]!;

      await check('requests by UDP on 177 are shared out, and answered from the VIP', async () => {
        // wrr 1:1, each from a port of its own.
        const counts = await ask(lab.client, 'udp', VIP, 177, 10);
        assert.deepEqual(
          Object.keys(counts),
          servers.map(one => one.name).toSorted(),
          JSON.stringify(counts),
        );
        assert.ok(
          Object.values(counts).every(count => Math.abs(count - 5) <= 1),
          JSON.stringify(counts),
        );
      });
      await check('the chosen server connects to the terminal, past the director', async () => {
        await serve(lab.client, `tcp:${terminal}:6000`);
        const own = await midas.sh('cat /sys/class/net/eth0/address');
        await midas.daemon(
          'tcpdump',
          `tcpdump --immediate-mode -p -n -U -i eth0 -w /tmp/x11 'tcp port 6000 and ether dst ${own}'`,
        );
        await midas.sh('until grep -q listening /var/log/tcpdump.out; do sleep 0.1; done');
        for (const one of servers) {
          assert.equal(
            await one.sh(`perl ${PROJECT}/lab/guest/ask.pl tcp ${terminal} 6000 1`),
            lab.client.name,
          );
        }
        await midas.sh('sleep 0.5');
        assert.equal(await midas.sh('tcpdump -n -r /tmp/x11 2>/dev/null | wc -l'), '0');
      });
      await check('the statistics show requests, and nothing on the way back', async () => {
        let shown = '';
        // The kernel brings them up to date every two seconds.
        await lab.until('the counters', async () => {
          shown = await midas.sh(`ipvsadm -L -n --stats --exact -u ${VIP}:177`);
          return /^UDP .*:177 +10 +10 +0 /m.test(shown);
        });
        note(shown);
        // Conns, InPkts, OutPkts, InBytes, OutBytes
        for (const one of shown.matchAll(/^ +-> \S+ +(\d+) +(\d+) +(\d+) +\d+ +(\d+)$/gm)) {
          assert.equal(one[1], one[2]);
          assert.deepEqual([one[3], one[4]], ['0', '0']);
        }
      });
    });
  },
};
