import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Host } from './support.js';

const GOOD = 'vip 10.0.0.11 10.0.0.50 lo\n';

/** A bad line, behind a good one, stops everything and is named with its number. */
const refused = (t: ExecutionContext, lines: string[], message: RegExp) => {
  const host = new Host(t);
  const before = host.picture;
  for (const line of lines) {
    host.settings(`${GOOD}${line.replaceAll('FOLDER', host.folder)}\n`);
    const { code, err } = host.lvs('start');
    t.is(code, 6, `${line}\n${err}`);
    t.true(err.startsWith(`${host.conf}:2: `), err);
    t.regex(err, message, line);
    t.regex(err, /nothing was changed\n$/);
  }
  t.is(host.picture, before);
  t.is(host.found, undefined);
  t.false(existsSync(join(host.folder, 'hostile')));
};

test(
  'an unknown record is refused',
  refused,
  ['vips 10.0.0.11 10.0.0.50 lo', '{', '127.0.0.1'],
  /is none of: sysctl interface vip filter tunnel director nat/,
);

test(
  'a line with too few or too many words is refused',
  refused,
  [
    'vip 10.0.0.12 10.0.0.50',
    'vip 10.0.0.12 10.0.0.50 lo lo',
    'filter 10.0.0.12 10.0.0.50 tcp',
    'sysctl net.ipv4.ip_forward',
    'interface 10.0.0.12',
    'tunnel 10.0.0.12 gue ipv4',
    'tunnel 10.0.0.12 ipip ipv4 5555',
  ],
  /a line here is: /,
);

test(
  'what is not an address is refused, in the lines of other hosts too',
  refused,
  [
    'vip 10.0.0.256 10.0.0.50 lo',
    'vip 10.0.0.12 10.0.0.050 lo',
    'vip 10.0.0.12 1::2::3 lo',
    'vip 10.0.0.12 fe80::1%eth0 lo',
    'vip host 10.0.0.50 lo',
    'filter 10.0.0.12 $(touch${IFS}FOLDER/hostile) tcp 80',
    'vip 10.0.0.12 `touch${IFS}FOLDER/hostile` lo',
    'vip 10.0.0.12 10.0.0.50;reboot lo',
    `vip 10.0.0.12 "10.0.0.50" lo`,
    `vip 10.0.0.12 '10.0.0.50' lo`,
    'vip 10.0.0.12 ../../etc lo',
    `vip ${'1'.repeat(300)} 10.0.0.50 lo`,
    'vip -6 10.0.0.50 lo',
    'vip 10.0.0.12 10.0.0.50/24 lo',
    'vip 10.0.0.12 \\n lo',
  ],
  /is not an IPv4 or IPv6 address/,
);

test(
  'an address that no cluster can have as its VIP is refused',
  refused,
  [
    'vip 10.0.0.12 127.0.0.1 lo',
    'vip 10.0.0.12 224.0.0.18 lo',
    'vip 10.0.0.12 :: lo',
    'filter 10.0.0.12 fe80::1 tcp 80',
    'vip 10.0.0.12 0.0.0.0 lo',
  ],
  /cannot be a VIP/,
);

test(
  'a word outside its few values is refused',
  refused,
  [
    'vip 10.0.0.12 10.0.0.50 eth0',
    'filter 10.0.0.12 10.0.0.50 icmp 1',
    'tunnel 10.0.0.12 vxlan ipv4',
    'tunnel 10.0.0.12 ipip ipv5',
  ],
  /is none of: /,
);

test(
  'a port outside its range is refused',
  refused,
  [
    'filter 10.0.0.12 10.0.0.50 tcp 65536',
    'filter 10.0.0.12 10.0.0.50 tcp -1',
    'filter 10.0.0.12 10.0.0.50 tcp 080',
    'filter 10.0.0.12 10.0.0.50 tcp 80}',
    'tunnel 10.0.0.12 gue ipv4 0',
  ],
  /is not a port from/,
);

test(
  'what cannot be the name of an interface is refused',
  refused,
  [
    'interface 10.0.0.11 ../../kernel',
    'interface 10.0.0.11 eth0/x',
    'interface 10.0.0.11 ..',
    'interface 10.0.0.12 sixteen-letters-',
    'interface 10.0.0.12 $(id)',
  ],
  /is not the name of an interface/,
);

test(
  'an interface that this host does not have is refused',
  refused,
  ['interface 10.0.0.11 eth7'],
  /this host has no interface eth7/,
);

test(
  'an interface that hears nobody is refused',
  refused,
  ['interface 10.0.0.11 lo', 'interface 10.0.0.12 lo'],
  /lo hears no clients/,
);

test(
  'a sysctl outside net, or a value that is no number, is refused',
  refused,
  [
    'sysctl kernel.core_pattern 1',
    'sysctl net/ipv4/ip_forward 1',
    'sysctl net...kernel.sysrq 1',
    'sysctl net.ipv4.{device}.x 1',
    'sysctl net.ipv4.ip_forward $(id)',
    'sysctl net.ipv4.ip_forward 99999999999999',
    `sysctl net.${'a'.repeat(300)} 1`,
  ],
  /is not a (sysctl of net|number)/,
);

test(
  'one VIP on both devices is refused',
  refused,
  ['vip 10.0.0.11 10.0.0.50 dummy0'],
  /is to be on both lo and dummy0/,
);

test('a sysctl that the kernel does not have is refused before anything is changed', t => {
  const host = new Host(t);
  host.settings(`${GOOD}sysctl net.ipv4.conf.all.arp_annouce 2\n`);
  const before = host.picture;
  const { code, err } = host.lvs('start');
  t.is(code, 6);
  t.regex(err, /this kernel has no \/proc\/sys\/net\/ipv4\/conf\/all\/arp_annouce/);
  t.is(host.picture, before);
});

test('all bad lines are named at once, without the control characters in them', t => {
  const host = new Host(t);
  host.settings(`one\n\u001b[31mtwo\n${GOOD}three\n`);
  const { code, out, err } = host.lvs('status');
  t.deepEqual([code, out], [4, 'unknown\n']);
  t.deepEqual(err.match(/:\d+: "[^"]*"/g), [':1: "one"', ':2: "?[31mtwo"', ':4: "three"']);
});

test('blank lines, comments, tabs, CRLF and a missing last newline are fine', t => {
  const host = new Host(t);
  host.settings('# first\r\n\r\n\tvip\t10.0.0.11  10.0.0.50 lo # why\r\n   \nvip 10.0.0.11 10.0.0.51 lo');
  t.is(host.lvs('start').code, 0);
  t.regex(host.addresses('lo'), /10\.0\.0\.50[^]*10\.0\.0\.51/);
});

test('a host without a line is told what was looked for, and 127.0.0.1 is the address of no host', t => {
  const host = new Host(t);
  host.settings('vip 127.0.0.1 10.0.0.50 lo\nvip 10.0.0.12 10.0.0.50 lo\n');
  const { code, err } = host.lvs('start');
  t.is(code, 6);
  t.regex(
    err,
    /names an address of this host \(looked for: 10\.0\.0\.11 2001:db8::11\): nothing was changed/,
  );
  t.deepEqual([host.lvs('status').code, host.lvs('status').out], [3, 'stopped\n']);
});

test('37,000 lines of other hosts are read in a moment', t => {
  const host = new Host(t);
  const line = (_: unknown, index: number) =>
    `vip 10.1.${(index >> 8) & 255}.${index & 255} 10.2.0.${1 + (index % 250)} lo`;
  host.settings(`${Array.from({ length: 37_000 }, line).join('\n')}\n${GOOD}`);
  const began = Date.now();
  t.is(host.lvs('start').code, 0);
  t.true(Date.now() - began < 5000);
});

test('a server behind NAT is known, and nothing is changed on it', t => {
  const host = new Host(t);
  host.settings('nat 10.0.0.11\n');
  const before = host.sh('ip addr; cat /proc/sys/net/ipv4/conf/all/arp_ignore');
  t.is(host.lvs('start').code, 0);
  t.is(host.sh('ip addr; cat /proc/sys/net/ipv4/conf/all/arp_ignore'), before);
  t.is(host.lvs('status').out, 'running\n');
  t.is(host.lvs('stop').code, 0);
});
