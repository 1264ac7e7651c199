import assert from 'node:assert/strict';
import type { Lab } from '../../../src/lab/lab.js';
import { ask } from '../../../src/lab/acts.js';
import { realServer, type Scenario, withCluster } from '../harness.js';
import { note } from '../notes.js';

const VIP = '192.168.45.26';
const VIP6 = '2001:db8:45::26';
/** Seconds. On a busy machine a question takes some, too. */
const TIMEOUT = 20;
/** A connection that has ended is remembered for tcp_fin, and with it where its client belongs. */
const DESCRIPTION = `version: 1
directors: [ { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 } ]
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43, address6: "2001:db8:45::43" }
ipvs: { timeouts: { tcp: 900s, tcp_fin: 1s, udp: 300s } }
defaults: { scheduler: rr }
services:
  - { name: none, address: ${VIP}, port: 8000, servers: [ web1, web2 ] }
  - { name: short, address: ${VIP}, port: 8001, persistence: ${TIMEOUT}s, servers: [ web1, web2 ] }
  - { name: single, address: ${VIP}, port: 8002, persistence: 300s, servers: [ web1, web2 ] }
  - { name: network, address: ${VIP}, port: 8003, persistence: { timeout: 300s, netmask: 28 }, servers: [ web1, web2 ] }
  - { name: network6, address: "${VIP6}", port: 8003, persistence: { timeout: 300s, netmask: 120 }, servers: [ web1, web2 ] }
  - { name: flow, address: ${VIP}, port: 5300, protocol: udp, servers: [ web1, web2 ] }
  - { name: packet, address: ${VIP}, port: 5301, protocol: udp, one_packet: true, servers: [ web1, web2 ] }
  - name: shop
    fwmark: 7
    match: [ { address: 192.168.45.28, port: 80 }, { address: 192.168.45.28, port: 443 } ]
    persistence: 300s
    servers: [ web1, web2 ]
`;

/** Three of one network of 16 addresses, one of the next; over IPv6 of networks of 256. */
const NEAR = ['192.168.45.97', '192.168.45.98', '192.168.45.110'];
const FAR = '192.168.45.113';
const NEAR6 = ['2001:db8:45::101', '2001:db8:45::102', '2001:db8:45::1fe'];
const FAR6 = '2001:db8:45::201';

/** Which clients come back to which server, and for how long. */
export const persistence: Scenario = {
  name: 'persistence',
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      await prepare(lab);
      const { client } = lab;
      /** The one server that answers this client so many times; more than one is a failure. */
      const home = async (address: string, port: number, from?: string, count = 4): Promise<string> => {
        const answers = await ask(client, 'tcp', address, port, count, from ? { address: from } : undefined);
        assert.deepEqual(Object.values(answers), [count], JSON.stringify(answers));
        return Object.keys(answers)[0]!;
      };
      const homes = async (address: string, port: number, from: readonly string[]): Promise<string[]> => {
        const found: string[] = [];
        for (const one of from) found.push(await home(address, port, one, 2));
        return found;
      };

      await check('without persistence a client goes to each server in turn', async () => {
        assert.deepEqual(await ask(client, 'tcp', VIP, 8000, 6), { web1: 3, web2: 3 });
      });
      await check('a client stays with its server, and is free again once the time is over', async () => {
        const first = await home(VIP, 8001);
        await client.sh('sleep 3');
        assert.equal(await home(VIP, 8001), first);
        const seconds = await lab.until(
          'the kernel forgets the client',
          async () => {
            const known = await lab.host('midas').sh('ipvsadm -Lnc');
            return !known.includes(`${VIP}:8001`);
          },
          TIMEOUT + 30,
        );
        note(`forgotten after ${seconds} s, of which ${TIMEOUT} are the time of the description`);
        assert.ok(seconds > TIMEOUT - 2, `${seconds} s`);
        // In turn it is the other server's now.
        assert.notEqual(await home(VIP, 8001), first);
      });
      await check('by single addresses each client has a server of its own', async () => {
        const [one, two] = await homes(VIP, 8002, NEAR);
        assert.notEqual(one, two);
        assert.deepEqual(await homes(VIP, 8002, NEAR.slice(0, 2)), [one, two]);
      });
      await check(
        'by a netmask the clients of one network share a server, those of the next do not',
        async () => {
          const near = await homes(VIP, 8003, NEAR);
          assert.equal(new Set(near).size, 1, near.join());
          assert.notEqual(await home(VIP, 8003, FAR), near[0]);
        },
      );
      await check('the same by an IPv6 netmask', async () => {
        const near = await homes(VIP6, 8003, NEAR6);
        assert.equal(new Set(near).size, 1, near.join());
        assert.notEqual(await home(VIP6, 8003, FAR6), near[0]);
      });
      const udp = (port: number, from?: number): Promise<Record<string, number>> =>
        ask(client, 'udp', VIP, port, 6, from ? { address: NEAR[0]!, port: from } : undefined);
      await check('UDP: packets of one source port stay together, source ports are shared out', async () => {
        const first = await udp(5300, 20_001);
        assert.deepEqual(Object.values(first), [6], JSON.stringify(first));
        assert.deepEqual(await udp(5300, 20_001), first);
        const second = await udp(5300, 20_002);
        assert.deepEqual(Object.values(second), [6], JSON.stringify(second));
        assert.notDeepEqual(second, first);
        assert.deepEqual(await udp(5300), { web1: 3, web2: 3 });
      });
      await check('with one_packet each packet goes on by itself, whatever its source port', async () => {
        assert.deepEqual(await udp(5301, 20_001), { web1: 3, web2: 3 });
        assert.deepEqual(await udp(5301), { web1: 3, web2: 3 });
      });
      await check('two ports under one mark: each client has one server for both', async () => {
        const plain = await homes('192.168.45.28', 80, NEAR);
        assert.deepEqual(new Set(plain), new Set(['web1', 'web2']));
        assert.deepEqual(await homes('192.168.45.28', 443, NEAR), plain);
        assert.deepEqual(await homes('192.168.45.28', 80, NEAR.toReversed()), plain.toReversed());
      });
    });
  },
};

async function prepare(lab: Lab): Promise<void> {
  const added = [...NEAR, FAR].map(one => `ip addr add ${one}/24 dev eth0`);
  const added6 = [...NEAR6, FAR6].map(one => `ip addr add ${one}/64 nodad dev eth0`);
  await lab.client.sh([...added, ...added6].join('\n'));
  await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
  const ports = [8000, 8001, 8002, 8003].map(port => `tcp:${VIP}:${port}`);
  const shop = [80, 443].map(port => `tcp:192.168.45.28:${port}`);
  const udp = [5300, 5301].map(port => `udp:${VIP}:${port}`);
  await Promise.all(
    lab.role('server').map(async one => {
      await realServer(one, ...ports, ...shop, ...udp, `tcp:[${VIP6}]:8003`);
    }),
  );
}
