import assert from 'node:assert/strict';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { arpAnswers, ask } from '../../../src/lab/acts.js';
import { Connections } from '../connections.js';
import { holds, startHeartbeat } from '../daemons.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const VIP6 = '2001:db8:45::26';
const DEADTIME = 3;
const pair = (preempt: boolean): string => `version: 1
directors:
  - { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 }
  - { name: estepe, address: 192.168.45.204, address6: "2001:db8:45::204", interface: eth0 }
failover:
  by: heartbeat
  links: [ eth0, eth2 ]
  preempt: ${preempt}
  heartbeat: { keepalive: 200ms, warntime: 1s, deadtime: ${DEADTIME}s, initdead: 6s }
hosts: { web1: { address: 192.168.45.13, address6: "2001:db8:45::13" } }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1 ] }
`;
const STAYS = pair(false);
const RETURNS = pair(true);

/** heartbeat's own word of director.lvs.dr on a host. */
async function state(director: Host): Promise<string> {
  return (await director.run('/etc/ha.d/resource.d/director.lvs.dr status 2>/dev/null')).stdout.trim();
}

/** The VIPs are on the one director and not on the other. */
async function isActive(one: Host, other: Host): Promise<boolean> {
  const [here, here6, there] = await Promise.all([holds(one, VIP), holds(one, VIP6), holds(other, VIP)]);
  return here && here6 && !there;
}

/** Both directors start together, and the primary becomes active. */
async function start(lab: Lab): Promise<[Host, Host]> {
  const [midas, estepe, web] = [lab.host('midas'), lab.host('estepe'), lab.host('web1')];
  await realServer(web, `tcp:${VIP}:80`, `tcp:[${VIP6}]:80`);
  await Promise.all([startHeartbeat(midas), startHeartbeat(estepe)]);
  const seconds = await lab.until('midas is active', () => isActive(midas, estepe), 90);
  note(`active after ${seconds} s`);
  return [midas, estepe];
}

/** The first director dies; the other one serves, over both families. @returns the seconds until it does */
async function takeOver(lab: Lab, midas: Host, estepe: Host): Promise<number> {
  await midas.kill();
  const seconds = await lab.until('estepe is active', () => isActive(estepe, midas), 60);
  note(`moved after ${seconds} s, of which ${DEADTIME} are deadtime`);
  await lab.until('the client is served', async () => !('-' in (await ask(lab.client, 'tcp', VIP, 80, 1))));
  return seconds;
}

/** heartbeat on the director that was dead, which the other one then takes for alive. */
async function comeBack(lab: Lab, midas: Host, estepe: Host): Promise<void> {
  await lab.restart(midas);
  await startHeartbeat(midas);
  await lab.until(
    'estepe hears midas',
    async () => (await estepe.run('cl_status nodestatus midas')).stdout.trim() === 'active',
    60,
  );
}

/** A pair under heartbeat with short times: links, death, and the return as the description has it. */
export const heartbeatPair: Scenario = {
  name: 'heartbeat-pair',
  onlyNamed: true,
  descriptions: [STAYS, RETURNS],
  async run(check) {
    await withCluster(STAYS, async lab => {
      const [midas, estepe] = await start(lab);
      await check('the primary is active: heartbeat says running here and stopped there', async () => {
        assert.equal(await state(midas), 'running');
        assert.equal(await state(estepe), 'stopped');
        assert.equal(await arpAnswers(lab.client, VIP), 1);
      });
      await check('one link is silent, then the other one: nothing moves', async () => {
        const silent = `table inet silence { chain in { type filter hook input priority 0;
          iifname "eth0" udp dport 694 drop; }; }`;
        await estepe.sh(`nft '${silent}'; sleep ${DEADTIME + 1}`);
        assert.ok(await isActive(midas, estepe));
        await estepe.sh(
          `nft delete table inet silence; sleep 1; ip link set eth2 down; sleep ${DEADTIME + 1}`,
        );
        assert.ok(await isActive(midas, estepe));
        await estepe.sh('ip link set eth2 up');
      });
      await check('it dies: the addresses move, and the connections with them', async () => {
        const connections = new Connections(lab);
        await connections.open('idle', VIP, 80);
        await connections.open('idle IPv6', VIP6, 80);
        await connections.open('busy', VIP, 80, 100);
        await lab.client.sh('sleep 4');
        const outage = await takeOver(lab, midas, estepe);
        assert.equal(await state(estepe), 'running');
        assert.deepEqual(await connections.survivors(outage), ['idle', 'idle IPv6', 'busy']);
      });
      await check('it returns: the addresses stay where they are', async () => {
        await comeBack(lab, midas, estepe);
        await midas.sh('sleep 5');
        assert.ok(await isActive(estepe, midas));
        assert.equal(await state(midas), 'stopped');
        assert.deepEqual(await ask(lab.client, 'tcp', VIP6, 80, 3), { web1: 3 });
      });
    });
    await withCluster(RETURNS, async lab => {
      const [midas, estepe] = await start(lab);
      await check('with preempt a primary that returns takes the addresses back', async () => {
        await takeOver(lab, midas, estepe);
        await comeBack(lab, midas, estepe);
        const seconds = await lab.until('midas is active', () => isActive(midas, estepe), 60);
        note(`back after ${seconds} s more`);
        assert.equal(await state(estepe), 'stopped');
        assert.equal(await arpAnswers(lab.client, VIP), 1);
        assert.deepEqual(await ask(lab.client, 'tcp', VIP6, 80, 3), { web1: 3 });
      });
    });
  },
};
