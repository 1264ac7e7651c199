import assert from 'node:assert/strict';
import { ask } from '../../../src/lab/acts.js';
import type { Lab } from '../../../src/lab/lab.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { assertWhole, doctor, found, obey } from '../doctor.js';
import { installLvsctl, must } from '../lvsctl.js';

const VIP = '192.168.45.26';
const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.168.45.23, interface: eth0, inner: { address: 10.0.70.2/24, interface: eth1 } } ]
gateway: { address: 10.0.70.1/24, interface: eth1 }
real_servers: { interface: eth0 }
services:
  - { name: web, address: ${VIP}, port: 80, scheduler: ovf, servers: [ 192.168.45.13, 192.168.45.43 ] }
  - { name: shop, fwmark: 7, match: [ { address: 192.168.45.28, port: 443 } ], servers: [ 192.168.45.13 ] }
  - { name: inner, address: 192.168.45.29, port: 80, forwarding: nat, servers: [ 10.0.70.11 ] }
`;

/** By either server: ovf has no reason to prefer one. */
async function assertServed(lab: Lab): Promise<void> {
  const answers = await ask(lab.client, 'tcp', VIP, 80, 1);
  assert.match(Object.keys(answers).join(' '), /^server-192-168-45-(13|43)$/);
}

/** A director is broken in many ways at once; each is found, and nothing else. */
export const doctorDirector: Scenario = {
  name: 'doctor-director',
  onlyNamed: true,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const midas = lab.host('midas');
      for (const one of lab.role('server')) await realServer(one, 'tcp:0.0.0.0:80', 'tcp:0.0.0.0:443');

      await check('a director that is whole: nothing to say', async () => {
        await installLvsctl(midas);
        // The tree has what a host without lvsctl needs.
        await midas.sh(
          'rm /etc/default/ipvsadm /etc/ipvsadm.rules; mkdir -p /etc/lvsctl; cat >/etc/lvsctl/lvs.yaml',
          DESCRIPTION,
        );
        await must(lab, midas, 'modprobe ip_vs && lvsctl apply && lvsctl director start && lvsctl configure');
        assertWhole(await doctor(lab, midas));
        await assertServed(lab);
      });
      await check('what --fix may mend is found, mended, and then there is nothing to say', async () => {
        await midas.sh(`ipvsadm -D -t ${VIP}:80; ipvsadm -E -f 7 -s rr; ipvsadm -A -t 192.168.45.99:9 -s rr
          rmmod ip_vs_ovf
          nft flush ruleset
          cd /proc/sys/net/ipv4
          echo 0 >vs/expire_nodest_conn; echo 0 >vs/expire_quiescent_template; echo 0 >vs/conn_reuse_mode
          echo 0 >ip_forward; echo 1 >conf/eth1/send_redirects
          chmod 777 /var/lib/lvsctl`);
        assert.deepEqual(found(await doctor(lab, midas)), [
          'dead-server-keeps-clients net.ipv4.vs.expire_nodest_conn',
          'drained-server-keeps-clients net.ipv4.vs.expire_quiescent_template',
          'foreign-service service 192.168.45.99:9/tcp',
          'module-not-loaded module ip_vs_ovf',
          'no-forwarding net.ipv4.ip_forward',
          'no-marks firewall marks',
          'ports-reused net.ipv4.vs.conn_reuse_mode',
          'redirects-sent net.ipv4.conf.eth1.send_redirects',
          'state-open /var/lib/lvsctl',
          'table-drift service shop (fwmark:7/ipv4)',
          `table-drift service web (${VIP}:80/tcp)`,
        ]);
        assert.deepEqual(found(await doctor(lab, midas, '--fix')), [
          'foreign-service service 192.168.45.99:9/tcp',
        ]);
        await midas.sh('ipvsadm -D -t 192.168.45.99:9');
        await assertServed(lab);
      });
      await check('what it may not is found, and mended by what is printed', async () => {
        await midas.sh(`ip addr del ${VIP}/32 dev eth0; ip addr add 192.168.45.29/32 dev lo
          ip addr del 192.168.45.28/32 dev eth0; ip addr add 192.168.45.28/32 dev eth1
          rm /etc/modules-load.d/lvsctl.conf
          ipvsadm --start-daemon master --mcast-interface eth0 --syncid 9
          ip route add 192.168.45.43 via 192.168.45.13 src 192.168.45.29`);
        const said = await doctor(lab, midas, '--fix');
        assert.deepEqual(
          found(said),
          [
            'file-missing /etc/modules-load.d/lvsctl.conf',
            'server-not-on-link server 192.168.45.43',
            'sync-superfluous master sync daemon',
            'vip-aside 192.168.45.29',
            'vip-as-source server 192.168.45.43',
            'vip-elsewhere 192.168.45.28',
            `vip-missing ${VIP}`,
          ].toSorted(),
        );
        assert.equal(said.exitCode, 1);
        await midas.sh(
          'ip route del 192.168.45.43; ip addr del 192.168.45.28/32 dev eth1; ipvsadm --stop-daemon master',
        );
        await obey(lab, midas, said);
        assertWhole(await doctor(lab, midas));
      });
      await check('an interface that is off is found, with what is lost by it', async () => {
        await midas.sh('ip link set eth1 down');
        assert.deepEqual(found(await doctor(lab, midas, '--only interfaces routes')), [
          'interface-down interface eth1',
          'server-unreachable server 10.0.70.11',
        ]);
        await midas.sh('ip link set eth1 up');
        assert.deepEqual(found(await doctor(lab, midas, '--only interfaces routes')), []);
      });
    });
  },
};
