import assert from 'node:assert/strict';
import { ask } from '../../../src/lab/acts.js';
import type { Host } from '../../../src/lab/lab.js';
import { fail } from '../../../src/lab/outage.js';
import { holds, serversIn, startKeepalived } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const DESCRIPTION = `version: 1
checker: mon
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.24, interface: eth0 }
failover: { by: vrrp }
real_servers: { interface: eth0 }
hosts: { web1: { address: 192.168.45.13 }, web2: { address: 192.168.45.43 } }
notify: { mail: [ ops@example.org, boss@example.org ], command: /usr/local/sbin/page }
services:
  - { name: web, address: ${VIP}, port: 80, scheduler: rr, check: { type: tcp, interval: 2s, timeout: 1s }, servers: [ web1, web2 ] }
`;
/** Stands in for the mail system, and for the administrator's own program: writes down words and input. */
const RECORDER = `#!/bin/sh
{ echo "called $*"; cat; echo; } >>"/tmp/\${0##*/}"
`;
/** Seconds: each change takes several starts of Node here, on two directors at once. */
const PATIENCE = 200;

/** Alerts on a pair of directors, each with mon of its own, and whom they tell. */
export const alertPair: Scenario = {
  name: 'alert-pair',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
      const directors = [midas, estepe];
      const table = async (director: Host): Promise<string> =>
        ((await serversIn(director)).get(`${VIP}:80`) ?? []).toSorted().join(' ');
      const [both, one] = ['192.168.45.13:80 192.168.45.43:80', '192.168.45.43:80'];
      const become = async (wanted: string): Promise<void> => {
        for (const director of directors) {
          const isSo = async (): Promise<boolean> => (await table(director)) === wanted;
          note(`${director.name}: ${wanted} after ${await lab.until(wanted, isSo, PATIENCE)} s`);
        }
      };

      await check('mon runs on both directors, of which one is active', async () => {
        for (const server of lab.role('server')) await realServer(server, 'tcp:0.0.0.0:80');
        for (const director of directors) {
          await installLvsctl(director);
          for (const path of ['/usr/sbin/sendmail', '/usr/local/sbin/page'])
            await director.sh(`cat >${path} && chmod 755 ${path}`, RECORDER);
          await director.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', DESCRIPTION);
          await must(lab, director, 'modprobe ip_vs; lvsctl apply');
          await startKeepalived(director);
          if (director === midas) await lab.until('midas is active', () => holds(midas, VIP), PATIENCE);
          await director.sh('mon -f -c /etc/mon/mon.cf -P /run/mon.pid');
        }
        await become(both);
        assert.equal(await holds(estepe, VIP), false);
      });
      await check('a dead server leaves the table of the standby as well, by its own mon', async () => {
        await fail(lab.host('web1'));
        await become(one);
        for (const director of directors)
          assert.match(await must(lab, director, 'lvsctl log --event down'), /down .*192\.168\.45\.13/);
        assert.match(await must(lab, estepe, 'lvsctl status'), /\(web1\) .* dead since/);
      });
      await check('a mail goes out, and the command of the description gets the event', async () => {
        for (const director of directors) {
          const mail = await recorded(director, 'sendmail');
          assert.match(mail, /^called -oi ops@example\.org boss@example\.org$/m);
          assert.match(mail, /^To: ops@example\.org, boss@example\.org$/m);
          assert.match(
            mail,
            new RegExp(
              `^Subject: lvsctl ${director.name}: web: web1 \\(192\\.168\\.45\\.13:80\\) is dead`,
              'm',
            ),
          );
          const [, event = ''] = /^called $\n(.*)$/m.exec(await recorded(director, 'page')) ?? [];
          const {
            version,
            host,
            service,
            server,
            event: what,
          } = JSON.parse(event) as Record<string, unknown>;
          assert.deepEqual(
            [version, host, service, server, what],
            [1, director.name, 'web', '192.168.45.13:80', 'down'],
          );
        }
      });
      await check(
        'the standby takes over with the table as it is to be: nobody asks the dead server',
        async () => {
          await midas.kill();
          await lab.until('estepe is active', () => holds(estepe, VIP), PATIENCE);
          assert.equal(await table(estepe), one);
          assert.deepEqual(await ask(lab.client, 'tcp', VIP, 80, 6), { web2: 6 });
        },
      );
    });

    /** What a program was told; it is told once the lock is free. */
    async function recorded(director: Host, program: string): Promise<string> {
      for (let tries = 0; tries < PATIENCE; tries++) {
        const { stdout } = await director.run(`cat /tmp/${program}; sleep 1`);
        if (stdout !== '') return stdout;
      }
      throw new Error(`${director.name} has not called ${program}`);
    }
  },
};
