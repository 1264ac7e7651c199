import { rmSync } from 'node:fs';
import test from 'ava';
import { healthy } from '../support/doctor-host.js';
import { type Breakage, says, setting, table, tryAll } from './breakage.js';

const ALONE = `version: 1
directors: [ { name: midas, address: 192.0.2.1, interface: eth0 } ]
gateway: { address: 192.0.3.254/24, interface: eth1 }
polling: { law: uptime }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.12 ] }
  - { name: web6, address: "2001:db8::100", port: 80, scheduler: wrr, servers: [ "2001:db8::11" ] }
  - { name: shop, fwmark: 7, match: [ { address: 192.0.2.101, port: 443 } ], scheduler: wrr, servers: [ 192.0.2.11 ] }
  - { name: nat, address: 192.0.2.102, port: 80, forwarding: nat, scheduler: wrr, servers: [ { address: 192.0.3.11, port: 8080 } ] }
`;
const SETTINGS: readonly Breakage[] = [
  ['ipv4/vs/expire_nodest_conn', '0', 'dead-server-keeps-clients'],
  ['ipv4/vs/expire_quiescent_template', '0', 'drained-server-keeps-clients'],
  ['ipv4/ip_forward', '0', 'no-forwarding'],
  ['ipv4/conf/eth1/send_redirects', '1', 'redirects-sent'],
  ['ipv4/vs/conn_reuse_mode', '0', 'ports-reused'],
].map(([path, value, code]) => ({
  what: `${path} = ${value}`,
  breaks: setting(path!, value!),
  found: [`${code} net.${path!.replaceAll('/', '.')}`],
  left: [],
}));

const BREAKAGES: readonly Breakage[] = [
  ...SETTINGS,
  {
    what: 'a scheduler that is not loaded',
    breaks: host => rmSync(`${host.root}/sys/module/ip_vs_wrr`, { recursive: true }),
    found: ['module-not-loaded module ip_vs_wrr'],
    left: [],
  },
  {
    what: 'a scheduler that the kernel lacks',
    breaks: host => {
      rmSync(`${host.root}/sys/module/ip_vs_wrr`, { recursive: true });
      host.lacking = /wrr/;
    },
    found: ['module-absent module ip_vs_wrr'],
  },
  {
    what: 'a scheduler that modprobe.d forbids',
    breaks: host => {
      rmSync(`${host.root}/sys/module/ip_vs_wrr`, { recursive: true });
      host.says.set('modprobe --show-depends ip_vs_wrr', { stdout: 'install /bin/false \n' });
    },
    found: ['module-absent module ip_vs_wrr'],
  },
  {
    what: 'a scheduler that is built in',
    breaks: host => {
      rmSync(`${host.root}/sys/module/ip_vs_wrr`, { recursive: true });
      host.says.set('modprobe --show-depends ip_vs_wrr', { stdout: 'builtin ip_vs_wrr\n' });
    },
    found: [],
  },
  {
    what: 'a server somebody has taken out of the table',
    breaks: table('-d -t 192.0.2.100:80 -r 192.0.2.12:80'),
    found: ['table-drift service web (192.0.2.100:80/tcp)'],
    left: [],
  },
  {
    what: 'a weight, a server and a scheduler that somebody has changed, and a service of others',
    breaks: table(
      '-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 7',
      '-a -t 192.0.2.100:80 -r 192.0.2.77:80 -g',
      '-E -t 192.0.2.102:80 -s rr',
      '-A -t 192.0.2.200:80 -s wrr',
    ),
    found: [
      'foreign-service service 192.0.2.200:80/tcp',
      'table-drift service nat (192.0.2.102:80/tcp)',
      'table-drift service web (192.0.2.100:80/tcp)',
    ],
    left: ['foreign-service service 192.0.2.200:80/tcp'],
  },
  {
    what: 'marks that a reload of the packet filter has flushed',
    breaks: host => {
      host.machine.marks = undefined;
    },
    found: ['no-marks firewall marks'],
    left: [],
  },
  {
    what: 'a VIP that is gone',
    breaks: host => host.machine.interfaces.get('eth0')!.splice(1, 1),
    found: ['vip-missing 192.0.2.100'],
  },
  {
    what: 'a gateway address that is gone',
    breaks: host => host.machine.interfaces.get('eth1')!.pop(),
    found: ['vip-missing 192.0.3.254'],
  },
  {
    what: 'a VIP on the wrong interface, and one on lo',
    breaks: host => {
      host.machine.interfaces.get('eth1')!.push(...host.machine.interfaces.get('eth0')!.splice(1, 1));
      host.machine.interfaces.get('lo')!.push({ local: '192.0.2.102', prefixlen: 32 });
    },
    found: ['vip-aside 192.0.2.102', 'vip-elsewhere 192.0.2.100'],
  },
  {
    what: 'an IPv6 VIP that is found to be another machine’s',
    breaks: host => {
      host.machine.interfaces.get('eth0')!.find(one => one.local === '2001:db8::100')!.dadfailed = true;
    },
    found: ['vip-failed 2001:db8::100'],
  },
  {
    what: 'an interface that is off, and one that is gone',
    breaks: host => {
      host.links = [{ ifname: 'eth0', operstate: 'DOWN', flags: ['BROADCAST'] }];
    },
    found: ['interface-absent interface eth1', 'interface-down interface eth0'],
  },
  {
    what: 'an interface without a link',
    breaks: host => {
      host.links[1]!.operstate = 'DOWN';
    },
    found: ['interface-down interface eth1'],
  },
  {
    what: 'servers without a route, behind a router, reached from a VIP',
    breaks: host => {
      host.routes.set('192.0.2.11', null);
      host.routes.set('192.0.2.12', 'via 192.0.2.254 dev eth0 src 192.0.2.1');
      host.routes.set('192.0.3.11', 'via 192.0.2.254 dev eth0 src 192.0.2.100');
    },
    found: [
      'server-not-on-link server 192.0.2.12',
      'server-unreachable server 192.0.2.11',
      'vip-as-source server 192.0.3.11',
    ],
  },
  {
    what: 'a sync daemon that nobody asked for',
    breaks: host => {
      host.machine.daemons = 'master sync daemon (mcast=eth0, syncid=3, maxlen=1472)\n';
    },
    found: ['sync-superfluous master sync daemon'],
  },
  {
    what: 'a load agent that does not answer',
    breaks: host =>
      host.says.set('timeout 3 bash -c exec 3<>"/dev/tcp/$1/$2" bash 192.0.2.12 2357', { exitCode: 124 }),
    found: ['agent-silent server 192.0.2.12'],
  },
  {
    what: 'a file that is missing, one that was edited, one with other permissions, one that is left over',
    breaks: host => {
      host.remove('/etc/modules-load.d/lvsctl.conf');
      host.put('/usr/local/sbin/fill_table', '#!/bin/sh\nexit 0\n', 0o755);
      const text = host.text('/etc/sysctl.d/60-lvsctl.conf');
      host.put('/etc/sysctl.d/60-lvsctl.conf', text, 0o600);
      host.put('/etc/cron.d/lvsctl-content', text);
    },
    found: [
      'file-differs /etc/sysctl.d/60-lvsctl.conf',
      'file-foreign /usr/local/sbin/fill_table',
      'file-leftover /etc/cron.d/lvsctl-content',
      'file-missing /etc/modules-load.d/lvsctl.conf',
    ],
  },
  {
    what: 'a description that says something else',
    breaks: host => host.put('/etc/lvsctl/lvs.yaml', ALONE.replace('192.0.2.12', '192.0.2.13')),
    found: ['description-differs /etc/lvsctl/lvs.yaml'],
  },
  {
    what: 'a description that says nothing',
    breaks: host => host.put('/etc/lvsctl/lvs.yaml', 'version: 1\nservces: []\n'),
    found: ['description-unusable /etc/lvsctl/lvs.yaml'],
  },
  {
    what: 'a unit that is switched off',
    breaks: says('systemctl is-enabled lvsctl-director.service', 'disabled\n'),
    found: ['unit-not-enabled lvsctl-director.service'],
  },
  {
    what: "Debian's ipvsadm service",
    breaks: host => host.put('/etc/default/ipvsadm', 'AUTO="false"\nAUTO="true"\nDAEMON="both" # x\n'),
    found: ['ipvsadm-service /etc/default/ipvsadm', 'ipvsadm-service /etc/default/ipvsadm'],
  },
  {
    what: "Debian's ipvsadm service as it comes",
    breaks: host => host.put('/etc/default/ipvsadm', '# AUTO="true"\nAUTO="false"\nDAEMON="none"\n'),
    found: [],
  },
  {
    what: 'a state folder that others may write to',
    breaks: host => {
      host.folder = '777 1000';
    },
    found: ['state-open /var/lib/lvsctl'],
    left: [],
  },
  {
    what: 'a full disk',
    breaks: host => {
      host.says.set('df -P -k', { stdout: 'Filesystem\n/dev/vda 1000 999 1 99% /\n' });
      host.says.set('df -P -i', { stdout: 'Filesystem\n/dev/vda 1000 999 1 99% /\n' });
    },
    found: ['disk-full /var/lib/lvsctl', 'disk-full /var/lib/lvsctl'],
  },
  {
    what: 'a disk that is read-only',
    breaks: host => host.says.set('test -w', { exitCode: 1 }),
    found: ['disk-read-only /var/lib/lvsctl'],
  },
  {
    what: 'a file system without a number of inodes',
    breaks: says('df -P -i', 'Filesystem\nbtrfs 0 0 0 - /\n'),
    found: [],
  },
  {
    what: 'kept state that can be done without',
    breaks: host => host.put('/var/lib/lvsctl/polling', 'no weights\u001b[2J\n'),
    found: ['state-damaged kept state'],
  },
  {
    what: 'many connections, and fewer rows',
    breaks: host => {
      host.put('/proc/sys/net/netfilter/nf_conntrack_count', '250000\n');
      host.put('/sys/module/ip_vs/parameters/conn_tab_bits', '10\n');
    },
    found: ['conntrack-full net.netfilter.nf_conntrack_max', 'table-size module ip_vs'],
  },
  {
    what: 'a clock that nothing keeps',
    breaks: says('timedatectl', 'no\n'),
    found: ['clock-free clock'],
  },
  {
    what: 'a rule that drops',
    breaks: says(
      'nft list ruleset',
      'table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t\ttcp dport 80 ip daddr 192.0.2.100 drop\n\t}\n}\n',
    ),
    found: ['firewall-drops 192.0.2.100:80/tcp'],
  },
];

tryAll(test, 'a director alone', t => healthy(t, ALONE), BREAKAGES);
