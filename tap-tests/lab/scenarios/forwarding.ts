import assert from 'node:assert/strict';
import type { Host } from '../../../src/lab/lab.js';
import { ask, serve } from '../../../src/lab/acts.js';
import { type Scenario, withCluster } from '../harness.js';

const DESCRIPTION = `version: 1
directors:
  - name: midas
    address: 192.168.45.23
    address6: "2001:db8:45::23"
    interface: eth0
    inner: { address: 10.0.70.2/24, interface: eth1 }
gateway: { address: 10.0.70.1/24, interface: eth1 }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43, address6: "2001:db8:45::43" }
  nat1: { address: 10.0.70.4 }
  nat2: { address: 10.0.70.5 }
  far1: { address: 198.51.100.7 }
  far2: { address: 198.51.100.8 }
  far3: { address: 198.51.100.9 }
defaults: { scheduler: rr }
services:
  - { name: web6, address: "2001:db8:45::26", port: 80, servers: [ web1, web2 ] }
  - { name: dns, address: 192.168.45.26, port: 53, protocol: udp, one_packet: true, servers: [ web1, web2 ] }
  - { name: nat, address: 192.168.45.27, port: 8080, forwarding: nat, servers: [ { host: nat1, port: 80 }, { host: nat2, port: 80 } ] }
  - name: far
    address: 192.168.45.29
    port: 80
    forwarding: tunnel
    servers:
      - { host: far1, tunnel: { type: ipip } }
      - { host: far2, tunnel: { type: gre } }
      - { host: far3, tunnel: { type: gue, port: 6080 } }
  - name: shop
    fwmark: 7
    match: [ { address: 192.168.45.28, port: 80 }, { address: 192.168.45.28, port: 443 } ]
    persistence: 60s
    servers: [ web1, web2 ]
`;

/** Every way to a server that is not direct routing of IPv4 and TCP. */
export const forwarding: Scenario = {
  name: 'forwarding',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const own = (one: Host): string => one.plan.links[0]!.addresses[0]!.split('/')[0]!;
      const servers = lab.role('server');
      const endpoints: Record<string, string[]> = {
        web: [
          'tcp:[2001:db8:45::26]:80',
          'udp:192.168.45.26:53',
          'tcp:192.168.45.28:80',
          'tcp:192.168.45.28:443',
        ],
        far: ['tcp:192.168.45.29:80'],
      };
      const shared = async (
        how: 'tcp' | 'udp',
        address: string,
        port: number,
        each: Record<string, number>,
      ): Promise<void> => {
        const count = Object.values(each).reduce((a, b) => a + b, 0);
        assert.deepEqual(await ask(lab.client, how, address, port, count), each);
      };

      await check('the director and all kinds of real servers start', async () => {
        await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
        for (const one of servers) {
          const kind = one.name.slice(0, 3);
          if (kind !== 'nat') await one.sh('/usr/local/sbin/realserver.lvs.dr start');
          await serve(one, ...(endpoints[kind] ?? [`tcp:${own(one)}:80`]));
        }
        const status = await lab.host('midas').run('/etc/init.d/director.lvs.dr status');
        assert.equal(status.stdout.trim(), 'running', status.stderr);
      });
      await check('IPv6 by direct routing', () => shared('tcp', '2001:db8:45::26', 80, { web1: 4, web2: 4 }));
      await check('UDP, each packet for itself', () =>
        shared('udp', '192.168.45.26', 53, { web1: 4, web2: 4 }),
      );
      await check('NAT, to another port', () => shared('tcp', '192.168.45.27', 8080, { nat1: 4, nat2: 4 }));
      await check('tunnels of all three kinds, through a router', () =>
        shared('tcp', '192.168.45.29', 80, { far1: 4, far2: 4, far3: 4 }),
      );
      await check('two ports under one mark stay with one server', async () => {
        const plain = await ask(lab.client, 'tcp', '192.168.45.28', 80, 4);
        assert.equal(Object.keys(plain).length, 1, JSON.stringify(plain));
        assert.deepEqual(await ask(lab.client, 'tcp', '192.168.45.28', 443, 4), plain);
        assert.ok(!('-' in plain));
      });
    });
  },
};
