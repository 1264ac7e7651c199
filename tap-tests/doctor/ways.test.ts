import test from 'ava';
import type { Act } from '../../src/director/host/act.js';
import { NotKnown } from '../../src/doctor/ask.js';
import { lvsctl } from '../../src/doctor/mend.js';
import type { Conduct } from '../../src/doctor/realserver/conduct.js';
import { setUpAgain, tasksOf } from '../../src/doctor/realserver/part.js';
import { judgeReversePath } from '../../src/doctor/realserver/reverse-path.js';
import { judgeSetUp } from '../../src/doctor/realserver/set-up.js';
import { judgeWayBack } from '../../src/doctor/realserver/way-back.js';
import type { Patient } from '../../src/doctor/patient.js';
import { tunnelMtu } from '../../src/doctor/wire/tunnel-mtu.js';
import type { Runner, RunResult } from '../../src/system/ports.js';
import { cluster, MIDAS, server, service } from '../support/clusters.js';

const AGAIN: Act[] = [{ program: 'lvsctl', args: ['realserver-setup'], line: 'lvsctl realserver-setup' }];
const [VIP, RIP] = ['192.168.45.26', '198.51.100.7'];

const tunnelled = (type: 'ipip' | 'gre') =>
  cluster({
    directors: [MIDAS],
    services: [
      service(`${VIP}:80`, [], {
        servers: [server(RIP, { forwarding: 'tunnel', tunnel: { type, checksum: false } })],
      }),
    ],
  });

/** rp_filter of interfaces. */
function conduct(values: Readonly<Record<string, number>>): Map<string, Conduct> {
  return new Map(
    Object.entries(values).map(([name, rp_filter]) => [name, { arp_ignore: 1, arp_announce: 2, rp_filter }]),
  );
}

const strict = (
  values: Readonly<Record<string, number>>,
  { type = 'ipip', leaves = 'eth0' }: { type?: 'ipip' | 'gre'; leaves?: string } = {},
): string[] =>
  judgeReversePath(
    conduct(values),
    tasksOf(tunnelled(type), new Set([RIP])),
    new Map([[RIP, 'eth0']]),
    leaves,
    AGAIN,
  ).map(one => `${one.code} ${one.subject}`);

test('a command that is printed can be typed, whatever the description is called', t => {
  const { line, args } = lvsctl(['node', 'main.js'], 'realserver-setup', '-f', "it's; rm -rf $HOME.yaml");
  t.is(line, "lvsctl realserver-setup -f 'it'\\''s; rm -rf $HOME.yaml'");
  t.deepEqual(args, ['main.js', 'realserver-setup', '-f', "it's; rm -rf $HOME.yaml"]);
});

test('a strict filter drops what comes out of a tunnel, and the greater of both counts', t => {
  const told = ['tunnel-filtered net.ipv4.conf.tunl0.rp_filter'];
  t.deepEqual(strict({ all: 1, tunl0: 0 }), told);
  t.deepEqual(strict({ all: 0, tunl0: 1 }), told);
  t.deepEqual(strict({ all: 2, tunl0: 1 }), []);
  t.deepEqual(strict({ all: 0, tunl0: 0, eth0: 1 }), []);
  t.deepEqual(strict({ all: 1, gre0: 0 }, { type: 'gre' }), ['tunnel-filtered net.ipv4.conf.gre0.rp_filter']);
  t.deepEqual(strict({ all: 1 }), [], 'without its device another check speaks');
});

test('under direct routing it drops clients where the way back leaves elsewhere', t => {
  const direct = tasksOf(cluster({ services: [service(`${VIP}:80`, [RIP])] }), new Set([RIP]));
  const told = (values: Readonly<Record<string, number>>, leaves: string | undefined): string[] =>
    judgeReversePath(conduct(values), direct, new Map([[RIP, 'eth0']]), leaves, AGAIN).map(one => one.code);
  t.deepEqual(told({ all: 1, eth0: 0 }, 'eth1'), ['clients-filtered']);
  t.deepEqual(told({ all: 1, eth0: 0 }, 'eth0'), []);
  t.deepEqual(told({ all: 1, eth0: 0 }, undefined), []);
  t.deepEqual(told({ all: 2, eth0: 1 }, 'eth1'), []);
});

test('the default route behind NAT has to be the director', t => {
  const gateway = { address: '10.0.70.1', prefix: 24, interface: 'eth1' };
  const nat = cluster({ gateway, directors: [MIDAS] });
  const judge = (via: string | undefined, what = nat): unknown =>
    judgeWayBack('ipv4', { via, interface: 'eth0' }, '10.0.70.4', what).map(one => [
      one.code,
      one.mend?.map(({ line }) => line),
    ]);
  t.deepEqual(judge('10.0.70.1'), []);
  const told = [['nat-way-back', ['ip route replace default via 10.0.70.1']]];
  t.deepEqual(judge('10.0.70.254'), told);
  t.deepEqual(judge(undefined), told);
  t.deepEqual(judge(MIDAS.address), told, 'it would not move with the VIPs');
  const said = (route: Parameters<typeof judgeWayBack>[1]): string =>
    judgeWayBack('ipv4', route, '10.0.70.4', nat)[0]!.what;
  const server = 'this server behind NAT';
  t.is(said(undefined), `${server} has no default route: it has to be by 10.0.70.1, the director`);
  const wrong = 'and not by 10.0.70.1, the director';
  t.is(
    said({ via: '10.0.70.254', interface: 'eth0' }),
    `the default route of ${server} is by 10.0.70.254, ${wrong}`,
  );
  t.is(
    said({ via: undefined, interface: 'ppp0' }),
    `the default route of ${server} is by the device ppp0, ${wrong}`,
  );
  const alone = cluster({ directors: [MIDAS] });
  t.deepEqual(judge(MIDAS.address, alone), []);
  t.deepEqual(judge('10.0.70.254', alone), [['nat-way-back', []]]);
  t.deepEqual(judge('10.0.70.254', cluster({ directors: [] })), []);
});

const judged = (exitCode: number, ...words: readonly string[]): string[] =>
  judgeSetUp({ exitCode, words }, conduct({ all: 0, eth0: 0 }), AGAIN).map(
    one => `${one.code} ${one.subject}: ${one.what}`,
  );

test('what the script of real servers finds missing is told by what it does', t => {
  t.deepEqual(judged(0, 'in place: address lo 10.0.0.50/32', 'running'), []);
  t.deepEqual(
    judged(
      3,
      'missing: address lo 10.0.0.50/32',
      'missing: module ipip tunl0',
      'missing: up tunl0 ',
      'missing: made dummy0 ',
      'missing: mode ip6tnl0 any',
      'missing: fou 6080 4',
      'missing: filter /var/lib/lvsctl/realserver.nft',
      'missing: sysctl net/ipv4/conf/tunl0/rp_filter 0',
      'missing: a line for this host in the settings (looked for: any)',
      'stopped',
    ),
    [
      'vip-not-taken 10.0.0.50: lo does not have 10.0.0.50/32',
      'device-not-ready tunl0: there is no tunl0: the module ipip is not loaded',
      'device-not-ready tunl0: tunl0 is not up',
      'device-not-ready dummy0: there is no dummy0',
      'device-not-ready ip6tnl0: ip6tnl0 takes only IPv6 inside, and not any',
      'device-not-ready UDP port 6080: UDP port 6080 does not take packets of the tunnel (gue)',
      'vip-filter-missing packet filter: the rules that take the VIPs are not loaded',
      'set-up-incomplete net.ipv4.conf.tunl0.rp_filter: it is not 0',
      'set-up-refused set-up: this host has none of the addresses by which the description knows its servers',
    ],
  );
  t.deepEqual(judged(3, 'no longer described: address:lo:10.0.0.51/32=absent', 'running'), [
    'set-up-surplus set-up: 10.0.0.51/32 on lo is of an earlier set-up, and no longer described',
  ]);
});

test('a description that does not say what runs sets nothing up', async t => {
  const words = { program: ['node', '/lvsctl'], fileWords: [] };
  const acts = async (isRunning: boolean, problem?: string): Promise<string[]> => {
    const state = { name: 'lvs.yaml', ...(problem === undefined ? {} : { problem }) };
    const description = () => Promise.resolve(state);
    return (await setUpAgain({ ...words, isRunning, description })).map(({ line }) => line);
  };
  t.deepEqual(await acts(true, 'differs'), []);
  t.deepEqual(await acts(true), ['lvsctl realserver-setup']);
  t.deepEqual(await acts(false, 'differs'), ['lvsctl realserver-setup']);
});

test('a set-up that nothing was seen of is told, and never in order', t => {
  t.deepEqual(judged(4, 'this host has no interface eth9', 'unknown'), [
    'set-up-refused set-up: this host has no interface eth9',
  ]);
  const elsewhere =
    'the VIP 10.0.0.50 is an address of eth0 here, which answers for it: ip addr del, if it may go';
  t.deepEqual(judged(4, elsewhere, 'unknown'), [`set-up-refused set-up: ${elsewhere}`]);
  t.deepEqual(judged(6, 'no line of it can be read'), ['set-up-refused set-up: no line of it can be read']);
  const silent = t.throws(() => judged(4, 'unknown'), { instanceOf: NotKnown });
  t.is(silent.message, 'the check of the set-up ended with 4, and said nothing');
  t.notRegex(judged(4, 'x\u001b[2J').join(), /\u001b/);
});

/** A path that carries so much; `tells`: whoever drops says so. */
function path(
  carries: number,
  { tells = false, mtu = 1500, route = {} } = {},
): { runner: Runner; pings: number[] } {
  const pings: number[] = [];
  const run = (program: string, args: readonly string[]): Promise<RunResult> => {
    const told = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
    if (args.includes('link')) return Promise.resolve({ ...told, stdout: JSON.stringify([{ mtu }]) });
    if (program === 'ip')
      return Promise.resolve({
        ...told,
        stdout: JSON.stringify([{ dev: 'eth0', gateway: '192.168.45.1', prefsrc: MIDAS.address, ...route }]),
      });
    const size = Number(args[args.indexOf('-s') + 1]) + 28;
    pings.push(size);
    if (size <= carries) return Promise.resolve(told);
    const stdout = tells ? `From 192.168.45.1 icmp_seq=1 Frag needed and DF set (mtu = ${carries})\n` : '';
    return Promise.resolve({ ...told, exitCode: 1, stdout });
  };
  return { runner: { run, follow: () => Promise.reject(new Error('nothing is followed')) }, pings };
}

async function probed(runner: Runner): Promise<unknown> {
  const what = tunnelled('ipip');
  const machine = { director: MIDAS, anonymousDirector: false, realServer: false };
  const found = await tunnelMtu.examine({ cluster: what, machine, ports: { runner } } as unknown as Patient);
  return found?.map(one => [one.code, one.what, ...(one.mend ?? []).map(({ line }) => line)]);
}

test('a path that carries all is asked once', async t => {
  const { runner, pings } = path(1500);
  t.deepEqual(await probed(runner), []);
  t.deepEqual(pings, [1500]);
});

test('a hole in the path is measured, and the route that goes round it named', async t => {
  t.deepEqual(await probed(path(1410).runner), [
    [
      'tunnel-hole',
      'packets of 1500 bytes to it vanish without a word; those of 1400 arrive',
      `ip route replace ${RIP} via 192.168.45.1 dev eth0 mtu 1400`,
    ],
  ]);
  t.deepEqual(await probed(path(100).runner), [
    ['tunnel-hole', 'packets of 1500 bytes to it vanish without a word; small ones arrive'],
  ]);
});

test('with that route there is nothing to say, but what the kernel has learnt by itself counts as the path', async t => {
  t.deepEqual(await probed(path(1410, { route: { metrics: [{ mtu: 1400 }] } }).runner), []);
  const learnt = path(1400, { tells: true, route: { metrics: [{ mtu: 1400 }], expires: 590 } });
  t.deepEqual(await probed(learnt.runner), [
    ['tunnel-narrow', 'the path to it carries 1400 bytes, and eth0 1500'],
  ]);
});

test('who answers no ping is not known', async t => {
  t.deepEqual(await probed(path(0).runner), [
    ['tunnel-not-probed', 'it gives no answer to ping, small or large'],
  ]);
});
