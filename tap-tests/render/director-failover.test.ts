import test from 'ava';
import type { Cluster, FailoverBy } from '../../src/cluster/cluster.js';
import { cluster, marked, service } from '../support/clusters.js';
import { directorHost, OWN_ADDRESSES as OWN } from '../support/director-host.js';

const WEB = service('192.168.45.26:80', ['192.168.45.13']);

function failover(by: FailoverBy): Partial<Cluster> {
  return { failover: { ...cluster().failover, by, links: ['eth1'], syncConnections: by !== 'none' } };
}

test('standby does all but the addresses and the sending of connections', async t => {
  const host = await directorHost(t, {
    ...failover('heartbeat'),
    services: [WEB, marked(7, '192.168.45.28', ['192.168.45.13'])],
  });
  const { code } = host.director('standby');
  t.is(code, 0);
  t.deepEqual(host.addresses, OWN);
  t.is(host.table.length, 4);
  t.is(
    host.sh('ipvsadm -Ln --daemon'),
    'backup sync daemon (mcast=eth1, syncid=51, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)',
  );
  t.is(host.setting('ipv4/vs/sync_threshold'), '2 10');
  t.is(host.sh('nft list table inet lvsctl_marks | grep -c "mark set 0x00000007"'), '3');
  t.like(host.director('status'), { code: 3, out: 'stopped\n' });
});

test('with heartbeat start sends connections before the addresses come, and stop ends only the sending', async t => {
  const host = await directorHost(t, failover('heartbeat'));
  host.director('standby');
  host.changes();
  t.is(host.director('start').code, 0);
  t.deepEqual(host.changes().slice(-2), [
    'ipvsadm --start-daemon master --mcast-interface eth1 --syncid 51',
    'ip addr add 192.168.45.26/32 dev eth0',
  ]);
  t.is(host.director('status').out, 'running\n');
  t.is(host.director('start').code, 0);
  t.is(host.director('stop').code, 0);
  t.regex(host.sh('ipvsadm -Ln --daemon'), /^backup .*$/);
  t.is(host.director('stop').code, 0);
});

test('with heartbeat only a standby that serves leaves packets alone: both daemons run on the active one', async t => {
  // The director's own address is a server's.
  const host = await directorHost(
    t,
    {
      ...failover('heartbeat'),
      services: [service('192.168.45.26:80', ['192.168.45.13', '192.168.45.23'])],
    },
    { serves: true },
  );
  host.director('standby');
  t.is(host.setting('ipv4/vs/backup_only'), '1');
  t.is(host.director('start').code, 0);
  t.is(host.setting('ipv4/vs/backup_only'), '0');
  t.is(host.director('status').out, 'running\n');
  t.notRegex(host.director('start').err, /backup_only/);
  host.director('stop');
  t.is(host.setting('ipv4/vs/backup_only'), '1');
  t.notRegex(host.director('stop').err, /backup_only/);
});

test('a sync daemon with other settings is replaced', async t => {
  const host = await directorHost(t, failover('heartbeat'));
  host.sh('ipvsadm --start-daemon backup --mcast-interface eth1 --syncid 5');
  t.is(host.director('start').code, 0);
  t.is(
    host.sh('ipvsadm -Ln --daemon | cut -d, -f1,2'),
    'backup sync daemon (mcast=eth1, syncid=51\nmaster sync daemon (mcast=eth1, syncid=51',
  );
});

test('with VRRP addresses and sync daemons are left to keepalived', async t => {
  const host = await directorHost(t, failover('vrrp'));
  t.is(host.director('start').code, 0);
  t.deepEqual(host.addresses, OWN);
  t.is(host.sh('ipvsadm -Ln --daemon'), '');
  t.is(host.director('status').out, 'running\n');
  host.sh('ip addr add 192.168.45.26/32 dev eth0');
  const refused = host.director('stop');
  t.is(refused.code, 1);
  t.regex(refused.err, /keepalived has addresses here/);
  t.is(host.table.length, 2);
  host.sh('ip addr del 192.168.45.26/32 dev eth0');
  t.is(host.director('stop').code, 0);
  t.deepEqual(host.table, []);
  t.is(host.director('status').code, 3);
});

test('with the checker keepalived marks and settings are all there is to do', async t => {
  const services = [
    { ...WEB, check: { ...WEB.check, type: 'ping' as const } },
    marked(7, '192.168.45.28', ['192.168.45.13']),
  ];
  const host = await directorHost(t, { ...failover('vrrp'), checker: 'keepalived', services });
  host.given('-A -t 192.168.45.26:80 -s rr');
  t.like(host.director('status'), { code: 3, out: 'stopped\n' });
  t.is(host.director('start').code, 0);
  t.is(host.director('status').out, 'running\n');
  t.is(host.setting('ipv4/ping_group_range'), '0 2147483647');
  t.is(host.director('stop').code, 0);
  t.deepEqual(host.table, ['-A -t 192.168.45.26:80 -s rr']);
  t.is(host.run(['nft', 'list', 'table', 'inet', 'lvsctl_marks']).code, 1);
});

test('where lvsctl runs start, stop and status are its own, so that drains survive', async t => {
  const host = await directorHost(t, failover('heartbeat'));
  // One that has applied, but cannot start a director yet, leaves it to the script.
  host.program('lvsctl', '#!/bin/sh\n[ "$1" != help ] || exit 64\necho "lvsctl $*"\nexit 3\n');
  host.sh('mkdir -p /var/lib/lvsctl/generations; touch /var/lib/lvsctl/generations/current');
  t.is(host.director('start').code, 0);
  host.sh('rm /var/lib/lvsctl/generations/current');
  host.program('lvsctl', '#!/bin/sh\n[ "$1" != help ] || exit 0\necho "lvsctl $*"\nexit 3\n');
  t.is(host.director('start').code, 0, 'nothing was applied yet');
  host.sh('touch /var/lib/lvsctl/generations/current');
  for (const action of ['start', 'stop', 'status']) {
    t.deepEqual(host.director(action), { code: 3, out: `lvsctl director ${action}\n`, err: '' });
  }
  t.is(host.director('standby').out, 'lvsctl director start --standby\n');
});
