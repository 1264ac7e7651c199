import test, { type ExecutionContext } from 'ava';
import { ARP, Host } from './support.js';

const BOTH = `${ARP}vip 10.0.0.11 10.0.0.50 lo\nvip 2001:db8::11 2001:db8::50 lo\n`;
const NOTE = '2001:db8::11, by which this host is known, is not here now: what it took for that stays';
const LINK_UP = 'ip link set eth0 up; ip -6 addr add 2001:db8::11/64 dev eth0 nodad';

const away = (t: ExecutionContext, shell: string) => {
  const host = new Host(t, { shell });
  host.settings(BOTH);
  const before = host.picture;
  host.lvs('start');
  // With the link the kernel takes away the IPv6 address.
  host.sh('ip link set eth0 down');
  const { code, err } = host.lvs('start');
  t.is(code, 0);
  t.is(err, `realserver.lvs.dr: ${NOTE}\n`);
  t.regex(host.addresses('lo'), /2001:db8::50\/128/);
  t.deepEqual([host.lvs('check').code, host.sysctl('ipv4/conf/eth0/arp_ignore')], [0, '1']);
  host.sh('ip -6 addr del 2001:db8::50/128 dev lo');
  t.is(host.lvs('start').code, 0);
  t.regex(host.addresses('lo'), /2001:db8::50\/128/, 'and it is added again');

  host.sh(LINK_UP);
  t.deepEqual(host.lvs('start'), { code: 0, out: '', err: '' });
  t.is(host.lvs('stop').code, 0);
  t.is(host.picture, before);
};

test('with its link down a host keeps what it took for an address that is away', away, 'sh');
test('the same under busybox sh', away, 'busybox sh');

test('what the settings name no more goes, whatever is away', t => {
  const host = new Host(t);
  host.settings(`${BOTH}vip 2001:db8::11 2001:db8::51 lo\n`);
  host.lvs('start');
  host.sh('ip link set eth0 down');
  host.settings(BOTH);
  t.regex(host.lvs('start').err, /^# ip addr del 2001:db8::51\/128 dev lo$/m);
  t.regex(host.addresses('lo'), /2001:db8::50\/128/);
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 lo\n`);
  t.is(host.lvs('start').err, '# ip addr del 2001:db8::50/128 dev lo\n');
  t.notRegex(host.found ?? '', /rip:2001/);
});

test('the packet filter, too, keeps the rules of an address that is away', t => {
  const host = new Host(t);
  host.settings('filter 10.0.0.11 10.0.0.50 tcp 80\nfilter 2001:db8::11 2001:db8::50 tcp 80\n');
  host.lvs('start');
  const before = host.sh('nft list ruleset');
  host.sh('ip link set eth0 down');
  t.is(host.lvs('start').code, 0);
  t.is(host.sh('nft list ruleset'), before);
});

test('an address that is away makes nobody a real server by itself', t => {
  const host = new Host(t);
  host.settings('vip 2001:db8::11 2001:db8::50 lo\n');
  host.lvs('start');
  host.sh('ip link set eth0 down');
  const { code, err } = host.lvs('start');
  t.is(code, 6);
  t.regex(err, /no line of .* names an address of this host/);
  t.regex(host.addresses('lo'), /2001:db8::50\/128/);
});

test('an interface that is gone with its address keeps the other one from nothing', t => {
  const host = new Host(t);
  host.sh('ip link add eth1 type veth peer name far; ip addr add 10.1.0.11/24 dev eth1; ip link set eth1 up');
  const text = `${ARP}interface 10.1.0.11 eth1\nvip 10.1.0.11 10.1.0.50 lo\nvip 10.0.0.11 10.0.0.50 lo\n`;
  host.settings(text);
  t.is(host.lvs('start').code, 0);
  host.sh('ip link del eth1');
  host.settings(`${text}vip 10.0.0.11 10.0.0.51 lo\n`);
  const { code, err } = host.lvs('start');
  t.is(code, 0, err);
  t.regex(host.addresses('lo'), /10\.1\.0\.50\/32[^]*10\.0\.0\.50\/32[^]*10\.0\.0\.51\/32/);
  host.lvs('stop');
  t.notRegex(host.addresses('lo'), /10\.[01]\.0\.5/);
});
