import test from 'ava';
import { KernelHost } from '../support/kernel-host.js';

const RULES = [
  '-A -t 192.0.2.100:80 -s mh -p 300 -M 255.255.255.0 -b mh-fallback,mh-port',
  '-a -t 192.0.2.100:80 -r 192.0.2.11:80 -g -w 65535 -x 20 -y 10',
  '-a -t 192.0.2.100:80 -r 192.0.2.112:80 -i --tun-type gue --tun-port 6080 --tun-csum -w 0',
  '-A -f 4294967295 -6 -s wlc -o',
  '-a -f 4294967295 -6 -r [2001:db8::11]:8080 -m -w 1',
];

const CONNECTIONS = `IPVS connection entries
pro expire state       source             virtual            destination
TCP 14:58  ESTABLISHED 192.0.2.7:41000    192.0.2.100:80     192.0.2.11:80
TCP 100:01 FIN_WAIT    [2001:db8::7]:41000 [2001:db8::100]:80 [2001:db8::11]:80
IP  05:00  NONE        192.0.2.7:0        0.0.0.7:0          192.0.2.11:0
`;

test('the table is shown whole: every attribute, aligned', async t => {
  const host = new KernelHost(t);
  host.kernel.restore(RULES);
  host.machine.daemons =
    'master sync daemon (mcast=eth0, syncid=51, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n';
  const { exitCode, out } = await host.run('show');
  t.is(exitCode, 0);
  t.is(
    out,
    `fwmark:4294967295/ipv6  wlc  one-packet
  [2001:db8::11]:8080  nat                       weight 1      0 active, 0 inactive
192.0.2.100:80/tcp  mh  flags mh-fallback,mh-port  persistent 300s  netmask 24
  192.0.2.11:80        direct                    weight 65535  upper 20  lower 10  0 active, 0 inactive
  192.0.2.112:80       tunnel gue:6080+checksum  weight 0      0 active, 0 inactive

timeouts  tcp 900s  tcp-fin 120s  udp 300s
sync master  on eth0  id 51  group 224.0.0.81  port 8848  ttl 1  max-length 1472
net.ipv4.vs.expire_nodest_conn = 1
net.ipv4.vs.expire_quiescent_template = 1
net.ipv4.vs.sync_threshold = 3 50
`,
  );
});

test('as data nothing is lost', async t => {
  const host = new KernelHost(t);
  host.kernel.restore(RULES);
  const { out } = await host.run('show', '-o', 'json');
  const { version, services, timeouts, sync, sysctls } = JSON.parse(out);
  t.is(version, 1);
  t.deepEqual(services[1], {
    service: '192.0.2.100:80/tcp',
    key: { kind: 'address', address: '192.0.2.100', port: 80, protocol: 'tcp' },
    scheduler: 'mh',
    flags: ['mh-fallback', 'mh-port'],
    persistence: { timeout: 300_000, netmask: 24 },
    onePacket: false,
    servers: [
      {
        server: '192.0.2.11:80',
        address: '192.0.2.11',
        port: 80,
        forwarding: 'direct',
        weight: 65_535,
        upper: 20,
        lower: 10,
        connections: { active: 0, inactive: 0 },
      },
      {
        server: '192.0.2.112:80',
        address: '192.0.2.112',
        port: 80,
        forwarding: 'tunnel',
        tunnel: { type: 'gue', port: 6080, checksum: true },
        weight: 0,
        upper: 0,
        lower: 0,
        connections: { active: 0, inactive: 0 },
      },
    ],
  });
  t.deepEqual(timeouts, { tcp: 900, tcpFin: 120, udp: 300 });
  t.deepEqual(sync, []);
  t.is(sysctls.sync_threshold, '3 50');
});

test('an empty table says that it is', async t => {
  t.true((await new KernelHost(t).run('show')).out.startsWith('no services\n'));
});

test('connections are shown in columns, those of one client where it is named', async t => {
  const host = new KernelHost(t);
  host.connections = CONNECTIONS;
  t.is(
    (await host.run('show', '--connections')).out,
    `pro   expire  state        client               virtual             server
tcp   14:58   ESTABLISHED  192.0.2.7:41000      192.0.2.100:80      192.0.2.11:80
tcp   100:01  FIN_WAIT     [2001:db8::7]:41000  [2001:db8::100]:80  [2001:db8::11]:80
ip    5:00    NONE         192.0.2.7:0          0.0.0.7:0           192.0.2.11:0
`.replaceAll(/^(pro|tcp|ip) +/gm, word => word.trim().padEnd(5)),
  );
  const { out } = await host.run('show', '--connections', '2001:DB8:0::7', '-o', 'json');
  t.deepEqual(JSON.parse(out), {
    version: 1,
    connections: [
      {
        protocol: 'tcp',
        expires: 6001,
        state: 'FIN_WAIT',
        client: { address: '2001:db8::7', port: 41_000 },
        virtual: { address: '2001:db8::100', port: 80 },
        server: { address: '2001:db8::11', port: 80 },
      },
    ],
  });
  const hostile = await host.run('show', '--connections', '$(reboot)\u001b[2J');
  t.is(hostile.exitCode, 64);
  t.false(hostile.err.includes('\u001b'));
});

const failing = test.macro<[string, object, number, RegExp]>({
  exec: async (t, line, answer, exitCode, message) => {
    const host = new KernelHost(t);
    host.kernel.restore(RULES);
    host.answers.set(line, answer);
    for (const verb of [['show'], ['import', 'kernel']]) {
      const outcome = await host.run(...verb);
      t.is(outcome.exitCode, exitCode, outcome.err);
      t.regex(outcome.err, message);
      t.is(outcome.out, '');
    }
  },
  title: given => `a kernel that cannot be read: ${given}`,
});

test(
  'no ipvsadm',
  failing,
  '*',
  { exitCode: undefined, missing: true },
  69,
  /ipvsadm is missing.*\n {2}help: install/,
);
test(
  'no permission',
  failing,
  'ipvsadm -Sn',
  {
    exitCode: 2,
    stderr:
      "Can't initialize ipvs: Permission denied (you must be root)\nAre you sure that IP Virtual Server is built in the kernel or as module?\n",
  },
  77,
  /only root may read/,
);
test(
  'the module is gone in the middle',
  failing,
  'ipvsadm -Ln --timeout',
  { exitCode: 2, stderr: "Can't initialize ipvs: Protocol not available\n" },
  69,
  /modprobe ip_vs/,
);
test(
  'an ipvsadm without thresholds',
  failing,
  'ipvsadm -Ln --thresholds',
  { exitCode: 255, stderr: '--thresholds: unknown option\n' },
  69,
  /does not know ipvsadm -Ln --thresholds.*\n {2}help: ipvsadm 1\.31/,
);
test(
  'an ipvsadm that does not name tunnels',
  failing,
  'ipvsadm -Sn',
  { stdout: '-A -t 192.0.2.100:80 -s rr\n-a -t 192.0.2.100:80 -r 192.0.2.11:80 -i -w 1\n' },
  69,
  /types of tunnels/,
);
test(
  'a word that this version does not know',
  failing,
  'ipvsadm -Sn',
  { stdout: '-A -t 192.0.2.100:80 -s rr --new\n' },
  1,
  /ipvsadm -Sn, line 1, is not understood: "--new"/,
);
test(
  'a table that is another one each time',
  failing,
  'ipvsadm -Sn',
  { stdout: '-A -t 192.0.2.100:80 -s rr\n-a -t 192.0.2.100:80 -r 192.0.2.99:80 -g -w 1\n' },
  1,
  /changes while it is read/,
);
test(
  'a daemon that this version does not know',
  failing,
  'ipvsadm -Ln --daemon',
  { stdout: 'third sync daemon (mcast=eth0, syncid=51)\n' },
  1,
  /--daemon, line 1, is not understood/,
);
test(
  'ipvsadm dies',
  failing,
  'ipvsadm -Sn',
  { exitCode: undefined, stderr: '' },
  1,
  /ipvsadm -Sn failed: without a word/,
);

test('a kernel without IPVS is left without: ipvsadm, which would load the module, is not run', async t => {
  const host = new KernelHost(t);
  host.files = {
    ...host.files,
    look: path => (path === '/proc/net/ip_vs' ? Promise.resolve(undefined) : host.files.look(path)),
  };
  host.answers.set('*', { exitCode: 99 });
  for (const verb of [['show'], ['show', '--connections'], ['import', 'kernel']]) {
    const { exitCode, err } = await host.run(...verb);
    t.is(exitCode, 69);
    t.is(
      err,
      'lvsctl: this kernel has no IPVS: there is no /proc/net/ip_vs\n  help: load its module with modprobe ip_vs\n',
    );
  }
});

test("a client's connections come with what a persistent service remembers of its network", async t => {
  const host = new KernelHost(t);
  host.kernel.restore([
    '-A -t 192.0.2.100:80 -s rr -p 300 -M 255.255.255.0',
    '-A -t 192.0.2.101:80 -s rr -p 300',
    '-A -f 7 -s rr -p 300 -M 255.0.255.0',
    '-A -t [2001:db8::100]:80 -s rr -p 300 -M 64',
  ]);
  const mine = [
    'TCP 14:58  ESTABLISHED 198.51.100.7:41000 192.0.2.100:80     192.0.2.11:80',
    'TCP 05:00  NONE        198.51.100.0:0     192.0.2.100:80     192.0.2.11:80',
    'TCP 05:00  NONE        198.51.100.7:0     192.0.2.101:80     192.0.2.11:80',
    'IP  05:00  NONE        198.0.100.0:0      0.0.0.7:0          192.0.2.11:0',
  ];
  const others = [
    'TCP 14:58  ESTABLISHED 198.51.100.8:41000 192.0.2.100:80     192.0.2.11:80',
    'TCP 05:00  NONE        198.51.101.0:0     192.0.2.100:80     192.0.2.11:80',
    'TCP 05:00  NONE        198.51.100.8:0     192.0.2.101:80     192.0.2.11:80',
    'TCP 05:00  NONE        [2001:db8:7::]:0   [2001:db8::100]:80 [2001:db8::11]:80',
    'IP  05:00  NONE        198.0.101.0:0      0.0.0.7:0          192.0.2.11:0',
  ];
  host.connections += [...mine, ...others].map(line => `${line}\n`).join('');
  const { out } = await host.run('show', '--connections', '198.51.100.7');
  t.is(out.split('\n').length, mine.length + 2, out);
  for (const line of mine) t.true(out.includes(line.split(/\s+/)[3]!), out);
  const six = await host.run('show', '--connections', '2001:db8:7::9');
  t.true(six.out.includes('[2001:db8:7::]:0'), six.out);
});
