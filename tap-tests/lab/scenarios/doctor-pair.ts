import assert from 'node:assert/strict';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { assertWhole, doctor, found, obey } from '../doctor.js';
import { holds, startHeartbeat, startKeepalived } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { installLvsctl, must } from '../lvsctl.js';

const VIP = '192.168.45.26';
const pair = (failover: string): string => `version: 1
${failover}
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.204, interface: eth0 }
hosts: { web1: { address: 192.168.45.13 } }
services:
  - { name: web, address: ${VIP}, port: 80, scheduler: wrr, servers: [ web1 ] }
`;
const HEARTBEAT = pair(`checker: mon
failover:
  by: heartbeat
  links: [ eth0, eth2 ]
  sync_connections: true
  heartbeat: { keepalive: 200ms, warntime: 2s, deadtime: 6s, initdead: 8s }`);
const VRRP = pair('failover: { by: vrrp, sync_connections: true }');

const WHOLE = 'of a pair that is whole: nothing to say, of the active director and of the standby';

/** What is only in a tree for hosts without lvsctl. */
const OTHERS = 'rm -f /etc/default/ipvsadm /etc/ipvsadm.rules';

/** Both directors with what the description asks for, applied and configured in place; their daemons are to come. */
async function prepare(lab: Lab, description: string): Promise<[Host, Host]> {
  const [midas, estepe] = [lab.host('midas'), lab.host('estepe')];
  await realServer(lab.host('web1'), 'tcp:0.0.0.0:80');
  for (const one of [midas, estepe]) {
    await installLvsctl(one);
    await one.sh(`${OTHERS}; mkdir -p /etc/lvsctl; cat >/etc/lvsctl/lvs.yaml`, description);
  }
  const set = 'modprobe ip_vs && lvsctl apply && lvsctl configure';
  await Promise.all([midas, estepe].map(one => must(lab, one, set)));
  return [midas, estepe];
}

/** Of the active director and of the standby there is nothing to say. */
async function assertBothWhole(lab: Lab, both: readonly Host[]): Promise<void> {
  for (const said of await Promise.all(both.map(one => doctor(lab, one)))) assertWhole(said);
}

/** With the real heartbeat and the real mon on both. */
export const doctorHeartbeat: Scenario = {
  name: 'doctor-heartbeat',
  onlyNamed: true,
  descriptions: [HEARTBEAT],
  async run(check) {
    await withCluster(HEARTBEAT, async lab => {
      const [midas, estepe] = await prepare(lab, HEARTBEAT);
      for (const one of [midas, estepe]) await startHeartbeat(one);
      await lab.until('midas is active', () => holds(midas, VIP), 120);
      const mon = 'mon -f -c /etc/mon/mon.cf -P /run/mon.pid';
      // The tree's file for /etc/hosts, of which configure has made a part of that.
      for (const one of [midas, estepe]) await one.sh(`rm /etc/hosts.lvsctl; ${mon}`);

      await check(WHOLE, () => assertBothWhole(lab, [midas, estepe]));
      await check('sync daemons, mon and its alert: found on the active one, mended as printed', async () => {
        await midas.sh(`ipvsadm --stop-daemon master; ipvsadm --stop-daemon backup
          ipvsadm --start-daemon master --mcast-interface eth0 --syncid 51
          kill "$(cat /run/mon.pid)"; chmod 644 /usr/lib/mon/alert.d/lvs.alert`);
        const broken = await doctor(lab, midas, '--fix');
        assert.deepEqual(found(broken), [
          'alert-missing /usr/lib/mon/alert.d/lvs.alert',
          'checker-not-running mon',
          'file-differs /usr/lib/mon/alert.d/lvs.alert',
        ]);
        await midas.sh(`chmod 755 /usr/lib/mon/alert.d/lvs.alert; ${mon}`);
        assertWhole(await doctor(lab, midas));
      });
      await check('a standby that answers for the VIP is found from either side', async () => {
        await estepe.sh(`pkill -9 heartbeat; ip addr add ${VIP}/32 dev lo`);
        const [active, standby] = await Promise.all([doctor(lab, midas), doctor(lab, estepe)]);
        assert.ok(found(standby).includes(`vip-aside ${VIP}`), found(standby).join('\n'));
        assert.ok(found(standby).includes('failover-not-running heartbeat'), found(standby).join('\n'));
        assert.deepEqual(found(active), [`vip-twice ${VIP}`]);
        const aside = standby.findings.filter(({ code }) => code === 'vip-aside');
        await obey(lab, estepe, { ...standby, findings: aside });
        assertWhole(await doctor(lab, midas));
      });
    });
  },
};

/** With the real keepalived on both. */
export const doctorVrrp: Scenario = {
  name: 'doctor-vrrp',
  onlyNamed: true,
  descriptions: [VRRP],
  async run(check) {
    await withCluster(VRRP, async lab => {
      const [midas, estepe] = await prepare(lab, VRRP);
      await Promise.all([startKeepalived(midas), startKeepalived(estepe)]);
      await lab.until('midas is active', () => holds(midas, VIP), 60);

      await check(WHOLE, () => assertBothWhole(lab, [midas, estepe]));
      await check(
        'a keepalived that was killed leaves the VIP: two directors have it, and both say so',
        async () => {
          await midas.sh('pkill -9 keepalived');
          await lab.until('estepe has the VIP, too', () => holds(estepe, VIP), 60);
          const [old, active] = await Promise.all([doctor(lab, midas), doctor(lab, estepe)]);
          assert.deepEqual(found(old), ['failover-not-running keepalived', `vip-twice ${VIP}`]);
          assert.deepEqual(found(active), [`vip-twice ${VIP}`]);
          await midas.sh(`ip addr del ${VIP}/32 dev eth0`);
          await startKeepalived(midas);
          await assertBothWhole(lab, [midas, estepe]);
        },
      );
    });
  },
};
