import assert from 'node:assert/strict';
import { Held } from '../../../src/lab/held.js';
import { differences, kernelTable, wantedTable } from '../../../src/lab/kernel-table.js';
import { runKeepalived } from '../daemons.js';
import { clusterOf, realServer, type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must, patiently } from '../lvsctl.js';
import { note } from '../notes.js';

export const VIP = '192.168.45.26';
const description = (checker: 'mon' | 'keepalived'): string => `version: 1
checker: ${checker}
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
hosts:
  web1: { address: 192.168.45.13 }
  web2: { address: 192.168.45.43 }
defaults: { scheduler: wrr, check: { type: tcp, interval: 1s, timeout: 2s, retries: 0 } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ { host: web1, weight: 3 }, web2 ] }
  - { name: shop, address: ${VIP}, port: 81, persistence: 300s, servers: [ web1, web2 ] }
`;
export const [MON, KEEPALIVED] = [description('mon'), description('keepalived')];
/** Left to itself keepalived takes an interval for the first checks. */
const SELDOM = KEEPALIVED.replace('interval: 1s', 'interval: 30s').replace('retries: 0', 'retries: 1');

/** From mon to keepalived and back, with connections that live through both. */
export const changeChecker: Scenario = {
  name: 'change-checker',
  onlyNamed: true,
  descriptions: [MON, KEEPALIVED, SELDOM],
  async run(check) {
    await withCluster(MON, async lab => {
      const midas = lab.host('midas');
      for (const one of lab.role('server')) await realServer(one, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:81');
      await installLvsctl(midas);
      await midas.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', MON);
      await must(lab, midas, 'modprobe ip_vs; lvsctl apply && lvsctl director start');
      const held = await Promise.all([80, 80, 81].map(port => Held.open(lab.client, VIP, port)));
      const homes = await Promise.all(held.map(one => one.say()));
      const live = async (): Promise<void> =>
        assert.deepEqual(await Promise.all(held.map(one => one.say())), homes);
      const isAsWanted = async (text: string): Promise<void> => {
        const wanted = wantedTable(clusterOf(text));
        const found = async (): Promise<string[]> => differences(wanted, await kernelTable(midas));
        await lab
          .until('the table is as described', async () => (await found()).length === 0, 60)
          .catch(async () => assert.deepEqual(await found(), []));
        assert.match(await must(lab, midas, 'lvsctl plan; true'), /^nothing to change$/m);
      };

      await check('the plan names the files of keepalived and what is to be done by hand', async () => {
        await midas.sh('cat >/etc/lvsctl/lvs.yaml', KEEPALIVED);
        const { stdout, stderr } = await patiently(lab, midas, 'lvsctl plan');
        note(stdout.trim());
        assert.match(stdout, /\/etc\/keepalived\/keepalived\.conf/);
        assert.match(
          stderr,
          /systemctl disable --now mon; systemctl enable lvsctl-after-keepalived keepalived/,
        );
      });
      await check(
        'to keepalived: apply, then its start over the table, and every connection lives',
        async () => {
          await must(lab, midas, 'lvsctl apply');
          await live();
          await runKeepalived(midas);
          await midas.sh('sleep 3');
          await must(lab, midas, 'lvsctl director start');
          await isAsWanted(KEEPALIVED);
          await live();
        },
      );
      await check('a drain goes by its track file, and keepalived keeps to it', async () => {
        await must(lab, midas, 'lvsctl drain web web1');
        assert.match(await midas.sh('cat /var/lib/lvsctl/tracks/web_192.168.45.13_80.3'), /^-65535$/);
        await must(lab, midas, 'lvsctl undrain web web1');
        await isAsWanted(KEEPALIVED);
        await live();
      });
      await check('back to mon is refused as long as keepalived runs', async () => {
        await midas.sh('cat >/etc/lvsctl/lvs.yaml', MON);
        const { exitCode, stderr } = await patiently(lab, midas, 'lvsctl apply');
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, /keepalived still runs/);
        await live();
      });
      await check(
        'stopped, it leaves the table; then apply hands it back, and every connection lives',
        async () => {
          await midas.sh(
            'kill "$(cat /run/keepalived.pid)"; while [ -e /run/keepalived.pid ]; do sleep 0.1; done',
          );
          await live();
          await must(lab, midas, 'lvsctl apply');
          await isAsWanted(MON);
          await live();
        },
      );
      await check('who is dead when keepalived starts is out after its first checks, at once', async () => {
        await lab
          .host('web2')
          .sh('iptables -I INPUT -p tcp -s 192.168.45.23 -j REJECT --reject-with tcp-reset');
        for (const service of ['web', 'shop'])
          await must(
            lab,
            midas,
            `echo 192.168.45.43 | MON_ALERTTYPE=failure lvsctl alert -h 192.168.45.43 -t "$(date +%s)" ${service} 192.168.45.43:${service === 'web' ? 80 : 81}`,
          );
        await midas.sh('cat >/etc/lvsctl/lvs.yaml', SELDOM);
        await must(lab, midas, 'lvsctl apply');
        const isIn = async (): Promise<boolean> =>
          (await midas.sh('ipvsadm -Sn')).includes('-r 192.168.45.43:');
        assert.equal(await isIn(), false, 'lvsctl gives it no connections');
        await runKeepalived(midas);
        const start = performance.now();
        await lab.until('it has put the dead one in', isIn, 5).catch(() => note('it never was in'));
        const since = performance.now();
        await lab.until('it is out', async () => !(await isIn()), 40);
        const [out, long] = [start, since].map(time => (performance.now() - time) / 1000) as [number, number];
        note(`out ${out.toFixed(1)} s after the start, in for ${long.toFixed(1)} s`);
        assert.ok(out < 10, `${out} s`);
        await must(lab, midas, 'lvsctl director start');
        assert.match(await must(lab, midas, 'lvsctl plan; true'), /^nothing to change$/m);
      });
    });
  },
};
