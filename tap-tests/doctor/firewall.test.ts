import test from 'ava';
import { judgeFirewall, judgeTracking } from '../../src/doctor/director/firewall.js';
import { cluster, server, service } from '../support/clusters.js';

const WEB = cluster({ services: [service('192.0.2.100:80', ['192.0.2.11'])] });
const OPEN = 'type filter hook input priority filter; policy accept;';
const SHUT = 'type filter hook input priority filter; policy drop;';

function ruleset(head: string, ...rules: string[]): string {
  const lines = [head, ...rules].map(line => `\t\t${line}\n`).join('');
  return `table inet filter {\n\tset allowed {\n\t\ttype inet_service\n\t}\n\n\tchain input {\n${lines}\t}\n\n\tchain other {\n\t\ttcp dport 80 drop\n\t}\n}\n`;
}

const judged = (text: string): string[] => judgeFirewall(WEB, text).map(({ what }) => what);

for (const rule of [
  'tcp dport 80 drop',
  'ip daddr 192.0.2.100 tcp dport 80 counter packets 3 bytes 180 reject with tcp reset',
  'tcp dport { 22, 80, 443 } drop',
  'meta l4proto tcp th dport 80 drop comment "\u001b[31m"',
]) {
  test(`a rule that drops: ${JSON.stringify(rule)}`, t => {
    const [what, ...more] = judged(ruleset(OPEN, rule));
    t.deepEqual(more, []);
    t.regex(what!, /^chain input of inet filter has: /);
    t.notRegex(what!, /\u001b/);
  });
}

for (const rule of [
  'tcp dport 81 drop',
  'udp dport 80 drop',
  'ip daddr 192.0.2.101 tcp dport 80 drop',
  'ip saddr 203.0.113.0/24 tcp dport 80 drop',
  'iifname "eth1" tcp dport 80 drop',
  'ct state invalid drop',
  'tcp dport 80 limit rate over 100/second drop',
  'tcp dport 8080 drop',
]) {
  test(`a rule that lets the service be: ${rule}`, t => {
    t.deepEqual(judged(ruleset(OPEN, rule)), []);
  });
}

test('a chain that drops the rest, and accepts nothing of the service', t => {
  const rules = [
    'ct state established,related accept',
    'iif "lo" accept',
    'tcp dport 22 accept',
    'udp dport 53 accept',
  ];
  t.deepEqual(judged(ruleset(SHUT, ...rules)), [
    'chain input of inet filter drops all that no rule accepts, and none is seen that accepts this',
  ]);
});

for (const rule of [
  'tcp dport 80 accept',
  'tcp dport { 80, 443 } accept',
  'tcp dport 1-1024 accept',
  'tcp dport @allowed accept',
  'ip daddr 192.0.2.100 accept',
  'ip daddr 192.0.2.0/24 accept',
  'ct state new accept',
  'jump other',
  'tcp dport vmap { 22 : accept, 80 : jump other }',
]) {
  test(`it may accept the service, and nothing is said: ${rule}`, t => {
    t.deepEqual(judged(ruleset(SHUT, rule)), []);
  });
}

test('no rules, and what is no listing, say nothing', t => {
  for (const text of ['', '\u0000', 'table inet filter {', '{ "nftables": [] }'])
    t.deepEqual(judged(text), []);
});

const NAT = cluster({
  services: [{ ...service('192.0.2.100:80', []), servers: [server('192.0.3.11', { forwarding: 'nat' })] }],
});
const FORWARD = 'type filter hook forward priority filter; policy accept;';

test('NAT servers behind a chain that goes by connections, which IPVS hides', t => {
  const invalid = ruleset(FORWARD, 'ct state invalid drop');
  const shut = ruleset(FORWARD.replace('accept', 'drop'), 'ct state established,related accept');
  for (const text of [invalid, shut]) {
    t.deepEqual(
      judgeTracking(NAT, text, '0').map(({ code }) => code),
      ['answers-untracked'],
    );
    t.deepEqual(judgeTracking(NAT, text, '1'), []);
    t.deepEqual(judgeTracking(WEB, text, '0'), []);
  }
  t.deepEqual(judgeTracking(NAT, ruleset(FORWARD, 'ct state established accept'), '0'), []);
  t.deepEqual(judgeTracking(NAT, ruleset(OPEN, 'ct state invalid drop'), '0'), []);
});
