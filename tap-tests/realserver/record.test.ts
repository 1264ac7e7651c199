import test from 'ava';
import { recordInWords } from '../../src/realserver/record.js';

for (const [record, words] of [
  ['address:lo:10.0.0.51/32=absent', '10.0.0.51/32 on lo'],
  ['address:dummy0:2001:db8::51/128=absent', '2001:db8::51/128 on dummy0'],
  ['kept:lo:10.0.0.51/32=present', '10.0.0.51/32 on lo (there before)'],
  ['sysctl:net/ipv4/conf/eth0.5/arp_ignore=0 1', 'net.ipv4.conf.eth0/5.arp_ignore = 1'],
  ['made:dummy0=absent', 'the interface dummy0'],
  ['up:tunl0=down', 'tunl0 (switched on)'],
  ['mode:ip6tnl0=ip6ip6', 'ip6tnl0 (takes any packet inside)'],
  ['fou:6080=4', 'UDP port 6080 (gue)'],
  ['nft:ip=absent', 'the rules of the packet filter (ip)'],
  ['later:x=y', 'later:x=y'],
  ['', ''],
] as const) {
  test(`${JSON.stringify(record)} in words`, t => {
    t.is(recordInWords(record), words);
  });
}
