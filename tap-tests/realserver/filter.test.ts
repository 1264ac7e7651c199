import test, { type ExecutionContext } from 'ava';
import { Host, Namespace } from './support.js';

test('a filter takes the VIP without an address, TCP by its SYN only', t => {
  const host = new Host(t);
  host.settings(`filter 10.0.0.11 10.0.0.50 tcp 80
filter 10.0.0.11 10.0.0.50 udp 53
filter 10.0.0.11 10.0.0.50 sctp 99
filter 10.0.0.11 10.0.0.51 tcp 0
filter 10.0.0.11 2001:db8::50 udp 0
`);
  t.is(host.lvs('start').code, 0);
  t.notRegex(host.addresses('lo'), /10\.0\.0\.50/);
  const rules = (family: string) =>
    host
      .sh(`nft list table ${family} lvsctl`)
      .split('\n')
      .map(line => line.trim())
      .filter(line => line.includes('daddr'));
  t.deepEqual(rules('ip'), [
    'ip daddr 10.0.0.50 tcp dport 80 tcp flags syn / fin,syn,rst,ack redirect',
    'ip daddr 10.0.0.50 udp dport 53 redirect',
    'ip daddr 10.0.0.50 sctp dport 99 redirect',
    'ip daddr 10.0.0.51 tcp flags syn / fin,syn,rst,ack redirect',
  ]);
  t.deepEqual(rules('ip6'), ['ip6 daddr 2001:db8::50 meta l4proto udp redirect']);
});

test('rules that are gone are missed, and put back by a start', t => {
  const host = new Host(t);
  host.settings('filter 10.0.0.11 10.0.0.50 tcp 80\n');
  host.lvs('start');
  host.sh('nft flush ruleset');
  t.is(host.lvs('status').code, 3);
  host.lvs('start');
  t.is(host.lvs('status').code, 0);
});

test('the table goes with its last filter, and tables of others stay', t => {
  const host = new Host(t);
  host.sh('nft add table ip mine');
  host.settings('filter 10.0.0.11 10.0.0.50 tcp 80\nfilter 10.0.0.11 2001:db8::50 tcp 80\n');
  host.lvs('start');
  host.settings('filter 10.0.0.11 10.0.0.50 tcp 80\n');
  host.lvs('start');
  t.deepEqual(host.sh('nft list tables').split('\n'), ['table ip mine', 'table ip lvsctl']);
  host.lvs('stop');
  t.is(host.sh('nft list tables'), 'table ip mine');
});

test('a table of our name that somebody else made is not replaced', t => {
  const host = new Host(t);
  host.sh('nft add table ip lvsctl');
  host.settings('vip 10.0.0.11 10.0.0.51 lo\nfilter 10.0.0.11 10.0.0.50 tcp 80\n');
  const { code, err } = host.lvs('start');
  t.is(code, 6);
  t.regex(err, /there is a table ip lvsctl already/);
  t.notRegex(host.addresses('lo'), /10\.0\.0\.51/);
});

const SERVER = `const s = require('dgram').createSocket('udp4');
  s.on('message', (m, r) => s.send('pong', r.port, r.address)); s.bind(53, () => console.log('ready'))`;
const QUESTION = `const s = require('dgram').createSocket('udp4');
  const end = word => { console.log(word); process.exit() };
  s.on('message', (m, r) => end(r.address)); s.send('ping', 53, '10.0.0.50'); setTimeout(end, 1500, 'silence')`;

/** Which address answers a client on the wire that asks the VIP, where the server listens on every address. */
const answer = (t: ExecutionContext, host: Host, link: string, route: string) => {
  const client = new Namespace(t, host);
  host.sh(`for l in ${link}; do ip link set $l netns ${client.pid}; done`);
  client.sh(`for l in lo ${link}; do ip link set $l up; done; ip addr add 10.0.0.1/24 dev wire; ${route}`);
  const pid = host.sh(`${process.execPath} -e "${SERVER}" > ${host.folder}/server 2>&1 & echo $!
    for i in $(seq 100); do grep -q ready ${host.folder}/server && exit; sleep 0.05; done`);
  t.teardown(() => process.kill(Number(pid)));
  return client.sh(`exec ${process.execPath} -e "${QUESTION}"`);
};

test('a UDP server on all addresses answers from the VIP', t => {
  const host = new Host(t);
  host.settings('filter 10.0.0.11 10.0.0.50 udp 53\n');
  host.lvs('start');
  t.is(answer(t, host, 'wire', 'ip route add 10.0.0.50 via 10.0.0.11'), '10.0.0.50');
});

test('what comes out of a tunnel device without an address is answered too (a veth stands for tunl0)', t => {
  const host = new Host(t);
  host.sh('ip link add tunl0 type veth peer name far; echo 1 > /proc/sys/net/ipv4/conf/tunl0/rp_filter');
  const mac = /ether (\S+)/.exec(host.sh('ip -o link show tunl0'))?.[1];
  host.settings('filter 10.0.0.11 10.0.0.50 udp 53\ntunnel 10.0.0.11 ipip ipv4\n');
  t.is(host.lvs('start').code, 0);
  t.regex(host.sh('nft list table ip lvsctl'), /udp dport 53 dnat to 10\.0\.0\.11/);
  const route = `ip neigh add 10.0.0.50 lladdr ${mac} dev far; ip route add 10.0.0.50 dev far src 10.0.0.1`;
  t.is(answer(t, host, 'wire far', route), '10.0.0.50');
});
