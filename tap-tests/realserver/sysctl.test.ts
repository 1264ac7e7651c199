import { readFileSync, statSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { ARP, Host } from './support.js';

const VIP = 'vip 10.0.0.11 10.0.0.50 lo\n';

test('the settings are on the interface that holds the RIP, also if its name has a dot, and come before the VIP', t => {
  const host = new Host(t, { device: 'eth0.100' });
  host.settings(VIP + ARP);
  const { err } = host.lvs('start');
  t.is(host.sysctl('ipv4/conf/all/arp_ignore'), '1');
  t.is(host.sysctl('ipv4/conf/eth0.100/arp_ignore'), '1');
  t.is(host.sysctl('ipv4/conf/eth0.100/arp_announce'), '2');
  t.true(err.indexOf('/eth0.100/arp_announce') < err.indexOf('ip addr add'));
});

test('an interface line says where clients are heard, and several lines name several', t => {
  const host = new Host(t);
  host.sh('ip link add front type veth peer name back');
  host.settings(
    `${ARP + VIP}interface 10.0.0.11 front\ninterface 10.0.0.11 back\ninterface 10.0.0.12 elsewhere\n`,
  );
  t.is(host.lvs('start').code, 0);
  t.deepEqual(
    ['front', 'back', 'eth0'].map(name => host.sysctl(`ipv4/conf/${name}/arp_ignore`)),
    ['1', '1', '0'],
  );
});

test('a host with IPv6 VIPs only, or with filters only, keeps its ARP settings', t => {
  const host = new Host(t);
  host.settings(`${ARP}vip 10.0.0.11 2001:db8::50 lo\nfilter 10.0.0.11 10.0.0.60 tcp 80\n`);
  t.is(host.lvs('start').code, 0);
  t.is(host.sysctl('ipv4/conf/all/arp_ignore'), '0');
});

test('stop restores exactly what start found', t => {
  const host = new Host(t);
  host.sh(
    'echo 2 > /proc/sys/net/ipv4/conf/eth0/arp_ignore; echo 1 > /proc/sys/net/ipv4/conf/all/arp_announce',
  );
  host.settings(ARP + VIP);
  const before = host.picture;
  host.lvs('start');
  t.is(host.sysctl('ipv4/conf/eth0/arp_ignore'), '1');
  host.lvs('stop');
  t.is(host.picture, before);
});

test('a setting that somebody changed since is named and left', t => {
  const host = new Host(t);
  host.settings(ARP + VIP);
  host.lvs('start');
  host.sh('echo 8 > /proc/sys/net/ipv4/conf/all/arp_ignore');
  const { code, err } = host.lvs('stop');
  t.is(code, 0);
  t.regex(err, /conf\/all\/arp_ignore is 8, not the 1 that was set here: left as it is/);
  t.is(host.sysctl('ipv4/conf/all/arp_ignore'), '8');
  t.is(host.sysctl('ipv4/conf/all/arp_announce'), '0');
});

test('an interface that was renamed keeps its values, and the message says where to look', t => {
  const host = new Host(t);
  host.settings(ARP + VIP);
  host.lvs('start');
  host.sh('ip link set eth0 down; ip link set eth0 name lan0; ip link set lan0 up');
  const { code, err } = host.lvs('stop');
  t.is(code, 0);
  t.true(
    err.includes(
      "conf/eth0/arp_ignore is gone: nothing to restore; if eth0 has another name now, that one keeps 1: sysctl -a --pattern '[.]arp_ignore$' shows all\n",
    ),
    err,
  );
  t.is(host.sysctl('ipv4/conf/lan0/arp_ignore'), '1');
  t.is(host.sysctl('ipv4/conf/all/arp_ignore'), '0');
  t.is(host.found, undefined);
});

test('a start that mends a changed setting still remembers what was found at first', t => {
  const host = new Host(t);
  host.settings(ARP + VIP);
  host.lvs('start');
  host.sh('echo 8 > /proc/sys/net/ipv4/conf/all/arp_ignore');
  t.regex(host.lvs('status').err, /^missing: sysctl net\/ipv4\/conf\/all\/arp_ignore 1$/m);
  host.lvs('start');
  host.lvs('stop');
  t.is(host.sysctl('ipv4/conf/all/arp_ignore'), '0');
});

test('what an earlier boot found is void: start replaces it, stop does nothing but remove it', t => {
  const host = new Host(t);
  host.settings(ARP + VIP);
  host.lvs('start');
  const boot = (text: string) => text.replace(/^boot=.*$/m, 'boot=00000000-0000-0000-0000-000000000000');
  writeFileSync(
    host.foundFile,
    boot(readFileSync(host.foundFile, 'utf8')).replace('arp_ignore=0 1', 'arp_ignore=7 1'),
  );
  // The "reboot": everything that start did is gone.
  host.sh(
    'ip addr del 10.0.0.50/32 dev lo; for s in ignore announce; do for d in all eth0; do echo 0 > /proc/sys/net/ipv4/conf/$d/arp_$s; done; done',
  );
  host.lvs('start');
  t.regex(host.found ?? '', /all\/arp_ignore=0 1/);

  writeFileSync(host.foundFile, boot(host.found ?? ''));
  t.regex(host.lvs('stop').err, /is of an earlier boot: nothing of it is in force/);
  t.is(host.found, undefined);
  t.is(host.sysctl('ipv4/conf/all/arp_ignore'), '1');
});

test('what was found is readable by root only', t => {
  const host = new Host(t);
  host.settings(VIP);
  host.lvs('start');
  t.is(statSync(host.foundFile).mode & 0o777, 0o600);
});
