import assert from 'node:assert/strict';
import { arpAnswers, serve } from '../../../src/lab/acts.js';
import type { Host, Lab } from '../../../src/lab/lab.js';
import { PLACES } from '../../../src/render/places.js';
import { type Scenario, withCluster } from '../harness.js';
import { doctor, found, obey, type Said } from '../doctor.js';
import { installLvsctl } from '../lvsctl.js';

const [VIP, VIP6, NAT, FAR] = ['192.168.45.26', '2001:db8:45::26', '192.168.45.27', '192.168.45.29'];
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
  web2: { address: 192.168.45.43 }
  nat1: { address: 10.0.70.4 }
  far1: { address: 198.51.100.7 }
defaults: { scheduler: rr }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1, web2 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1 ] }
  - { name: dns, address: ${VIP}, port: 53, protocol: udp, servers: [ web1 ] }
  - { name: nat, address: ${NAT}, port: 8080, forwarding: nat, servers: [ { host: nat1, port: 80 } ] }
  - { name: far, address: ${FAR}, port: 80, forwarding: tunnel, servers: [ { host: far1, tunnel: { type: ipip } } ] }
`;

/** Of a director only what it hears of others: all else is another scenario's. */
const ON_WIRE = '--only arp-answers neighbour-answers tunnel-mtu';

/** What is found on these hosts, looked for at once. */
async function look(lab: Lab, hosts: readonly Host[], words = ''): Promise<Map<Host, Said>> {
  return new Map(
    await Promise.all(
      hosts.map(
        async host => [host, await doctor(lab, host, host.name === 'midas' ? ON_WIRE : words)] as const,
      ),
    ),
  );
}

/** `code subject` of each host of which there is something to say. */
function foundEach(all: ReadonlyMap<Host, Said>): Record<string, string[]> {
  const each = [...all].map(([{ name }, said]) => [name, found(said)] as const);
  return Object.fromEntries(each.filter(([, codes]) => codes.length > 0));
}

/** Types the commands of these findings. */
async function obeyOnly(lab: Lab, host: Host, said: Said, codes: readonly string[]): Promise<void> {
  const findings = said.findings.filter(one => codes.includes(one.code) && one.commands.length > 0);
  assert.deepEqual(new Set(findings.map(({ code }) => code)), new Set(codes), host.name);
  await obey(lab, host, { ...said, findings });
}

const KILL = 'pkill -f stand-in[.]pl';

/** Real servers of each kind, and who answers for the VIPs: silent where whole, and exactly what is broken is found. */
export const doctorRealserver: Scenario = {
  name: 'doctor-realserver',
  onlyNamed: true,
  descriptions: [DESCRIPTION],
  async run(check) {
    await withCluster(DESCRIPTION, async lab => {
      const names = ['midas', 'web1', 'web2', 'nat1', 'far1'];
      const all = names.map(one => lab.host(one)) as [Host, Host, Host, Host, Host];
      const [midas, web1, web2, nat1, far1] = all;
      await start(lab, all);

      await check('of a whole cluster there is nothing to say, on any of its hosts', async () => {
        assert.deepEqual(foundEach(await look(lab, all)), {});
      });

      let said = new Map<Host, Said>();
      await check('what is broken is found where it is, and by who hears it', async () => {
        await web1.sh(
          `cd /proc/sys/net/ipv4/conf
           for key in arp_ignore arp_announce; do echo 0 >all/$key; echo 0 >eth0/$key; done
           ip addr del ${VIP6}/128 dev lo
           echo 'net.ipv4.conf.all.arp_annouce = 2' >>/etc/sysctl.conf
           echo 'net.ipv4.conf.all.arp_ignore = 0' >/etc/sysctl.d/90-own.conf`,
        );
        await far1.sh('echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter; ip link set tunl0 down');
        await nat1.sh(`ip route replace default via 10.0.70.2; ${KILL}`);
        assert.equal(await arpAnswers(lab.client, VIP), 2);
        said = await look(lab, all);
        assert.deepEqual(foundEach(said), {
          midas: [`server-answers ${VIP}`],
          web1: [
            'arp-announced net.ipv4.conf.*.arp_announce',
            'arp-answered net.ipv4.conf.*.arp_ignore',
            'sysctl-contrary /etc/sysctl.d/90-own.conf',
            'sysctl-misspelt /etc/sysctl.conf',
            `vip-not-taken ${VIP6}`,
          ],
          web2: [`server-answers ${VIP}`],
          nat1: ['nat-way-back 10.0.70.4', 'nothing-listens nat'],
          far1: ['device-not-ready tunl0', 'tunnel-filtered net.ipv4.conf.tunl0.rp_filter'],
        });
      });

      await check(
        '--fix mends what is safe, and a printed command the rest; files and programs are left',
        async () => {
          await obeyOnly(lab, nat1, said.get(nat1)!, ['nat-way-back']);
          assert.deepEqual(foundEach(await look(lab, [web1, nat1, far1], '--fix')), {
            web1: ['sysctl-contrary /etc/sysctl.d/90-own.conf', 'sysctl-misspelt /etc/sysctl.conf'],
            nat1: ['nothing-listens nat'],
          });
          assert.equal(await arpAnswers(lab.client, VIP), 1);
          await web1.sh('rm /etc/sysctl.d/90-own.conf; sed -i /arp_annouce/d /etc/sysctl.conf');
          await serve(nat1, 'tcp:10.0.70.4:80');
        },
      );

      await check(
        'a VIP on the wire, one that is a source, a stranger who has one, a hole in the path',
        async () => {
          await web1.sh(
            `${KILL}; ip addr add ${VIP}/24 dev eth0; systemctl disable lvs-realserver.service 2>&1`,
          );
          await serve(web1, 'tcp:192.168.45.13:80', 'tcp:[::]:80', 'udp:0.0.0.0:53');
          await web2.sh(
            `ip addr del ${VIP}/32 dev lo; ip addr add ${VIP}/32 dev lo
           ip route add 192.168.45.23/32 dev eth0 src ${VIP}`,
          );
          await lab.client.sh(`ip addr add ${NAT}/32 dev eth0`);
          await lab.role('router')[0]!.sh(SWALLOW);
          said = await look(lab, [midas, web1, web2]);
          const stranger = `stranger-answers ${NAT}`;
          assert.deepEqual(foundEach(said), {
            midas: [`server-answers ${VIP}`, stranger, 'tunnel-hole server 198.51.100.7'],
            web1: [
              'listens-elsewhere web',
              'not-at-boot lvs-realserver.service',
              'set-up-refused set-up',
              stranger,
              'udp-wildcard dns',
              `vip-on-wire ${VIP}`,
            ],
            web2: [`server-answers ${VIP}`, `server-uses-vip ${VIP}`, stranger, `vip-may-be-source ${VIP}`],
          });
        },
      );

      await check('the printed commands mend what they can, and then there is nothing to say', async () => {
        await obeyOnly(lab, web1, said.get(web1)!, ['vip-on-wire', 'not-at-boot']);
        // With the address the kernel takes away the route that has it as its source.
        await obeyOnly(lab, web2, said.get(web2)!, ['vip-may-be-source']);
        await obeyOnly(lab, midas, said.get(midas)!, ['tunnel-hole']);
        await web1.sh(KILL);
        await serve(web1, 'tcp:0.0.0.0:80', 'tcp:[::]:80', UDP);
        await lab.client.sh(`ip addr del ${NAT}/32 dev eth0`);
        assert.deepEqual(foundEach(await look(lab, all)), {});
      });
    });
  },
};

/** What is larger than the way behind it takes vanishes, and nobody is told. */
const SWALLOW = `ip link set eth1 mtu 1400
  nft add table ip hole
  nft 'add chain ip hole out { type filter hook output priority 0; }'
  nft add rule ip hole out icmp type destination-unreachable drop`;

const UDP = `udp:${VIP}:53`;

async function start(lab: Lab, [midas, ...servers]: readonly [Host, ...Host[]]): Promise<void> {
  const [web1, web2, nat1, far1] = ['web1', 'web2', 'nat1', 'far1'].map(one => lab.host(one));
  await midas.sh('/etc/init.d/director.lvs.dr start');
  for (const host of [midas, ...servers]) {
    await installLvsctl(host);
    await host.sh('mkdir -p /etc/lvsctl && cat >/etc/lvsctl/lvs.yaml', DESCRIPTION);
  }
  for (const host of servers)
    await host.sh(`systemctl enable lvs-realserver.service 2>&1; ${PLACES.realServerScript} start`);
  await serve(web1!, 'tcp:0.0.0.0:80', 'tcp:[::]:80', UDP);
  await serve(web2!, 'tcp:0.0.0.0:80', 'tcp:[::]:80');
  await serve(nat1!, 'tcp:10.0.70.4:80');
  await serve(far1!, `tcp:${FAR}:80`);
}
