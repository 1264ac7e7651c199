import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { createNet } from '../../../src/system/net.js';
import { readAnswer } from '../../../src/weights/answer.js';
import { reader } from '../../support/readers.js';
import { FolderHost, MACHINE_SAYS, SHELLS } from './support.js';

const FOLDER = join(process.cwd(), 'realserver');
const CONF = '/etc/lvsctl/uptimesrv.conf';
const DIRECTORS = '# Comment.\nallow 192.0.2.1\nallow 2001:db8::1\nport 2357\n';

const ASKERS: readonly (readonly [string, Record<string, string>, boolean])[] = [
  ['a director', { REMOTE_ADDR: '192.0.2.1' }, true],
  ['a director by IPv6', { REMOTE_ADDR: '2001:db8::1' }, true],
  ['a director by a socket for both', { REMOTE_ADDR: '::ffff:192.0.2.1' }, true],
  ['a director by xinetd', { REMOTE_HOST: '192.0.2.1' }, true],
  ['a director by tcpserver', { TCPREMOTEIP: '192.0.2.1' }, true],
  ['this host', { REMOTE_ADDR: '127.0.0.1' }, true],
  ['this host by IPv6', { REMOTE_ADDR: '::1' }, true],
  ['this host at its own address', { REMOTE_ADDR: '192.0.2.11' }, true],
  ['this host by xinetd at its own address', { REMOTE_HOST: '::ffff:192.0.2.11' }, true],
  ['this host at its own IPv6 address', { REMOTE_ADDR: '2001:db8::b:0:11' }, true],
  ['this host at its own IPv6 address, in full', { REMOTE_ADDR: '2001:DB8:0:0:0:b:0:11%eth0' }, true],
  ['another host with a route of its own', { REMOTE_ADDR: '192.0.2.12' }, false],
  ['the address of a network', { REMOTE_ADDR: '192.0.2.255' }, false],
  ['another host by IPv6', { REMOTE_ADDR: '2001:db8::b:0:12' }, false],
  ['code', { REMOTE_ADDR: '1.1"; system("id"); "' }, false],
  ['another host', { REMOTE_ADDR: '192.0.2.10' }, false],
  ['a part of an address', { REMOTE_ADDR: '192.0.2' }, false],
  ['a pattern', { REMOTE_ADDR: '*' }, false],
  ['the word before', { REMOTE_ADDR: 'allow' }, false],
];

/** As the kernel has them of a host with 192.0.2.11, a VIP on loopback, and 2001:db8::b:0:11. */
const OWN = {
  '/proc/net/fib_trie': `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.11
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
     |-- 127.0.0.0
        /8 host LOCAL
     |-- 192.0.2.12
        /32 universe UNICAST
`,
  '/proc/net/if_inet6':
    '00000000000000000000000000000001 01 80 10 80       lo\n20010db8000000000000000b00000011 02 40 00 80     eth0\n',
};

for (const [who, env, isAnswered] of ASKERS) {
  test(`the script and who asks: ${who}`, t => {
    const host = new FolderHost(t, { [CONF]: DIRECTORS, ...OWN });
    for (const shell of SHELLS)
      t.deepEqual(host.sh(shell, [], env), { code: 0, out: isAnswered ? MACHINE_SAYS : '', err: '' }, shell);
  });
}

test('the script answers nobody where it is not known who asks, and only some may', t => {
  const host = new FolderHost(t, { [CONF]: DIRECTORS });
  for (const shell of SHELLS) {
    const { code, out, err } = host.sh(shell);
    t.deepEqual([code, out], [0, '']);
    t.regex(err, /^who asks is not known/);
  }
});

test('an allow that names nobody lets nobody in', t => {
  const host = new FolderHost(t, { [CONF]: 'allow\n' });
  for (const shell of SHELLS)
    for (const env of [{}, { REMOTE_ADDR: '' }, { REMOTE_ADDR: '192.0.2.1' }])
      t.is(host.sh(shell, [], env).out, '');
});

for (const [what, text] of [
  ['without the end of its last line', 'allow 192.0.2.10\nallow 192.0.2.1'],
  ['with a single such line', 'allow 192.0.2.1'],
  ['of another system', 'allow 192.0.2.1\r\nport 2357\r\n'],
] as const)
  test(`settings ${what} allow whom they name, and nobody else`, t => {
    const host = new FolderHost(t, { [CONF]: text });
    for (const shell of SHELLS)
      for (const [peer, out] of [
        ['192.0.2.1', MACHINE_SAYS],
        ['192.0.2.9', ''],
      ] as const)
        t.is(host.sh(shell, [], { REMOTE_ADDR: peer }).out, out, `${shell} ${peer}`);
  });

test('a state that somebody has written with another system is read', t => {
  const host = new FolderHost(t, { '/run/lvsctl/agent.state': 'drain\r\n' });
  for (const shell of SHELLS) t.is(readAnswer(host.sh(shell).out)?.readiness, 'drain');
});

test('a pipe to which nobody writes, or that never ends, costs a second', t => {
  const host = new FolderHost(t, { '/run/lvsctl/agent.state': 'drain\n' });
  spawnSync('mkfifo', [`${host.root}/silent`]);
  symlinkSync('/dev/zero', `${host.root}/endless`);
  for (const shell of SHELLS)
    for (const path of ['/silent', '/endless']) {
      const since = performance.now();
      const { code, out } = host.sh(shell, ['--busy-file', path]);
      t.is(code, 0);
      t.is(out, 'lvsctl/1 state=drain\n');
      t.true(performance.now() - since < 5000, `${shell} ${path}: ${performance.now() - since} ms`);
    }
});

test('the script answers everyone where nobody is named', t => {
  const host = new FolderHost(t, { [CONF]: 'port 2357\n' });
  for (const shell of SHELLS) t.is(host.sh(shell, [], { REMOTE_ADDR: '198.51.100.1' }).out, MACHINE_SAYS);
});

test('what the administrator says is in the next answer, until something else is said', t => {
  const host = new FolderHost(t);
  for (const shell of SHELLS) {
    for (const word of ['drain', 'maint', 'ready']) {
      t.deepEqual(host.sh(shell, ['--state', word]), { code: 0, out: '', err: '' });
      t.is(readAnswer(host.sh(shell).out)!.readiness, word as 'drain');
    }
  }
  t.is(statSync(`${host.root}/run/lvsctl/agent.state`).mode & 0o777, 0o644);
});

test('the script says no to what it does not know', t => {
  const host = new FolderHost(t);
  const wrong = [
    ['--state', 'down'],
    ['--state', ''],
    ['--state', 'drain; id'],
    ['--state'],
    ['--busy-file', 'relative'],
    ['--busy-command', ''],
    ['--busy-file', '/a', '--busy-command', 'b'],
    ['stop'],
    ['--help'],
  ];
  for (const shell of SHELLS) {
    for (const words of wrong) {
      const { code, out, err } = host.sh(shell, words);
      t.deepEqual([code, out], [64, ''], words.join(' '));
      t.regex(err, /^uptimesrv: [^\n]+\n$/);
    }
  }
  t.false(existsSync(`${host.root}/run/lvsctl/agent.state`));
});

test('the script is as shellcheck wants it', t => {
  const { status, stdout } = spawnSync(reader('shellcheck'), [join(FOLDER, 'uptimesrv')], {
    encoding: 'utf8',
  });
  t.is(stdout, '');
  t.is(status, 0);
});

test('an answer of the script takes at most 10 ms of a processor', t => {
  // A machine that is busy with other tests takes longer, not more; caches and clocks differ, so the best of some counts.
  for (const shell of SHELLS) {
    const loop = 'i=0; while [ $i -lt 20 ]; do "$@" >/dev/null; i=$((i + 1)); done; times';
    const best = Math.min(
      ...[1, 2, 3].map(() => {
        const words = ['-c', loop, 'sh', ...shell.split(' '), join(FOLDER, 'uptimesrv')];
        const { stdout } = spawnSync('dash', words, { encoding: 'utf8' });
        const [, children = ''] = stdout.trim().split('\n');
        const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
          ([, m, s]) => Number(m) * 60 + Number(s),
        );
        return (seconds[0]! + seconds[1]!) / 20;
      }),
    );
    t.log(`${shell}: ${(best * 1000).toFixed(1)} ms`);
    t.true(best <= 0.01, `${best}`);
    t.true(best > 0);
  }
});

test('systemd has nothing to say about the units', t => {
  const { root } = new FolderHost(t);
  copyFileSync(join(FOLDER, 'uptimesrv.socket'), `${root}/uptimesrv.socket`);
  const text = readFileSync(join(FOLDER, 'uptimesrv@.service'), 'utf8');
  // Only the path differs: the script is not installed here.
  writeFileSync(
    `${root}/uptimesrv@.service`,
    text.replace('/usr/local/sbin/uptimesrv', join(FOLDER, 'uptimesrv')),
  );
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', `${root}/uptimesrv.socket`], {
    encoding: 'utf8',
  });
  t.is(
    stderr
      .split('\n')
      .filter(line => line.includes('uptimesrv'))
      .join('\n'),
    '',
  );
  t.is(status, 0);
});

test('through a socket that a super-server has accepted the poller hears the whole answer', async t => {
  const host = new FolderHost(t);
  chmodSync(join(FOLDER, 'uptimesrv'), 0o755);
  const server = createServer(socket => {
    // As inetd does it, but for the copy through this process.
    const child = spawn('dash', [join(FOLDER, 'uptimesrv')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: `${host.root}/bin:/usr/bin:/bin`, LVSCTL_ROOT: host.root },
    });
    child.stdout.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const said = await createNet().hear({ address: '127.0.0.1', port }, { timeout: 10_000, most: 1024 });
  t.deepEqual(said, { text: MACHINE_SAYS });
});
