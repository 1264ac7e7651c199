import assert from 'node:assert/strict';
import { installActing } from '../../../src/lab/acting.js';
import { drillsOf } from '../../../src/lab/drills/drills.js';
import type { Lab } from '../../../src/lab/lab.js';
import { rehearse as run } from '../../../src/lab/rehearse.js';
import type { DrillResult } from '../../../src/lab/report.js';
import { createFiles } from '../../../src/system/files.js';
import { PROJECT, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const CHECK = 'check: { type: http, path: /up, expect: "fine", interval: 1s, timeout: 1s, retries: 0 }';

const PAIR = `version: 1
checker: keepalived
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.204, interface: eth0 }
failover: { by: vrrp, advert_interval: 500ms, sync_connections: true }
real_servers: { interface: eth0 }
services:
  - { name: web, address: 192.168.45.26, port: 80, scheduler: wrr, ${CHECK}, servers: [ 192.168.45.13, { address: 192.168.45.43, weight: 2 } ] }
  - { name: kept, address: 192.168.45.27, port: 80, persistence: { timeout: 60s, netmask: 24 }, ${CHECK}, servers: [ 192.168.45.13, 192.168.45.43 ] }
`;

const SINGLE = `version: 1
directors:
  - { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0, inner: { address: 10.0.70.2/24, interface: eth1 } }
gateway: { address: 10.0.70.1/24, interface: eth1 }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43, address6: "2001:db8:45::43" }
defaults: { scheduler: rr }
services:
  - { name: web, address: 192.168.45.26, port: 80, servers: [ web1, web2 ] }
  - { name: web6, address: "2001:db8:45::26", port: 80, servers: [ web1, web2 ] }
  - { name: dns, address: 192.168.45.26, port: 53, protocol: udp, one_packet: true, servers: [ web1, web2 ] }
  - { name: nat, address: 192.168.45.27, port: 8080, forwarding: nat, servers: [ { address: 10.0.70.4, port: 80 } ] }
  - { name: far, address: 192.168.45.29, port: 80, forwarding: tunnel, servers: [ 198.51.100.7 ] }
  - { name: shop, fwmark: 7, match: [ { address: 192.168.45.28, port: 80 }, { address: 192.168.45.28, port: 443 } ], persistence: 60s, servers: [ web1, web2 ] }
`;

const MON = `version: 1
checker: mon
directors: [ { name: midas, address: 192.168.45.23, interface: eth0 } ]
real_servers: { interface: eth0 }
defaults: { scheduler: wrr, check: { type: tcp, interval: 3s, timeout: 2s, retries: 1 } }
services:
  - { name: web, address: 192.168.45.26, port: 80, servers: [ 192.168.45.13, 192.168.45.43 ] }
  - { name: lone, address: 192.168.45.26, port: 81, servers: [ 192.168.45.13 ] }
`;

/** The drills with mon, whose alerts run lvsctl. */
export const rehearseMon: Scenario = {
  name: 'rehearse-mon',
  onlyNamed: true,
  descriptions: [MON],
  async run(check) {
    await withCluster(MON, async lab => {
      await check('with mon the table follows each death and each return', async () => {
        const acting = { file: 'lvs.yaml', text: MON, node: 'node' };
        await installActing(lab, acting, createFiles(), PROJECT);
        const results = await rehearsed(lab);
        assert.deepEqual(unlike(results, 'passed', 'not-run'), []);
        const deaths = results.filter(one => one.id === 'server-down');
        assert.deepEqual(
          deaths.map(one => one.outcome),
          ['passed', 'passed'],
        );
      });
    });
  },
};

/** The drills of `lvsctl lab rehearse`: on clusters that are right, and on one that is not. */
export const rehearse: Scenario = {
  name: 'rehearse',
  descriptions: [PAIR, SINGLE],
  async run(check) {
    await withCluster(PAIR, async lab => {
      await check('a pair of directors with keepalived passes every drill', async () => {
        const results = await rehearsed(lab);
        assert.deepEqual(unlike(results, 'passed'), []);
        const found = new Set(results.map(one => one.id));
        const all = ['arp', 'connections', 'director-down', 'director-return', 'keepalived-config', 'path'];
        assert.deepEqual([...found].toSorted(), [
          ...all,
          'persistence',
          'server-down',
          'table',
          'traffic',
          'up',
        ]);
      });
    });
    await withCluster(SINGLE, async lab => {
      await check('of a single director without checker the rest is not run, and says why', async () => {
        const results = await rehearsed(lab);
        assert.deepEqual(unlike(results, 'passed', 'not-run'), []);
        const reasons = results.filter(one => one.outcome === 'not-run').map(one => one.detail);
        const none = 'checker is none: nobody finds out that a server is dead';
        assert.deepEqual([...new Set(reasons)], [none, 'there is only one director']);
      });
      await check('what is broken by hand fails the drills that are about it, and no others', async () => {
        await lab.host('web1').sh('ip addr add 192.168.45.26/32 dev eth0');
        await lab.host('web2').sh(`pkill -9 -f '^perl .*stand-in'`);
        await lab.host('midas').sh('ipvsadm -e -t 192.168.45.29:80 -r 198.51.100.7 -i -w 3');
        const wanted = ['table', 'arp', 'traffic'];
        const results: string[] = [];
        for (const act of drillsOf(
          lab.cluster,
          lab.hosts.map(one => one.plan),
        )) {
          if (!wanted.includes(act.drills[0]!.id)) continue;
          const findings = await act.run(lab);
          for (const [index, { outcome }] of findings.entries()) {
            const { id, subject } = act.drills[index]!;
            if (outcome === 'failed') results.push(`${id} ${subject}`);
          }
        }
        assert.deepEqual(
          results.filter(one => one !== 'traffic shop'),
          ['table midas', 'arp 192.168.45.26', 'traffic web', 'traffic web6', 'traffic dns'],
        );
      });
    });
  },
};

async function rehearsed(lab: Lab): Promise<DrillResult[]> {
  const results: DrillResult[] = [];
  await run(lab, told => {
    if (told.event !== 'end') return;
    results.push(told);
    note(`${told.outcome} ${told.id} ${told.subject ?? ''}: ${told.detail} (${told.seconds} s)`);
  });
  return results;
}

function unlike(results: readonly DrillResult[], ...outcomes: readonly DrillResult['outcome'][]): string[] {
  return results
    .filter(one => !outcomes.includes(one.outcome))
    .map(one => `${one.id} ${one.subject ?? ''}: ${one.detail}`);
}
