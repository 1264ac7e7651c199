import test, { type ExecutionContext } from 'ava';
import { Host } from './support.js';

// No tunnel modules here: a fake modprobe makes a veth of the device's name, and a fake ip keeps the
// decapsulation ports and the mode of ip6tnl0. Links, addresses and settings are the kernel's own.
const MODPROBE = `case $1 in
  ipip) d=tunl0 ;; sit) d=sit0 ;; ip6_tunnel) d=ip6tnl0 ;; ip_gre) d=gre0 ;; ip6_gre) d=ip6gre0 ;; *) exit 1 ;;
esac
echo "$1" >> "$LOG"
ip link add $d type veth peer name far
echo 1 > /proc/sys/net/ipv4/conf/$d/rp_filter`;
const IP = `case "$*" in
  'fou show') cat "$LOG" 2>/dev/null ;;
  'fou add port '*) shift 2; echo "$*" >> "$LOG" ;;
  'fou del port '*) grep -v "^port $4 " "$LOG" > "$LOG.new"; mv "$LOG.new" "$LOG" ;;
  '-6 tunnel show') echo "ip6tnl0: $(cat "$LOG.mode" 2>/dev/null || echo ipv6)/ipv6 remote :: local ::" ;;
  '-6 tunnel change ip6tnl0 mode any') echo any > "$LOG.mode" ;;
  '-6 tunnel change ip6tnl0 mode ip6ip6') rm "$LOG.mode" ;;
  *) exec "$REAL" "$@" ;;
esac`;

const tunnelled = (t: ExecutionContext, settings: string) => {
  const host = new Host(t);
  host.fake('modprobe', MODPROBE);
  host.fake('ip', IP);
  host.sh('echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter');
  host.settings(settings);
  const { code, err } = host.lvs('start');
  t.is(code, 0, err);
  t.deepEqual(host.lvs('start'), { code: 0, out: '', err: '' });
  t.deepEqual(host.lvs('status'), { code: 0, out: 'running\n', err: '' });
  return host;
};

const device = (t: ExecutionContext, line: string, module: string, name: string, filterOff: boolean) => {
  const host = tunnelled(t, `vip 10.0.0.11 10.0.0.50 lo\n${line}\n`);
  t.is(host.log('modprobe'), `${module}\n`);
  t.regex(host.sh(`ip -o link show dev ${name}`), /[<,]UP[,>]/);
  t.is(host.sysctl('ipv4/conf/all/rp_filter'), filterOff ? '0' : '1');
  t.is(host.sysctl(`ipv4/conf/${name}/rp_filter`), filterOff ? '0' : '1');
  t.is(host.lvs('stop').code, 0);
  t.notRegex(host.sh(`ip -o link show dev ${name}`), /[<,]UP[,>]/);
  t.is(host.sysctl('ipv4/conf/all/rp_filter'), '1');
  t.is(host.sysctl(`ipv4/conf/${name}/rp_filter`), '1');
  t.is(host.log('ip'), '');
};

const FAKED = '(fake modprobe)';
test(`IPv4 in IPv4 comes by tunl0 ${FAKED}`, device, 'tunnel 10.0.0.11 ipip ipv4', 'ipip', 'tunl0', true);
test(
  `IPv6 in IPv4 comes by sit0, and the reverse path filter stays ${FAKED}`,
  device,
  'tunnel 10.0.0.11 ipip ipv6',
  'sit',
  'sit0',
  false,
);
test(
  `IPv6 in IPv6 comes by ip6tnl0 ${FAKED}`,
  device,
  'tunnel 2001:db8::11 ipip ipv6',
  'ip6_tunnel',
  'ip6tnl0',
  false,
);
test(`GRE over IPv4 comes by gre0 ${FAKED}`, device, 'tunnel 10.0.0.11 gre ipv4', 'ip_gre', 'gre0', true);
test(
  `GRE over IPv6 comes by ip6gre0 ${FAKED}`,
  device,
  'tunnel 2001:db8::11 gre ipv4',
  'ip6_gre',
  'ip6gre0',
  true,
);

test('IPv4 in IPv6 needs another mode of ip6tnl0, which stop puts back (fake modprobe and tunnel mode)', t => {
  const host = tunnelled(t, 'vip 2001:db8::11 10.0.0.50 lo\ntunnel 2001:db8::11 ipip ipv4\n');
  t.is(host.log('ip'), '');
  t.is(host.log('modprobe'), 'ip6_tunnel\n');
  t.regex(host.lvs('stop').err, /# ip -6 tunnel change ip6tnl0 mode ip6ip6/);
});

test('GUE opens its port beside the device, and stop closes it (fake modprobe and fou)', t => {
  const host = tunnelled(t, 'vip 10.0.0.11 10.0.0.50 lo\ntunnel 10.0.0.11 gue ipv4 6080\n');
  t.is(host.log('ip'), 'port 6080 gue\n');
  host.lvs('stop');
  t.is(host.log('ip'), '');
});

test('GUE over IPv6 says so to the kernel (fake modprobe and fou)', t => {
  const host = tunnelled(t, 'vip 2001:db8::11 2001:db8::50 lo\ntunnel 2001:db8::11 gue ipv6 6081\n');
  t.is(host.log('ip'), 'port 6081 gue -6\n');
});

test('a port that was open before stays open (fake modprobe and fou)', t => {
  const host = new Host(t);
  host.fake('modprobe', MODPROBE);
  host.fake('ip', `[ -e "$LOG" ] || echo 'port 6080 gue' > "$LOG"\n${IP}`);
  host.settings('vip 10.0.0.11 10.0.0.50 lo\ntunnel 10.0.0.11 gue ipv4 6080\n');
  host.lvs('start');
  host.lvs('stop');
  t.is(host.log('ip'), 'port 6080 gue\n');
});

test('a kernel without the tunnel is told before anything is changed (fake modprobe)', t => {
  const host = new Host(t);
  host.fake('modprobe', 'echo "modprobe: FATAL: Module $1 not found" >&2; exit 1');
  host.settings('vip 10.0.0.11 10.0.0.50 lo\ntunnel 10.0.0.11 ipip ipv4\n');
  t.regex(host.lvs('status').err, /missing: module ipip tunl0/);
  const { code, err } = host.lvs('start');
  t.is(code, 1);
  t.regex(err, /the module ipip gives no tunl0 here: nothing was changed/);
  t.notRegex(host.addresses('lo'), /10\.0\.0\.50/);
});

test('a filter behind a tunnel of the other family is refused', t => {
  const host = new Host(t);
  host.sh('ip link add sit0 type veth peer name far');
  host.settings('filter 10.0.0.11 2001:db8::50 tcp 80\ntunnel 10.0.0.11 ipip ipv6\n');
  const { code, err } = host.lvs('start');
  t.is(code, 6);
  t.regex(err, /a filter for 2001:db8::50 cannot follow a tunnel to 10\.0\.0\.11: the families differ/);
});
