import test, { type ExecutionContext } from 'ava';
import type { Serving } from '../../src/system/ports.js';
import { FolderHost, MACHINE, MACHINE_SAYS } from '../realserver/agent/support.js';
import { fileError } from '../support/fake-files.js';
import { type Outcome, TestHost } from '../support/context.js';

const DESCRIPTION = `version: 1
polling: { port: 2400 }
failover: { by: vrrp }
directors:
  - { name: midas, address: 192.0.2.1, address6: "2001:db8::1", interface: eth0, inner: { address: 10.0.0.1/24, interface: eth1 } }
  - { name: estepe, address: 192.0.2.2, interface: eth0 }
hosts:
  web1: { address: 192.0.2.11 }
  web2: { address: 192.0.2.12, agent: 2500 }
  web3: { address: 192.0.2.13, agent: none }
services:
  - { name: web, address: 192.0.2.100, port: 80, servers: [ web1, web2, web3 ] }
`;
const DIRECTORS = ['192.0.2.1', '2001:db8::1', '10.0.0.1', '192.0.2.2'];

/** A real server, which serves as long as the test asks. */
class AgentHost extends TestHost {
  served: Serving | undefined;

  constructor(t: ExecutionContext, files: Readonly<Record<string, string>> = {}) {
    super(t);
    for (const [path, content] of Object.entries({ ...MACHINE, ...files })) this.put(path, content);
    this.name = 'web1';
    this.serve = serving => {
      this.served = serving;
      return Promise.resolve();
    };
  }

  /** Whom of these it would answer. */
  async answers(...peers: string[]): Promise<string[]> {
    const found: string[] = [];
    for (const peer of peers) if ((await this.served!.answer(peer)) !== undefined) found.push(peer);
    return found;
  }
}

const uptimesrv = (host: TestHost, ...words: string[]): Promise<Outcome> => host.run('uptimesrv', ...words);

test('with a description the directors are answered, on the port of this host', async t => {
  const host = new AgentHost(t, { '/etc/lvsctl/lvs.yaml': DESCRIPTION });
  const { exitCode, err } = await uptimesrv(host);
  t.deepEqual([exitCode, err], [0, '']);
  t.deepEqual(host.served!.places, [{ port: 2400 }]);
  t.deepEqual(await host.answers(...DIRECTORS, '127.0.0.1', '::1', '192.0.2.12', '192.0.2.100'), [
    ...DIRECTORS,
    '127.0.0.1',
    '::1',
  ]);
  for (const [name, port] of [
    ['web2', 2500],
    ['web3', 2357],
    ['elsewhere', 2400],
  ] as const) {
    host.name = name;
    await uptimesrv(host);
    t.deepEqual(host.served!.places, [{ port }], name);
  }
});

test('a host that asks itself is answered at each of its addresses, which no description has to name', async t => {
  const host = new AgentHost(t, { '/etc/lvsctl/lvs.yaml': DESCRIPTION });
  host.addresses = ['127.0.0.1', '::1', '198.51.100.7', '2001:db8::7'];
  await uptimesrv(host);
  t.deepEqual(await host.answers('198.51.100.7', '2001:db8::7', '198.51.100.8'), [
    '198.51.100.7',
    '2001:db8::7',
  ]);
});

test('what configure has rendered goes before the description of the usual place, -f before both', async t => {
  const files = {
    '/etc/lvsctl/lvs.yaml': DESCRIPTION,
    '/etc/lvsctl/uptimesrv.conf': 'allow 192.0.2.7\nport 2600\nport 2601\n',
  };
  const host = new AgentHost(t, files);
  await uptimesrv(host);
  t.deepEqual(host.served!.places, [{ port: 2600 }, { port: 2601 }]);
  t.deepEqual(await host.answers('192.0.2.7', '192.0.2.1'), ['192.0.2.7']);
  await uptimesrv(host, '-f', '/etc/lvsctl/lvs.yaml');
  t.deepEqual(await host.answers('192.0.2.7', '192.0.2.1'), ['192.0.2.1']);
});

test('settings that are damaged let nobody in who should not', async t => {
  const host = new AgentHost(t, {
    '/etc/lvsctl/uptimesrv.conf': 'allow 192.0.2.0/24\nport 0\nport x\nallow\n',
  });
  t.is((await uptimesrv(host)).err, '');
  t.deepEqual(host.served!.places, [{ port: 2357 }]);
  t.deepEqual(await host.answers('192.0.2.1', '192.0.2.0'), []);
});

test('an allow that names nobody lets nobody in', async t => {
  const host = new AgentHost(t, { '/etc/lvsctl/uptimesrv.conf': 'allow\n' });
  await uptimesrv(host);
  t.deepEqual(await host.answers('192.0.2.1'), []);
});

test('the command line goes before all', async t => {
  const host = new AgentHost(t, { '/etc/lvsctl/lvs.yaml': 'damaged: [' });
  const { exitCode } = await uptimesrv(
    host,
    '--listen',
    '[2001:DB8::11]:99',
    '--allow',
    '192.0.2.9',
    '2001:db8:0::9',
  );
  t.is(exitCode, 0);
  t.deepEqual(host.served!.places, [{ address: '2001:db8::11', port: 99 }]);
  t.deepEqual(await host.answers('192.0.2.9', '2001:db8::9', '192.0.2.1'), ['192.0.2.9', '2001:db8::9']);
});

test('without a description everyone is answered, and that is said once', async t => {
  const host = new AgentHost(t);
  const { err } = await uptimesrv(host);
  t.is(
    err,
    'warning: everyone is answered: name the directors with --allow, or a description of them with -f\n',
  );
  t.deepEqual(host.served!.places, [{ port: 2357 }]);
  t.deepEqual(await host.answers('198.51.100.1'), ['198.51.100.1']);
});

test('-n says what would be answered, and to whom, and serves nobody', async t => {
  const host = new AgentHost(t);
  host.time = new Date(2026, 10, 21, 14, 2, 11).getTime();
  const { exitCode, out, err } = await uptimesrv(host, '-n', '--listen', '*:1', '--allow', '::1');
  t.deepEqual([exitCode, out, err], [0, MACHINE_SAYS, 'on *:1 it would say to ::1:\n']);
  t.is(host.served, undefined);
});

test('many who ask at once cost one answer', async t => {
  const host = new AgentHost(t);
  await uptimesrv(host, '--allow', '192.0.2.1', '--listen', '*:1');
  let read = 0;
  const files = { ...host.files };
  host.files.readNow = (path, most) => {
    if (path === '/proc/uptime') read++;
    return files.readNow(path, most);
  };
  await Promise.all(Array.from({ length: 100 }, () => host.served!.answer('192.0.2.1')));
  t.is(read, 1);
});

test('an application that says nothing is complained of once, and again after it has said something', async t => {
  const host = new AgentHost(t, { '/run/busy': 'x\n' });
  let err = '';
  host.serve = async serving => {
    for (const content of ['x', 'x', '5', 'x', 'x']) {
      host.put('/run/busy', `${content}\n`);
      err += `${(await serving.answer('127.0.0.1'))!.includes('busy_us=5') ? 5 : '-'}`;
    }
  };
  const outcome = await uptimesrv(
    host,
    '--busy-file',
    '/run/busy',
    '--allow',
    '127.0.0.1',
    '--listen',
    '*:1',
  );
  t.is(err, '--5--');
  t.is(outcome.err.match(/does not say it/g)?.length, 2);
});

test('the state is kept for the answers to come, and returns at once', async t => {
  const host = new AgentHost(t);
  for (const state of ['drain', 'maint', 'ready'] as const) {
    const { exitCode, out } = await uptimesrv(host, '--state', state);
    t.deepEqual([exitCode, out], [0, `${state}: the agent of this host says so from now on\n`]);
    t.is(host.text('/run/lvsctl/agent.state'), `${state}\n`);
    t.deepEqual([host.mode('/run/lvsctl'), host.mode('/run/lvsctl/agent.state')], [0o755, 0o644]);
  }
  t.deepEqual(await uptimesrv(host, '--state', 'drain', '-n'), {
    exitCode: 0,
    out: 'would write drain to /run/lvsctl/agent.state\n',
    err: '',
  });
  t.is(host.text('/run/lvsctl/agent.state'), 'ready\n');
  t.is(host.served, undefined);
});

test('both agents read the state that either has set', async t => {
  const host = new FolderHost(t);
  host.sh('dash', ['--state', 'maint']);
  t.regex((await host.node()).out!, / state=maint\n/);
});

test('who may not set the state hears so', async t => {
  const host = new AgentHost(t);
  host.files = { ...host.files, replace: () => Promise.reject(fileError('EACCES')) };
  const { exitCode, err } = await uptimesrv(host, '--state', 'drain');
  t.deepEqual(
    [exitCode, err],
    [77, 'lvsctl: /run/lvsctl/agent.state cannot be written: permission denied\n  help: try as root\n'],
  );
});

const WRONG: readonly (readonly [string[], RegExp])[] = [
  [['--listen', '192.0.2.1'], /nothing can listen on "192\.0\.2\.1"/],
  [['--listen', '192.0.2.1:0'], /nothing can listen on/],
  [['--listen', '192.0.2.1:65536'], /nothing can listen on/],
  [['--listen', '2001:db8::1:80'], /nothing can listen on/],
  [['--listen', '224.0.0.1:80'], /nothing can listen on/],
  [['--listen', '$(id):80'], /nothing can listen on/],
  [['--listen', ''], /nothing can listen on ""/],
  [['--allow', '192.0.2.0/24'], /nobody has the address "192\.0\.2\.0\/24"/],
  [['--allow', 'midas'], /nobody has the address/],
  [['--busy-file', 'busy'], /has to be absolute, not "busy"/],
  [['--busy-command', ''], /cannot be empty/],
  [['--busy-file', '/a', '--busy-command', 'b'], /exclude each other/],
  [['--state', 'drain', '--allow', '192.0.2.1'], /--state is what the agent/],
  [['--state', 'drain', '-f', 'x'], /--state is what the agent/],
  [['--state', 'down'], /Allowed choices are drain, maint, ready/],
];

for (const [words, expected] of WRONG) {
  test(`what cannot be meant is refused: ${words.join(' ')}`, async t => {
    const host = new AgentHost(t);
    const { exitCode, out, err } = await uptimesrv(host, ...words);
    t.deepEqual([exitCode, out], [64, '']);
    t.regex(err, expected);
    t.is(host.served, undefined);
  });
}

const REASONS = [
  [
    'EADDRINUSE',
    1,
    /^lvsctl: cannot listen on \*:2357: something listens there already\n {2}help: .*uptimesrv\.socket/m,
  ],
  ['EADDRNOTAVAIL', 1, /this host has no such address\n$/],
  ['EACCES', 77, /permission denied\n$/],
  ['EINVAL', 1, /cannot listen on \*:2357: EINVAL/],
] as const;

for (const [code, exitCode, expected] of REASONS) {
  test(`where it cannot listen it says why: ${code}`, async t => {
    const host = new AgentHost(t);
    host.serve = () => Promise.reject(Object.assign(fileError(code), { place: '*:2357' }));
    const outcome = await uptimesrv(host);
    t.is(outcome.exitCode, exitCode);
    t.regex(outcome.err, expected);
  });
}

test('on a host without /proc there is no agent', async t => {
  const host = new AgentHost(t);
  host.remove('/proc/uptime');
  const { exitCode, err } = await uptimesrv(host);
  t.is(exitCode, 69);
  t.regex(err, /there is no \/proc\/uptime/);
});

test('a description that cannot be used starts no agent that answers everyone', async t => {
  const host = new AgentHost(t, { '/etc/lvsctl/lvs.yaml': 'version: 1\nservices: 5\n' });
  t.is((await uptimesrv(host)).exitCode, 78);
  t.is(host.served, undefined);
});
