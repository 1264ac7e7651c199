import test, { type ExecutionContext } from 'ava';
import { Host } from './support.js';

/** The source address that the kernel would choose for a packet to a place beyond an interface without addresses. */
const source = (host: Host, network: string, destination: string) => {
  host.sh(`ip link add bare type veth peer name bare-end; ip link set bare up; ip link set bare-end up
    ip route add ${network} dev bare`);
  return /src (\S+)/.exec(host.sh(`ip route get ${destination}`))?.[1];
};

test('an IPv4 VIP with scope host is not chosen as a source, though one of global scope would be', t => {
  const host = new Host(t);
  host.settings('vip 10.0.0.11 10.0.0.50 lo\n');
  host.lvs('start');
  t.is(source(host, '192.0.2.0/24', '192.0.2.1'), '10.0.0.11');
  host.sh('ip addr del 10.0.0.50/32 dev lo; ip addr add 10.0.0.50/32 dev lo');
  t.regex(host.sh('ip route get 192.0.2.1'), /src 10\.0\.0\.50 /);
});

test('an IPv6 VIP without a preferred lifetime is not chosen as a source', t => {
  const host = new Host(t);
  host.settings('vip 10.0.0.11 2001:db8:9::50 lo\n');
  host.lvs('start');
  t.is(source(host, '2001:db8:9::/64', '2001:db8:9::1'), '2001:db8::11');
});

test('packets for the VIP are local to the host', t => {
  const host = new Host(t);
  host.settings('vip 10.0.0.11 10.0.0.50 lo\nvip 10.0.0.11 2001:db8::50 lo\n');
  host.lvs('start');
  t.regex(host.sh('ip route get 10.0.0.50'), /^local /);
  t.regex(host.sh('ip route get 2001:db8::50'), /^local /);
});

const foreign = (t: ExecutionContext, vip: string, prefixed: string) => {
  const host = new Host(t);
  host.sh(`ip addr add ${prefixed} dev lo`);
  host.settings(`vip 10.0.0.11 ${vip} lo\nvip 10.0.0.11 10.0.0.77 lo\n`);
  const { code, err } = host.lvs('start');
  t.is(code, 0);
  t.true(err.includes(`${vip} was on lo already, and the kernel may choose it as a source address`));
  t.true(host.found?.includes(`kept:lo:${prefixed}=present\n`));
  host.lvs('start');
  host.lvs('stop');
  t.true(host.addresses('lo').includes(prefixed));
  t.false(host.addresses('lo').includes('10.0.0.77'));
};

test('an IPv4 address that was there before stays', foreign, '10.0.0.50', '10.0.0.50/32');
test('an IPv6 address that was there before stays', foreign, '2001:db8::50', '2001:db8::50/128');

test('a dummy0 that was there is set up for the VIP, and is down again after stop', t => {
  const host = new Host(t);
  host.sh('ip link add dummy0 type veth peer name dummy-end');
  host.settings('vip 10.0.0.11 10.0.0.50 dummy0\n');
  t.is(host.lvs('start').code, 0);
  t.regex(host.addresses('dummy0'), /10\.0\.0\.50\/32 scope host/);
  t.is(host.lvs('status').out, 'running\n');
  host.lvs('stop');
  t.notRegex(host.addresses('dummy0'), /10\.0\.0\.50/);
  t.notRegex(host.sh('ip -o link show dev dummy0'), /[<,]UP[,>]/);
});

const DUMMY_AS_VETH = `case "$*" in
  'link add dummy0 type dummy') exec "$REAL" link add dummy0 type veth peer name dummy-end ;;
esac
exec "$REAL" "$@"`;

test('a missing dummy0 is made, and removed by stop (a veth stands for the dummy type)', t => {
  const host = new Host(t);
  host.fake('ip', DUMMY_AS_VETH);
  host.settings('vip 10.0.0.11 10.0.0.50 dummy0\nvip 10.0.0.11 2001:db8::50 dummy0\n');
  const before = host.sh('ip -o link | wc -l');
  const { code, err } = host.lvs('start');
  t.is(code, 0, err);
  t.regex(err, /^# ip link add dummy0 type dummy\n# ip link set dev dummy0 up$/m);
  t.deepEqual(host.lvs('start'), { code: 0, out: '', err: '' });
  host.lvs('stop');
  t.is(host.sh('ip -o link | wc -l'), before);
});

test('a dummy0 that holds addresses of others by now is not removed (a veth stands for the dummy type)', t => {
  const host = new Host(t);
  host.fake('ip', DUMMY_AS_VETH);
  host.settings('vip 10.0.0.11 10.0.0.50 dummy0\n');
  host.lvs('start');
  host.sh('ip addr add 192.0.2.9/32 dev dummy0');
  t.regex(host.lvs('stop').err, /dummy0 holds other addresses: it stays/);
  t.regex(host.addresses('dummy0'), /192\.0\.2\.9/);
});
