import assert from 'node:assert/strict';
import { ask } from '../../../src/lab/acts.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { Held } from '../../../src/lab/held.js';
import { fail, recover } from '../../../src/lab/outage.js';
import { serversIn } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';
import { note, secondsSince } from '../notes.js';

const VIP = '192.168.45.26';
const PORTS = { web: 80, shop: 81, last: 82 } as const;
const DESCRIPTION = `version: 1
checker: mon
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
  spare: { address: 192.168.45.53 }
defaults: { scheduler: wrr, check: { type: tcp, interval: 3s, timeout: 2s, retries: 1 } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1, web2 ] }
  - { name: shop, address: ${VIP}, port: 81, persistence: 300s, servers: [ web1, web2 ] }
  - { name: last, address: ${VIP}, port: 82, fallback: { address: 192.168.45.53 }, servers: [ web1, web2 ] }
  - { name: other, address: ${VIP}, port: 83, check: { type: none }, servers: [ spare ] }
`;

/** Seconds: a change of the table takes several starts of Node, each of which takes seconds here. */
const PATIENCE = 200;

/** What the real mon makes of the kernel's table by way of lvs.alert and lvsctl. */
export const monTable: Scenario = {
  name: 'mon-table',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      for (const one of lab.role('server'))
        await realServer(one, ...Object.values(PORTS).map(port => `tcp:0.0.0.0:${port}`));
      const addressOf = (name: string): string => ({ web1: '192.168.45.13', web2: '192.168.45.43' })[name]!;
      /** The last numbers of the servers' addresses, of each of the three services. */
      const table = async (): Promise<string> => {
        const found = await serversIn(midas);
        return Object.values(PORTS)
          .map(port =>
            (found.get(`${VIP}:${port}`) ?? [])
              .map(one => /(\d+):\d+$/.exec(one)![1]!)
              .toSorted()
              .join('+'),
          )
          .join(' ');
      };
      const becomes = async (wanted: string): Promise<void> => {
        const start = performance.now();
        await lab
          .until(wanted, async () => (await table()) === wanted, PATIENCE)
          .catch(async () => assert.equal(await table(), wanted, await told(lab, midas)));
        note(`${wanted} after ${secondsSince(start)} s`);
      };
      const answers = (port: number, count = 4): Promise<Record<string, number>> =>
        ask(lab.client, 'tcp', VIP, port, count);
      let home = 'web1';

      await check('mon starts over a table that is whole, and leaves it so', async () => {
        await installLvsctl(midas);
        await midas.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', DESCRIPTION);
        await must(lab, midas, 'modprobe ip_vs; lvsctl apply');
        await must(lab, midas, 'lvsctl director start');
        await startMon(midas);
        await midas.sh('sleep 15');
        assert.equal(await table(), '13+43 13+43 13+43');
        [home = ''] = Object.keys(await answers(PORTS.shop, 3));
        assert.match(home, /^web[12]$/);
      });
      await check(
        'apply renews mon.cf, and mon reads it: connections live, the dead is known as dead, who returns returns',
        async () => {
          const held = await Held.open(lab.client, VIP, PORTS.web);
          const [other, left] = (await held.say()) === 'web1' ? ['web2', '13'] : ['web1', '43'];
          await fail(lab.host(other));
          await becomes(`${left} ${left} ${left}`);
          const pid = await midas.sh('cat /run/mon.pid');
          await midas.sh('sed -i "s/interval: 3s/interval: 2s/" /etc/lvsctl/lvs.yaml');
          // mon's alerts and the timer have the lock, too, for longer than a person waits where the machine is busy.
          const patient =
            'for try in 1 2 3 4 5 6; do lvsctl apply; rc=$?; [ $rc = 75 ] || exit $rc; done; exit 75';
          const said = await must(lab, midas, patient);
          assert.match(said, /~ renew \/etc\/mon\/mon\.cf\n~ reload mon\n/);
          assert.match(await midas.sh('cat /etc/mon/mon.cf'), /^ +interval 2s$/m);
          await midas.sh('sleep 8');
          assert.equal(await table(), `${left} ${left} ${left}`);
          assert.equal(await held.say(), other === 'web1' ? 'web2' : 'web1');
          await recover(lab, lab.host(other));
          await becomes('13+43 13+43 13+43');
          assert.equal(await midas.sh('cat /run/mon.pid; kill -0 "$(cat /run/mon.pid)"'), pid);
          assert.equal(await held.say(), other === 'web1' ? 'web2' : 'web1');
          await held.end();
        },
      );
      await check(
        'a dead server leaves every service, and its persistent clients find another at once',
        async () => {
          await fail(lab.host(home));
          const left = home === 'web1' ? '43' : '13';
          const other = home === 'web1' ? 'web2' : 'web1';
          await becomes(`${left} ${left} ${left}`);
          for (const port of Object.values(PORTS)) assert.deepEqual(await answers(port), { [other]: 4 });
          const log = await must(lab, midas, 'lvsctl log --event down -o json');
          assert.equal(log.split('\n').filter(line => line.includes(addressOf(home))).length, 3, log);
        },
      );
      await check('mon is started again, and the dead server never gets back meanwhile', async () => {
        const left = home === 'web1' ? '43' : '13';
        await midas.sh('kill "$(cat /run/mon.pid)"');
        await startMon(midas);
        const seen = new Set<string>();
        const stillDead = async (): Promise<boolean> => {
          seen.add(await table());
          const log = await midas.sh('lvsctl log --since 2m -o json');
          return log.split('\n').filter(line => line.includes('"after":"still dead"')).length === 3;
        };
        await lab.until('mon has found it dead again', stillDead, PATIENCE);
        await midas.sh('sleep 15');
        seen.add(await table());
        assert.deepEqual([...seen], [`${left} ${left} ${left}`]);
      });
      await check('it returns, and takes connections again', async () => {
        await recover(lab, lab.host(home));
        await becomes('13+43 13+43 13+43');
        assert.deepEqual(await answers(PORTS.web), { web1: 2, web2: 2 });
      });
      await check('a drained server that dies and returns stays drained', async () => {
        await must(lab, midas, 'lvsctl drain web web1');
        await fail(lab.host('web1'));
        await becomes('13+43 43 43');
        await recover(lab, lab.host('web1'));
        await becomes('13+43 13+43 13+43');
        assert.deepEqual(await answers(PORTS.web), { web2: 4 });
        await must(lab, midas, 'lvsctl undrain web web1');
      });
      await check(
        'of all dead the last stays, or the fallback comes; what came back while mon was stopped is there after its start',
        async () => {
          await Promise.all(['web1', 'web2'].map(name => fail(lab.host(name))));
          await lab.until('the fallback is there', async () => (await table()).endsWith(' 53'), PATIENCE);
          const [web = '', shop = ''] = (await table()).split(' ');
          note(`kept: ${web} ${shop}`);
          assert.match(web, /^(13|43)$/);
          assert.match(shop, /^(13|43)$/);
          assert.deepEqual(await answers(PORTS.last), { spare: 4 });
          await midas.sh('kill "$(cat /run/mon.pid)"');
          await Promise.all(['web1', 'web2'].map(name => recover(lab, lab.host(name))));
          await midas.sh('sleep 2');
          assert.match(await table(), / 53$/);
          await startMon(midas);
          await becomes('13+43 13+43 13+43');
          assert.deepEqual(await answers(PORTS.last), { web1: 2, web2: 2 });
        },
      );
    });
  },
};

async function startMon(director: Host): Promise<void> {
  await director.sh('mon -f -c /etc/mon/mon.cf -P /run/mon.pid');
}

/** What lvsctl knows, for a point that fails. */
async function told(lab: Lab, director: Host): Promise<string> {
  const status = await must(lab, director, 'lvsctl status; lvsctl log --last 20').catch(String);
  const { stdout } = await director.run(
    'cat /run/lvsctl/health.json; ls -l /run/lvsctl/inbox; ps ax | tail -30',
  );
  return `${status}\n${stdout}`;
}
