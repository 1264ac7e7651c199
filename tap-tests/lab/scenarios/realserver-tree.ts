import assert from 'node:assert/strict';
import { ask, serve } from '../../../src/lab/acts.js';
import type { Host } from '../../../src/lab/lab.js';
import { folderOf, type Scenario, withCluster } from '../harness.js';
import { settingsOf } from '../host-state.js';
import { differences } from '../../../src/lab/kernel-table.js';

const SCRIPT = '/usr/local/sbin/realserver.lvs.dr';
const [OLD, NEW, STAYS] = ['192.168.45.26', '192.168.45.27', '192.168.45.28'];
const [OLD6, NEW6] = ['2001:db8:45::26', '2001:db8:45::27'];

/** A cluster of which some VIPs were replaced by others. */
function description(vip: string, vip6: string, vipOn: string): string {
  return `version: 1
directors: [ { name: midas, address: 192.168.45.23, address6: "2001:db8:45::23", interface: eth0 } ]
real_servers: { interface: eth0, vip_on: ${vipOn} }
hosts:
  web1: { address: 192.168.45.13, address6: "2001:db8:45::13" }
  web2: { address: 192.168.45.43, address6: "2001:db8:45::43", interface: eth1 }
  far1: { address: 198.51.100.7 }
  far2: { address: 198.51.100.8 }
services:
  - { name: web, address: ${vip}, port: 80, scheduler: rr, servers: [ web1, web2 ] }
  - { name: web6, address: "${vip6}", port: 80, scheduler: rr, servers: [ web1, web2 ] }
  - name: far
    address: ${STAYS}
    port: 80
    scheduler: rr
    forwarding: tunnel
    servers: [ { host: far1, tunnel: { type: ipip } }, { host: far2, tunnel: { type: gue, port: 6080 } } ]
  - { name: near, address: ${STAYS}, port: 81, servers: [ web1 ] }
`;
}

/** Only the commands that changed something; the script prints each as it runs it. */
const changes = (stderr: string): string[] => stderr.split('\n').filter(line => line.startsWith('# '));

async function act(host: Host, verb: string, code = 0): Promise<string[]> {
  const { exitCode, stdout, stderr } = await host.run(`${SCRIPT} ${verb}`);
  assert.equal(exitCode, code, `${host.name} ${verb}: ${stdout}${stderr}`);
  return changes(stderr);
}

/** The sysctls that differ, as `path: before -> after`. */
function changed(before: readonly string[], after: readonly string[]): string[] {
  const values = new Map(before.map(line => line.split(/:(?=[^:]*$)/) as [string, string]));
  return after.flatMap(line => {
    const [path, value] = line.split(/:(?=[^:]*$)/) as [string, string];
    const old = values.get(path);
    return /^ipv[46]\/conf\/(all|eth\d|lo)\//.test(path) && old !== value
      ? [`${path}: ${old} -> ${value}`]
      : [];
  });
}

/** The rendered tree on real servers, which have no Node: what it sets up, and that it gives all of it back. */
function scenario(name: string, vipOn: 'lo' | 'dummy0'): Scenario {
  const [first, second] = [description(OLD, OLD6, vipOn), description(NEW, NEW6, vipOn)];
  return {
    name,
    onlyNamed: vipOn === 'dummy0',
    descriptions: [first, second],
    async run(check) {
      await withCluster(first, async lab => {
        const servers = lab.role('server');
        const each = async <T>(work: (host: Host) => Promise<T>): Promise<T[]> =>
          Promise.all(servers.map(work));
        await each(async host => {
          assert.equal((await host.run('command -v node')).exitCode, 127);
          // A second interface, which hears no clients.
          await host.sh(
            'ip link add eth7 type dummy && ip addr add 10.7.7.7/24 dev eth7 && ip link set eth7 up',
          );
          await host.sh('echo 1 >/proc/sys/net/ipv4/conf/eth7/arp_ignore');
          // What a tunnel's device got when it was up for the first time, it keeps.
          await host.sh('modprobe ipip; ip link set tunl0 up; ip link set tunl0 down');
        });
        await lab.host('web2').sh('echo 2 >/proc/sys/net/ipv4/conf/all/arp_ignore');
        const before = await each(settingsOf);
        const served = async (vip: string, names: readonly string[]): Promise<void> => {
          const counts = await ask(lab.client, 'tcp', vip, 80, 4);
          assert.deepEqual(counts, Object.fromEntries(names.map(name => [name, 4 / names.length])), vip);
        };

        await check(`start makes each a real server, with the settings of its own interface`, async () => {
          await each(host => act(host, 'status', 3));
          await each(host => act(host, 'start'));
          await each(async host => assert.equal(await host.sh(`${SCRIPT} status`), 'running'));
          await each(host => serve(host, 'tcp:0.0.0.0:80', 'tcp:[::]:80'));
          await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
          await served(OLD, ['web1', 'web2']);
          await served(OLD6, ['web1', 'web2']);
          await served(STAYS, ['far1', 'far2']);
          const web1 = changed(
            before[servers.indexOf(lab.host('web1'))]!,
            await settingsOf(lab.host('web1')),
          );
          assert.deepEqual(web1, [
            'ipv4/conf/all/arp_announce: 0 -> 2',
            'ipv4/conf/all/arp_ignore: 0 -> 1',
            'ipv4/conf/eth0/arp_announce: 0 -> 2',
            'ipv4/conf/eth0/arp_ignore: 0 -> 1',
          ]);
          const web2 = changed(
            before[servers.indexOf(lab.host('web2'))]!,
            await settingsOf(lab.host('web2')),
          );
          assert.deepEqual(web2, [
            'ipv4/conf/all/arp_announce: 0 -> 2',
            'ipv4/conf/all/arp_ignore: 2 -> 1',
            'ipv4/conf/eth1/arp_announce: 0 -> 2',
            'ipv4/conf/eth1/arp_ignore: 0 -> 1',
          ]);
        });
        await check(`the VIPs are no source addresses`, async () => {
          const web1 = lab.host('web1');
          assert.match(await web1.sh('ip -4 route get 192.168.45.254'), / src 192\.168\.45\.13 /);
          assert.match(await web1.sh('ip -6 route get 2001:db8:45::99'), / src 2001:db8:45::13 /);
        });
        await check(`a second start changes nothing`, async () => {
          const settings = await each(settingsOf);
          assert.deepEqual(
            await each(host => act(host, 'start')),
            servers.map(() => []),
          );
          assert.deepEqual(await each(settingsOf), settings);
        });
        await check(`after a changed list of VIPs start takes the old ones back`, async () => {
          const trees = `${folderOf(second)}/trees`;
          await each(host => lab.install(host, `${trees}/realserver`));
          const web1 = lab.host('web1');
          assert.equal((await web1.run(`${SCRIPT} check`)).exitCode, 3);
          await each(host => act(host, 'start'));
          const held = await web1.sh('ip -o addr show');
          for (const vip of [OLD, OLD6]) assert.ok(!held.includes(` ${vip}/`), held);
          for (const vip of [NEW, NEW6, STAYS]) assert.ok(held.includes(` ${vip}/`), held);
          await each(async host => assert.equal(await host.sh(`${SCRIPT} status`), 'running'));
          await lab.install(lab.host('midas'), `${trees}/midas`);
          await lab.host('midas').sh('/etc/init.d/director.lvs.dr start');
          await served(NEW, ['web1', 'web2']);
          await served(STAYS, ['far1', 'far2']);
        });
        await check(`stop gives back exactly what was found, and is stopped twice`, async () => {
          await each(host => act(host, 'stop'));
          const after = await each(settingsOf);
          for (const [index, host] of servers.entries())
            assert.deepEqual(differences(before[index]!, after[index]!), [], host.name);
          await each(host => act(host, 'status', 3));
          assert.deepEqual(
            await each(host => act(host, 'stop')),
            servers.map(() => []),
          );
        });
      });
    },
  };
}

export const realServerTree = scenario('realserver-tree', 'lo');
export const realServerTreeDummy = scenario('realserver-tree-dummy', 'dummy0');
