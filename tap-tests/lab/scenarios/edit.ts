import assert from 'node:assert/strict';
import { serve } from '../../../src/lab/acts.js';
import { Held } from '../../../src/lab/held.js';
import { lossesOf, Watch } from '../../../src/lab/watch.js';
import { PROJECT, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const LVSCTL = `${PROJECT}/node ${PROJECT}/dist/main.js`;
const DESCRIPTION = `# The shop's cluster.
version: 1
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
hosts:
  web1: { address: 192.168.45.13 }   # rack 1
  web2: { address: 192.168.45.43 }
  web3: { address: 192.168.45.44 }

services:
  # what customers see
  - name: web
    address: ${VIP}
    port: 80
    scheduler: wrr   # by weight
    servers:
      # the old ones
      - web1 # soon to go
      - web2
  - name: other
    address: ${VIP}
    port: 81
    servers: [ web3 ]
`;

/** `server` and `service` on a live director, whose description is a file of somebody's repository. */
export const edit: Scenario = {
  name: 'edit',
  onlyNamed: true,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      const servers = lab.role('server');
      await Promise.all(servers.map(one => one.sh('/usr/local/sbin/realserver.lvs.dr start')));
      await Promise.all(servers.map(one => serve(one, `tcp:${VIP}:80`, `tcp:${VIP}:81`)));
      await midas.sh(
        '/etc/init.d/director.lvs.dr start; mkdir -p /srv/repo; rm -rf /etc/lvsctl; ln -s /srv/repo /etc/lvsctl',
      );
      await midas.sh(
        'cat >/srv/repo/lvs.yaml; chmod 640 /srv/repo/lvs.yaml; chown 4711:4712 /srv/repo/lvs.yaml',
        DESCRIPTION,
      );
      await midas.sh(`${LVSCTL} apply`);
      const held = await Held.open(lab.client, VIP, 80);
      let text = DESCRIPTION;
      /** What the file should be now, and that it runs. */
      const isNow = async (wanted: string): Promise<void> => {
        text = wanted;
        assert.equal(await midas.sh('cat /srv/repo/lvs.yaml'), wanted.trimEnd());
        const { exitCode, stdout } = await midas.run(`${LVSCTL} plan`);
        assert.equal(exitCode, 0, stdout);
      };

      await check(
        'a server is added under load: nothing is lost, comments, mode and owner stay',
        async () => {
          const watch = await Watch.start(lab.client, [{ address: VIP, port: 80, protocol: 'tcp' }], 20);
          await midas.sh(`${LVSCTL} server add web web3`);
          const losses = lossesOf(await watch.stop());
          note(`${losses.requests} requests`);
          assert.equal(losses.lost, 0, JSON.stringify(losses));
          assert.ok(losses.requests > 20, JSON.stringify(losses));
          await isNow(text.replace('      - web2\n', '      - web2\n      - web3\n'));
          assert.equal(
            await midas.sh('stat -c "%a %u %g" /srv/repo/lvs.yaml; readlink /etc/lvsctl'),
            '640 4711 4712\n/srv/repo',
          );
          assert.match(
            await midas.sh('ipvsadm -Sn'),
            /-a -t 192\.168\.45\.26:80 -r 192\.168\.45\.44:80 -g -w 1/,
          );
        },
      );
      await check('a live scheduler is changed in place, its connections live', async () => {
        await midas.sh(`${LVSCTL} service set web scheduler=mh 'flags=[mh-port]'`);
        assert.match(await midas.sh('ipvsadm -Sn'), /-A -t 192\.168\.45\.26:80 -s mh -b mh-port/);
        assert.match(await held.say(), /^web[123]$/);
        await isNow(text.replace('wrr   # by weight', 'mh   # by weight\n    flags: [ mh-port ]'));
      });
      await check('what the kernel refuses leaves old file and old table', async () => {
        // Debian 12's kernel was built without it.
        const { exitCode, stderr } = await midas.run(`${LVSCTL} service set other scheduler=twos`);
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, /lvs\.yaml is put back as it was/);
        await isNow(text);
      });
      await check('a server is removed; what has been edited by hand stops the next edit', async () => {
        await midas.sh(`${LVSCTL} server remove web web1 --reason 'rack 1 goes'`);
        await isNow(text.replace('      - web1 # soon to go\n', ''));
        await midas.sh('sed -i "s/port: 81/port: 82/" /srv/repo/lvs.yaml');
        const { exitCode, stderr } = await midas.run(`${LVSCTL} service remove other`);
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, /^-    port: 81$/m);
        assert.match(stderr, /^\+    port: 82$/m);
      });
    });
  },
};
