import test from 'ava';
import { ARP, Host, SCRIPT } from './support.js';

test('a VIP on tunl0 needs the device up, and gives both back (a veth stands for it)', t => {
  const host = new Host(t);
  host.sh('ip link add tunl0 type veth peer name tunl-end');
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 tunl0\n`);
  const before = host.picture;
  t.is(host.lvs('start').code, 0);
  t.regex(host.addresses('tunl0'), /10\.0\.0\.50\/32 scope host/);
  t.is(host.lvs('status').out, 'running\n');
  host.lvs('stop');
  t.is(host.picture, before);
});

test('where tunl0 is missing its module is loaded first (a fake modprobe makes a veth)', t => {
  const host = new Host(t);
  host.fake('modprobe', 'echo "$*" >>"$LOG"; ip link add tunl0 type veth peer name tunl-end');
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 tunl0\n`);
  t.regex(host.lvs('start', '-n').err, /^# modprobe ipip\n[^]*what a device of that module needs/);
  t.is(host.log('modprobe'), '');
  const { code, err } = host.lvs('start');
  t.is(code, 0, err);
  t.is(host.log('modprobe'), 'ipip\n');
  t.regex(host.addresses('tunl0'), /10\.0\.0\.50\/32/);
});

test('tunl0 is for IPv4 VIPs, and a VIP is in one place', t => {
  const host = new Host(t);
  host.settings('vip 10.0.0.11 2001:db8::50 tunl0\n');
  t.regex(host.lvs('start').err, /tunl0 is a device for IPv4: "2001:db8::50" has to be on lo/);
  host.settings('vip 10.0.0.11 10.0.0.50 tunl0\nvip 10.0.0.11 10.0.0.50 lo\n');
  t.regex(host.lvs('start').err, /10\.0\.0\.50 is to be on both tunl0 and lo/);
});

test('the VIP on an interface that neighbours ask is an error, but for a director', t => {
  for (const [vip, line] of [
    ['10.0.0.50', 'vip 10.0.0.11 10.0.0.50 lo'],
    ['2001:db8::50', 'vip 2001:db8::11 2001:db8::50 lo'],
    ['10.0.0.50', 'filter 10.0.0.11 10.0.0.50 tcp 80'],
  ] as const) {
    const host = new Host(t);
    host.sh(`ip addr add ${vip}/${vip.includes(':') ? '64 nodad' : 24} dev eth0`);
    host.settings(`${line}\n`);
    const before = host.picture;
    const { code, err } = host.lvs('start');
    t.is(code, 6);
    t.true(err.includes(`the VIP ${vip} is an address of eth0 here`), err);
    host.settings(`${line}\ndirector 10.0.0.11\n`);
    const director = host.lvs('start');
    if (line.startsWith('filter'))
      t.regex(director.err, /the packet filter would keep its packets from IPVS/);
    else t.is(director.code, 0, director.err);
    host.lvs('stop');
    t.is(host.picture, before);
  }
});

test('a VIP that takes its whole network on lo is refused, with the command that mends it', t => {
  for (const [vip, prefixed] of [
    ['10.0.0.50', '10.0.0.50/24'],
    ['2001:db8::50', '2001:db8::50/64'],
  ] as const) {
    const host = new Host(t);
    host.sh(`ip addr add ${prefixed} dev lo`);
    host.settings(`${ARP}vip 10.0.0.11 ${vip} lo\nvip 10.0.0.11 10.0.0.51 lo\n`);
    const before = host.picture;
    const { code, err } = host.lvs('start');
    t.is(code, 6);
    t.true(err.startsWith(`the VIP ${vip} is ${prefixed} on lo here, which takes that whole network: `), err);
    t.is(host.picture, before);
    host.sh(/: (ip addr del .*), if it may go/.exec(err)![1]!);
    t.is(host.lvs('start').code, 0);
  }
});

test('the ends of networks: what is a host in one of them, and what is in none', t => {
  const host = new Host(t);
  host.sh(
    'ip addr add 10.1.0.130/25 dev eth0; ip addr add 10.2.0.0/31 dev eth0; ip addr add 10.3.0.4/32 dev eth0',
  );
  for (const [vip, code] of [
    ['10.1.0.128', 6],
    ['10.1.0.255', 6],
    ['10.1.0.127', 0],
    ['10.1.1.0', 0],
    ['10.2.0.1', 0],
    ['10.3.0.0', 0],
  ] as const) {
    host.settings(`vip 10.0.0.11 ${vip} lo\n`);
    t.is(host.lvs('start').code, code, vip);
  }
  host.settings('vip 10.0.0.11 10.0.0.255 lo\nfilter 10.0.0.11 10.0.0.0 tcp 80\n');
  const before = host.picture;
  const { err } = host.lvs('start');
  t.regex(
    err,
    /^the VIP 10\.0\.0\.255 is the broadcast address of 10\.0\.0\.11\/24 on eth0, which no host can have$/m,
  );
  t.regex(err, /^the VIP 10\.0\.0\.0 is the network address of /m);
  t.is(host.picture, before);
});

test('start -n and stop -n print what would be run, and run nothing', t => {
  const host = new Host(t);
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 lo\nfilter 10.0.0.11 10.0.0.51 tcp 80\n`);
  const before = host.picture;
  const dry = host.lvs('start', '-n');
  t.is(dry.code, 0);
  t.deepEqual([host.picture, host.found], [before, undefined]);
  t.is(host.lvs('start').err, dry.err);
  const set = [host.picture, host.found];
  const undo = host.lvs('stop', '-n');
  t.deepEqual([host.picture, host.found], set);
  t.is(host.lvs('stop').err, undo.err);
  t.is(host.lvs('restart', '-n').code, 2);
});

test('what has begun is ended, though nobody hears any more what is said of it', t => {
  const host = new Host(t);
  host.settings(`${ARP}vip 10.0.0.11 10.0.0.50 lo\nvip 10.0.0.11 10.0.0.51 lo\n`);
  host.run(
    ['sh', '-c', '{ sh "$1" start 2>&1; echo $? >"$2/code"; } | true', 'sh', SCRIPT, host.folder],
    host.environment,
  );
  t.is(host.sh(`cat ${host.folder}/code`), '0');
  t.is(host.lvs('status').out, 'running\n');
});
