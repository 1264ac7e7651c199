import test from 'ava';
import { bracketed, canonicalAddress, endpoint, familyOf, inSameNetwork } from '../../src/cluster/address.js';

for (const [given, canonical] of [
  ['192.0.2.1', '192.0.2.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::1', '::1'],
  ['fe80::1', 'fe80::1'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
] as const) {
  test(`${given} is the address ${canonical}`, t => t.is(canonicalAddress(given), canonical));
}

for (const [text, why] of [
  ['10.1', 'two parts'],
  ['192.0.2.01', 'octal to some'],
  ['192.0.2.256', 'a part above 255'],
  [' 192.0.2.1', 'a blank'],
  ['192.0.2.1/24', 'a prefix length'],
  ['0.0.0.0', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['ff02::1', 'multicast'],
  ['fe80::1%eth0', 'a zone'],
  ['[2001:db8::1]', 'brackets'],
  ['::ffff:192.0.2.1', 'IPv4 in IPv6'],
  ['::192.0.2.1', 'IPv4 in IPv6, the old way'],
  ['www.example.org', 'a name'],
  ['', 'nothing'],
] as const) {
  test(`${JSON.stringify(text)} is no address of a host: ${why}`, t =>
    t.is(canonicalAddress(text), undefined));
}

test('endpoints have brackets around IPv6', t => {
  t.is(endpoint('192.0.2.1', 80), '192.0.2.1:80');
  t.is(endpoint('2001:db8::1', 80), '[2001:db8::1]:80');
  t.is(bracketed('2001:db8::1'), '[2001:db8::1]');
  t.is(familyOf('2001:db8::1'), 'ipv6');
});

test('networks are compared within a family', t => {
  t.true(inSameNetwork('10.0.70.4', '10.0.70.1', 24));
  t.false(inSameNetwork('10.0.71.4', '10.0.70.1', 24));
  t.true(inSameNetwork('2001:db8::4', '2001:db8::1', 64));
  t.false(inSameNetwork('10.0.70.4', '2001:db8::1', 1));
});
