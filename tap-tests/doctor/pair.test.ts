import test, { type ExecutionContext } from 'ava';
import { type DoctorHost, healthy } from '../support/doctor-host.js';
import { type Breakage, setting, tryAll } from './breakage.js';

const HEARTBEAT = `version: 1
checker: mon
directors:
  - { name: midas, address: 192.0.2.1, interface: eth0 }
  - { name: estepe, address: 192.0.2.2, interface: eth0 }
failover: { by: heartbeat, links: [ eth0, eth1 ], sync_connections: true }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ 192.0.2.11, 192.0.2.1 ] }
`;

const PAIR: readonly Breakage[] = [
  {
    what: 'daemons that do not run',
    breaks: host => {
      host.ended(7);
      host.ended(101);
    },
    found: ['checker-not-running mon', 'failover-not-running heartbeat'],
  },
  {
    what: 'mon with another file, and an alert that cannot run',
    breaks: host => {
      host.process(7, '/usr/bin/perl', '/usr/sbin/mon', '-f', '-c', '/etc/mon/other.cf');
      host.put('/usr/lib/mon/alert.d/lvs.alert', host.text('/usr/lib/mon/alert.d/lvs.alert'), 0o644);
    },
    found: [
      'alert-missing /usr/lib/mon/alert.d/lvs.alert',
      'daemon-other-file mon',
      'file-differs /usr/lib/mon/alert.d/lvs.alert',
    ],
  },
  {
    what: 'sync daemons that are missing or speak elsewhere',
    breaks: host => {
      host.machine.daemons = 'master sync daemon (mcast=eth0, syncid=51, maxlen=1472)\n';
    },
    found: ['sync-differs master sync daemon', 'sync-missing backup sync daemon'],
    left: [],
  },
  {
    what: 'settings that fit a standby, on the active one',
    breaks: setting('ipv4/vs/backup_only', '1'),
    found: ['standby-balances net.ipv4.vs.backup_only'],
    left: [],
  },
  {
    what: 'settings of the synchronisation',
    breaks: setting('ipv4/vs/sync_threshold', '3\t50'),
    found: ['connections-sent-late net.ipv4.vs.sync_threshold'],
    left: [],
  },
  {
    what: 'a standby that has everything it needs',
    breaks: host => {
      host.machine.interfaces.get('eth0')!.splice(1);
      host.says.set('arping -D', {
        exitCode: 1,
        stdout: 'Unicast reply from 192.0.2.100 [02:00:00:00:00:02]\n',
      });
      host.machine.daemons = host.machine.daemons.replace(/^master.*\n/m, '');
      host.put('/proc/sys/net/ipv4/vs/backup_only', '1\n');
    },
    found: [],
  },
  {
    what: 'nobody with the VIP',
    breaks: host => {
      host.machine.interfaces.get('eth0')!.splice(1);
      host.put('/proc/sys/net/ipv4/vs/backup_only', '1\n');
    },
    found: ['vip-nowhere virtual addresses'],
  },
];

async function pair(t: ExecutionContext): Promise<DoctorHost> {
  const host = await healthy(t, HEARTBEAT);
  host.process(7, '/usr/bin/perl', '/usr/sbin/mon', '-f', '-c', '/etc/mon/mon.cf');
  host.process(101, 'heartbeat: master control process');
  host.process(102, '/usr/sbin/ntpd', '-c', 'mon');
  return host;
}

tryAll(test, 'one of a pair', pair, PAIR);
