import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { portNames } from '../../src/config/port-names.js';
import { formOf, readDescription } from '../../src/config/read.js';
import { writeYaml } from '../../src/config/yaml/write.js';
import { PORTS } from '../support/cases.js';

const examples = fileURLToPath(new URL('../../../tap-tests/examples/', import.meta.url));
const read = (text: string, name: string) => readDescription(Buffer.from(text), name, PORTS);

const CLASSIC_SENSE = 'version: 1\nchecker: mon\npolling: { law: uptime }\n';

for (const [title, classic, yaml] of [
  [
    'a service of each protocol',
    'lvshost 192.168.45.26\nservice tcp http wlc {\n 192.168.45.13 2\n}\nservice udp domain wrr { 192.168.45.13 }\nservice sctp 9 rr {\n 192.168.45.13\n}\n',
    `${CLASSIC_SENSE}services:
  - { address: 192.168.45.26, port: 80, servers: [ { address: 192.168.45.13, weight: 2 } ] }
  - { address: 192.168.45.26, port: 53, protocol: udp, scheduler: wrr, servers: [ 192.168.45.13 ] }
  - { address: 192.168.45.26, port: 9, protocol: sctp, scheduler: rr, servers: [ 192.168.45.13 ] }
`,
  ],
  [
    'two VIPs of two families',
    'lvshost 192.168.45.26\nservice tcp 80 wlc {\n 192.168.45.13\n}\nlvshost 2001:DB8::26\nservice tcp 80 wlc {\n 2001:db8::13\n}\n',
    `${CLASSIC_SENSE}services:
  - { address: 192.168.45.26, port: 80, servers: [ 192.168.45.13 ] }
  - { address: "2001:db8::26", port: 80, servers: [ "2001:db8:0::13" ] }
`,
  ],
  [
    'every key',
    `monfile /a\ncfbasedir /b\nmondir /c\nalertdir /d\ndirector midas 192.168.45.23 eth0\ndirector estepe 192.168.45.204 eth0
failover vrrp\nchecker keepalived\nrealif eth1\nmailto a b\npoll 0 * * * *\nlaw latency
lvshost 192.168.45.26\nservice tcp 80 wlc {\n192.168.45.13\n192.168.45.43\n}\n`,
    `version: 1
checker: keepalived
mon: { config: /a, base: /b, monitors: /c, alerts: /d }
directors:
  - { name: midas, address: 192.168.45.23, interface: eth0 }
  - { name: estepe, address: 192.168.45.204, interface: eth0 }
failover: { by: vrrp }
real_servers: { interface: eth1 }
notify: { mail: [ a, b ] }
polling: { schedule: "0 * * * *", law: latency }
services: [ { address: 192.168.45.26, port: 80, servers: [ 192.168.45.13, 192.168.45.43 ] } ]
`,
  ],
] as const) {
  test(`both forms give the same cluster: ${title}`, async t => {
    const [one, other] = [await read(classic, 'lvs.conf'), await read(yaml, 'lvs.yaml')];
    t.deepEqual([one.diagnostics.length, other.diagnostics.length], [0, 0]);
    t.deepEqual(one.cluster, other.cluster);
  });
}

for (const [name, text, form] of [
  ['lvs.yaml', 'lvshost 1.2.3.4', 'yaml'],
  ['LVS.YML', '', 'yaml'],
  ['lvs.conf', 'version: 1', 'classic'],
  ['<stdin>', 'version: 1', 'yaml'],
  ['<stdin>', '# comment\n\n  version: 1', 'yaml'],
  ['<stdin>', '---\nversion: 1', 'yaml'],
  ['<stdin>', '{ "version": 1 }', 'yaml'],
  ['<stdin>', '"version": 1', 'yaml'],
  ['<stdin>', '# a: b\nlvshost 1.2.3.4', 'classic'],
  ['<stdin>', 'lvshost 2001:db8::1', 'classic'],
  ['lvs', 'service tcp 80 wlc {', 'classic'],
  ['lvs.txt', '', 'classic'],
] as const) {
  test(`${name} beginning with ${JSON.stringify(text)} is ${form}`, t => t.is(formOf(name, text), form));
}

const HINT = 'hint single-address-persistence';
for (const [name, expected] of [
  ['ime.lvs.conf', []],
  ['ime-full.lvs.conf', ['warning one-heartbeat-link at 12:12']],
  ['campus.yaml', [`${HINT} at 55:5`]],
  ['every-key.yaml', [`${HINT} at 99:5`, `${HINT} at 139:5`]],
] as const) {
  test(`the example ${name} is read as it is, and says ${expected.join(', ') || 'nothing'}`, async t => {
    const { cluster, diagnostics } = await read(readFileSync(`${examples}${name}`, 'utf8'), name);
    t.truthy(cluster);
    const found = diagnostics.map(({ severity, code, source, span }) => {
      const { line, column } = source!.place(span!.start);
      return `${severity} ${code} at ${line}:${column}`;
    });
    t.deepEqual(found, [...expected]);
  });

  test(`the example ${name} survives being written as YAML`, async t => {
    const { cluster } = await read(readFileSync(`${examples}${name}`, 'utf8'), name);
    t.deepEqual((await read(writeYaml(cluster!), 'again.yaml')).cluster, cluster);
  });
}

test('there are no other examples', t => t.is(readdirSync(examples).length, 4));

test('the reference of every key that comes with the package says the same as the example', async t => {
  const shipped = fileURLToPath(new URL('../../../docs/every-key.yaml', import.meta.url));
  const { cluster } = await read(readFileSync(shipped, 'utf8'), 'every-key.yaml');
  const example = await read(readFileSync(`${examples}every-key.yaml`, 'utf8'), 'every-key.yaml');
  t.deepEqual(cluster, example.cluster);
});

test('names of ports are those of /etc/services, aliases included, the first of two', t => {
  const ports = portNames(
    'http 80/tcp www # web\n# ssh 22/tcp\nhttp 8080/tcp\n\tsip 5060/udp\nbad x/tcp\nhuge 99999/tcp\n',
  );
  const look = (name: string, protocol: 'tcp' | 'udp') => ports.lookUp(name, protocol);
  t.deepEqual([look('http', 'tcp'), look('www', 'tcp'), look('sip', 'udp')], [80, 80, 5060]);
  t.deepEqual(
    [look('http', 'udp'), look('ssh', 'tcp'), look('bad', 'tcp'), look('huge', 'tcp')],
    [undefined, undefined, undefined, undefined],
  );
  t.is(ports.lookUp('__proto__', 'tcp'), undefined);
});
