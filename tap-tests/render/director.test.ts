import test from 'ava';
import { marked, server, service } from '../support/clusters.js';
import { directorHost, OWN_ADDRESSES as OWN } from '../support/director-host.js';

const WEB = service('192.168.45.26:80', ['192.168.45.13']);
const WEB6 = service('[2001:db8:45::26]:80', ['2001:db8:45::13']);
const NAT = service('192.168.45.27:80', [], { servers: [server('192.168.46.4', { forwarding: 'nat' })] });

test('start fills the table and then adds the addresses; stop takes the addresses away first', async t => {
  const gateway = { address: '192.168.46.1', prefix: 24, interface: 'eth1' };
  const host = await directorHost(t, { services: [WEB, WEB6, NAT], gateway });
  const { code, out } = host.director('start');
  t.is(code, 0);
  t.is(out, '');
  t.deepEqual(host.addresses.toSorted(), [
    'eth0 192.168.45.23/24',
    'eth0 192.168.45.26/32',
    'eth0 192.168.45.27/32',
    'eth0 2001:db8:45::23/64',
    'eth0 2001:db8:45::26/128',
    'eth1 192.168.46.1/24',
    'eth1 192.168.46.23/24',
    'eth1 2001:db8:46::23/64',
  ]);
  t.is(host.table.length, 6);
  const started = host.changes();
  t.deepEqual(started.slice(0, 3), ['modprobe ip_vs', 'modprobe ip_vs_wlc', 'modprobe ip_vs']);
  t.deepEqual(started.slice(-5), [
    '--set 900 120 300',
    'ip addr add 192.168.45.26/32 dev eth0',
    'ip addr add 2001:db8:45::26/128 dev eth0 preferred_lft 0',
    'ip addr add 192.168.45.27/32 dev eth0',
    'ip addr add 192.168.46.1/24 dev eth1',
  ]);
  t.is(host.director('stop').code, 0);
  t.deepEqual(host.addresses, OWN);
  t.deepEqual(host.table, []);
  t.deepEqual(
    host.changes().filter(line => !line.startsWith('modprobe')),
    [
      'ip addr del 192.168.45.26/32 dev eth0',
      'ip addr del 2001:db8:45::26/128 dev eth0',
      'ip addr del 192.168.45.27/32 dev eth0',
      'ip addr del 192.168.46.1/24 dev eth1',
      '-D -t 192.168.45.26:80',
      '-D -t [2001:db8:45::26]:80',
      '-D -t 192.168.45.27:80',
    ],
  );
});

test('starting twice and stopping twice is as once', async t => {
  const host = await directorHost(t, { services: [WEB, WEB6] });
  host.director('start');
  const [addresses, table] = [host.addresses, host.table];
  host.changes();
  t.is(host.director('start').code, 0);
  t.deepEqual(host.addresses, addresses);
  t.deepEqual(host.table, table);
  t.false(host.changes().some(line => line.startsWith('ip ')));
  t.is(host.director('stop').code, 0);
  t.is(host.director('stop').code, 0);
  t.deepEqual(host.addresses, OWN);
});

test('status says running with 0 only when nothing is missing, else stopped with 3 and what is missing', async t => {
  const host = await directorHost(t, { services: [WEB, marked(7, '192.168.45.28', ['192.168.45.13'])] });
  t.like(host.director('status'), { code: 3, out: 'stopped\n' });
  host.director('start');
  t.deepEqual(host.director('status'), { code: 0, out: 'running\n', err: '' });
  host.sh(`/usr/sbin/ip addr del 192.168.45.26/32 dev eth0; nft delete table inet lvsctl_marks
    ipvsadm -D -f 7; echo 0 >/proc/sys/net/ipv4/vs/expire_nodest_conn`);
  t.deepEqual(host.director('status'), {
    code: 3,
    out: 'stopped\n',
    err: `missing: the marks of /etc/lvsctl/marks.nft
missing: /proc/sys/net/ipv4/vs/expire_nodest_conn = 1
missing: service -f 7 is missing
missing: 192.168.45.26/32 on eth0
`,
  });
  t.is(host.director('restart').code, 0);
  t.is(host.director('status').code, 0);
});

test('every command that changes the machine is echoed, so that it can be replayed by hand', async t => {
  const host = await directorHost(t, { services: [WEB6] });
  t.is(
    host.director('start').err,
    `# modprobe ip_vs
# modprobe ip_vs_wlc
# echo 1 > /proc/sys/net/ipv4/vs/expire_nodest_conn
# echo 1 > /proc/sys/net/ipv4/vs/expire_quiescent_template
# /usr/local/sbin/fill_table
# modprobe ip_vs
# ipvsadm -A -t [2001:db8:45::26]:80 -s wlc
# ipvsadm -a -t [2001:db8:45::26]:80 -r [2001:db8:45::13]:80 -g -w 1
# ipvsadm --set 900 120 300
# echo 1 > /proc/sys/net/ipv6/conf/eth0/ndisc_notify
# echo 0 > /proc/sys/net/ipv6/conf/eth0/dad_transmits
# ip addr add 2001:db8:45::26/128 dev eth0 preferred_lft 0
`,
  );
});

test('a failure half-way ends the start before any address is added', async t => {
  const host = await directorHost(t);
  host.refuse('^-a ');
  const { code, err } = host.director('start');
  t.is(code, 1);
  t.regex(err, /director\.lvs\.dr: the table is not as it should be: not started\n$/);
  t.deepEqual(host.addresses, OWN);
  host.sh('rm /proc/sys/net/ipv4/vs/expire_nodest_conn; mkdir /proc/sys/net/ipv4/vs/expire_nodest_conn');
  const setting = host.director('start');
  t.is(setting.code, 1);
  t.regex(setting.err, /a setting of \/etc\/sysctl\.d\/60-lvsctl\.conf was not taken: not started/);
  host.program('modprobe', '#!/bin/sh\nexit 1\n');
  const module = host.director('start');
  t.is(module.code, 1);
  t.regex(module.err, /the module ip_vs cannot be loaded: not started/);
});

test('another user, a missing program and a wrong word have the codes of LSB', async t => {
  const host = await directorHost(t);
  t.is(host.director('reload').code, 2);
  t.is(host.run(['/etc/init.d/director.lvs.dr']).code, 2);
  host.remove('ipvsadm');
  t.is(host.director('start').code, 5);
  host.program('id', '#!/bin/sh\necho 1000\n');
  t.like(host.director('start'), { code: 4, err: 'director.lvs.dr: only root may do this\n' });
});
