import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { machineOf } from '../../src/cluster/machines.js';
import type { HeldAddress } from '../../src/director/host/held.js';
import { NotKnown } from '../../src/doctor/ask.js';
import type { Finding } from '../../src/doctor/finding.js';
import type { Patient } from '../../src/doctor/patient.js';
import { arpAnswers, neighbourAnswers } from '../../src/doctor/wire/answers.js';
import { KernelFailure } from '../../src/director/failure.js';
import type { RunResult } from '../../src/system/ports.js';
import { cluster, service } from '../support/clusters.js';

const [MIDAS, ESTEPE, WEB1, WEB2, STRANGER] = ['01', '02', '03', '04', '99'].map(
  one => `02:00:00:00:00:${one}`,
);
const [VIP, VIP6] = ['192.168.45.26', '2001:db8:45::26'];
/** Who answers for what, where all is well and midas is active. */
const WELL: Readonly<Record<string, readonly string[]>> = {
  '192.168.45.23': [MIDAS!],
  '192.168.45.204': [ESTEPE!],
  '192.168.45.13': [WEB1!],
  '192.168.45.43': [WEB2!],
  '2001:db8:45::23': [MIDAS!],
  [VIP]: [MIDAS!],
  [VIP6]: [MIDAS!],
};

const BOTH = cluster({
  directors: [
    { name: 'midas', address: '192.168.45.23', address6: '2001:db8:45::23', interface: 'eth0' },
    { name: 'estepe', address: '192.168.45.204', interface: 'eth0' },
  ],
  services: [
    service(`${VIP}:80`, ['192.168.45.13', '192.168.45.43']),
    service(`[${VIP6}]:80`, ['2001:db8:45::13']),
  ],
});

interface Sight {
  readonly own: readonly string[];
  readonly answers?: Readonly<Record<string, readonly string[]>>;
  readonly missing?: readonly string[];
  readonly says?: Partial<RunResult>;
  readonly what?: Cluster;
}

/** INTERFACE ADDRESS/PREFIX each. */
function held(own: readonly string[]): HeldAddress[] {
  return own.map(one => {
    const [, device, address, prefix] = /^(\S+) (\S+)\/(\d+)$/.exec(one)!;
    const scope = device === 'lo' ? 'host' : 'global';
    return {
      address: address!,
      prefix: Number(prefix),
      interface: device!,
      scope,
      deprecated: false,
      failed: false,
    };
  });
}

const WEB = ['eth0 192.168.45.13/24', 'eth0 2001:db8:45::13/64', `lo ${VIP}/32`, `lo ${VIP6}/128`];
const ACTIVE = ['eth0 192.168.45.23/24', 'eth0 2001:db8:45::23/64', `eth0 ${VIP}/24`, `eth0 ${VIP6}/64`];
const STANDBY = ['eth0 192.168.45.204/24', 'eth0 2001:db8:45::204/64'];

const lines: string[] = [];

async function look(
  family: 4 | 6,
  { own, answers = {}, missing = [], says, what = BOTH }: Sight,
): Promise<string[] | undefined> {
  const all = held(own);
  const heard = { ...WELL, ...answers };
  const run = (program: string, args: readonly string[]): Promise<RunResult> => {
    lines.push([program, ...args].join(' '));
    const told = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
    if (missing.includes(program)) return Promise.resolve({ ...told, exitCode: undefined, missing: true });
    if (says) return Promise.resolve({ ...told, ...says });
    const address = program === 'arping' ? args.at(-1)! : program === 'ip' ? args.at(-3)! : args.at(-2)!;
    const others = heard[address] ?? [];
    if (program === 'ping') return Promise.resolve(told);
    if (program === 'ip')
      return Promise.resolve({
        ...told,
        stdout: JSON.stringify(others.map(lladdr => ({ dst: address, lladdr: lladdr.toLowerCase() }))),
      });
    const stdout =
      program === 'arping'
        ? `ARPING ${address} from 1.2.3.4 eth0\n${others.map(one => `Unicast reply from ${address} [${one}]  0.6ms\n`).join('')}`
        : others.map(one => `Target link-layer address: ${one}\n from ${address}\n`).join('');
    const exitCode = others.length > 0 ? 0 : program === 'arping' ? 1 : 2;
    return Promise.resolve({ ...told, exitCode, stdout });
  };
  const patient = {
    cluster: what,
    machine: machineOf(
      what,
      'x',
      all.map(one => one.address),
    )!,
    addresses: () => Promise.resolve(all),
    ports: { runner: { run } },
  } as unknown as Patient;
  const found: readonly Finding[] | undefined = await (family === 4 ? arpAnswers : neighbourAnswers).examine(
    patient,
  );
  return found?.map(one => `${one.code}: ${one.what}`);
}

for (const [name, own, here] of [
  ['a real server', WEB, false],
  ['the active director', ACTIVE, true],
  ['a standby', STANDBY, false],
] as const) {
  const without = here ? { [VIP]: [], [VIP6]: [] } : {};
  test(`${name}: nothing to say where all is well`, async t => {
    t.deepEqual(await look(4, { own, answers: without }), []);
    t.deepEqual(await look(6, { own, answers: without }), []);
  });
  const director = here ? [] : [MIDAS!];
  test(`${name}: a real server that answers is named`, async t => {
    const other = own === WEB ? WEB2! : WEB1!;
    const rip = own === WEB ? '192.168.45.43' : '192.168.45.13';
    t.deepEqual(await look(4, { own, answers: { [VIP]: [...director, other] } }), [
      `server-answers: the real server ${rip} (${other}) answers for it on eth0`,
    ]);
  });
  test(`${name}: a machine that nobody knows answers`, async t => {
    const answers = { [VIP]: [...director, STRANGER!], [VIP6]: [...director, STRANGER!] };
    const told = [
      `stranger-answers: a machine that the description does not name answers for it on eth0: ${STRANGER}`,
    ];
    t.deepEqual(await look(4, { own, answers }), told);
    t.deepEqual(await look(6, { own, answers }), told);
  });
}

test('two directors have it at once', async t => {
  const answers = { [VIP]: [MIDAS!, ESTEPE!] };
  t.deepEqual(await look(4, { own: WEB, answers }), [
    `vip-twice: midas (${MIDAS}) and estepe (${ESTEPE}) have it at once, on eth0`,
  ]);
  t.deepEqual(await look(4, { own: ACTIVE, answers: { [VIP]: [ESTEPE!] } }), [
    `vip-twice: this machine and estepe (${ESTEPE}) have it at once, on eth0`,
  ]);
});

const GREEDY = `director-answered: the real server 192.168.45.13 (${WEB1}) answers for it on eth0`;
const SERVER = `server-answers: the real server 192.168.45.13 (${WEB1}) answers for it on eth0`;
const OTHER_WEB = ['eth0 192.168.45.43/24', `lo ${VIP}/32`];

/** Web1 has answers for its whole network, and is the first to give them. */
const WHOLE = {
  '192.168.45.23': [WEB1!, MIDAS!],
  '192.168.45.204': [WEB1!, ESTEPE!],
  [VIP]: [WEB1!, MIDAS!],
};

test('a real server that answers for its whole network is not taken for the director, nor he for a stranger', async t => {
  const both = [`${GREEDY}, beside the director midas`, `${GREEDY}, beside the director estepe`, SERVER];
  t.deepEqual(await look(4, { own: OTHER_WEB, answers: WHOLE }), both);
  t.deepEqual(await look(4, { own: OTHER_WEB, answers: { ...WHOLE, [VIP]: [WEB1!] } }), both);
  // With a third server, for which the first answers, too.
  const what = {
    ...BOTH,
    services: [service(`${VIP}:80`, ['192.168.45.13', '192.168.45.43', '192.168.45.44'])],
  };
  const third = { '192.168.45.44': [WEB1!, '02:00:00:00:00:05'] };
  t.deepEqual(await look(4, { own: OTHER_WEB, answers: { ...WHOLE, ...third }, what }), both);
});

test('a director of two addresses is known by the one that only he answers for', async t => {
  const what = {
    ...BOTH,
    directors: [{ ...BOTH.directors[0]!, inner: { address: '10.1.0.1', prefix: 24, interface: 'eth1' } }],
  };
  const answers = { '192.168.45.23': [WEB1!, MIDAS!], '10.1.0.1': [MIDAS!], [VIP]: [MIDAS!] };
  t.deepEqual(await look(4, { own: OTHER_WEB, answers, what }), [`${GREEDY}, beside the director midas`]);
  // A router may answer for what is behind it.
  const routed = { '192.168.45.23': [MIDAS!], '10.1.0.1': [STRANGER!, MIDAS!], [VIP]: [MIDAS!] };
  t.deepEqual(await look(4, { own: OTHER_WEB, answers: routed, what }), []);
});

test('a real server that answers in the place of directors that are away is named', async t => {
  const answers = { '192.168.45.23': [WEB1!], '192.168.45.204': [], [VIP]: [WEB1!] };
  t.deepEqual(await look(4, { own: OTHER_WEB, answers }), [
    `${GREEDY}, and the director midas does not`,
    SERVER,
  ]);
});

test('two real servers that answer for all are told from the director, and not from each other', async t => {
  const third = '02:00:00:00:00:05';
  const what = {
    ...BOTH,
    services: [service(`${VIP}:80`, ['192.168.45.13', '192.168.45.43', '192.168.45.44'])],
  };
  const answers = {
    '192.168.45.23': [third, WEB1!, MIDAS!],
    '192.168.45.13': [third, WEB1!],
    '192.168.45.44': [third, WEB1!],
    [VIP]: [MIDAS!, third],
  };
  const name = '192.168.45.13 or 192.168.45.44';
  t.deepEqual(await look(4, { own: OTHER_WEB, answers, what }), [
    `director-answered: the real server ${name} (${third}) and the real server ${name} (${WEB1}) answer for it on eth0, beside the director midas`,
    `server-answers: the real server ${name} (${third}) answers for it on eth0`,
  ]);
});

test('a stranger with the address of a director', async t => {
  const beside = { '192.168.45.23': [STRANGER!, MIDAS!], [VIP]: [MIDAS!, STRANGER!] };
  t.deepEqual(await look(4, { own: OTHER_WEB, answers: beside }), [
    `director-answered: ${STRANGER} and ${MIDAS} answer for it on eth0: several machines have the address of the director midas, or it has several interfaces there`,
  ]);
  const wide = {
    ...WHOLE,
    '192.168.45.23': [STRANGER!, MIDAS!],
    '192.168.45.204': [STRANGER!, ESTEPE!],
    [VIP]: [MIDAS!],
  };
  t.deepEqual(
    (await look(4, { own: OTHER_WEB, answers: wide }))?.map(one => one.slice(0, 63)),
    Array(2).fill('director-answered: a machine that the description does not name'),
  );
});

test('a network that answers for all machines says nothing of any', async t => {
  const one = [STRANGER!];
  const addresses = ['192.168.45.23', '192.168.45.204', '192.168.45.13', '192.168.45.43', VIP];
  const answers = Object.fromEntries(addresses.map(address => [address, one]));
  t.deepEqual(await look(4, { own: STANDBY, answers }), []);
});

test('nobody answers: a real server tells, a director has a check of its own', async t => {
  t.deepEqual(await look(4, { own: WEB, answers: { [VIP]: [] } }), [
    'vip-unanswered: nobody answers for it on eth0',
  ]);
  t.deepEqual(await look(4, { own: STANDBY, answers: { [VIP]: [] } }), []);
});

test('where no director is a neighbour, nobody has to answer, and one who does may be one', async t => {
  const away = { '192.168.45.23': [], '192.168.45.204': [] };
  t.deepEqual(await look(4, { own: WEB, answers: { ...away, [VIP]: [] } }), []);
  t.deepEqual(await look(4, { own: WEB, answers: { ...away, [VIP]: [STRANGER!] } }), []);
  t.deepEqual((await look(4, { own: WEB, answers: { ...away, [VIP]: [STRANGER!, MIDAS!] } }))?.length, 2);
});

test('a real server in another network asks for nothing', async t => {
  const what = { ...BOTH, services: [service(`${VIP}:80`, ['198.51.100.7'])] };
  t.is(await look(4, { own: ['eth0 198.51.100.7/24', `tunl0 ${VIP}/32`], what }), undefined);
});

test('it is asked by an own address of the interface, for all who answer', async t => {
  lines.length = 0;
  await look(4, { own: WEB });
  t.true(lines.includes(`arping -b -w 2 -I eth0 -s 192.168.45.13 ${VIP}`), lines.join('\n'));
});

test('without ndisc6 the kernel asks for what is not here, and else it is not known', async t => {
  const missing = ['ndisc6'];
  t.deepEqual(await look(6, { own: STANDBY, missing }), []);
  t.deepEqual(await look(6, { own: STANDBY, missing, answers: { [VIP6]: [STRANGER!] } }), [
    `stranger-answers: a machine that the description does not name answers for it on eth0: ${STRANGER}`,
  ]);
  await t.throwsAsync(look(6, { own: WEB, missing }), { instanceOf: NotKnown, message: /no ndisc6/ });
});

test('what cannot be asked is not known', async t => {
  await t.throwsAsync(look(4, { own: WEB, missing: ['arping'] }), {
    instanceOf: NotKnown,
    message: /no arping/,
  });
  await t.throwsAsync(look(4, { own: WEB, says: { stdout: 'Usage: arping [-0aAbd]\n' } }), {
    message: /iputils/,
  });
  const denied = { exitCode: 2, stderr: 'arping: socket: Operation not permitted\n' };
  await t.throwsAsync(look(4, { own: WEB, says: denied }), {
    instanceOf: KernelFailure,
    message: /not permitted/,
  });
  const gone = { exitCode: 2, stderr: 'arping: Device eth0 not available.\u001b[2J\n' };
  const error = await t.throwsAsync(look(4, { own: WEB, says: gone }), { instanceOf: NotKnown });
  t.notRegex(error.message, /\u001b/);
});

test('thousands of VIPs are not all asked for, and that is told', async t => {
  const services = Array.from({ length: 300 }, (_, at) =>
    service(`192.168.45.26:${at + 1}`, ['192.168.45.13']),
  ).map(
    (one, at) =>
      ({ ...one, virtual: { ...one.virtual, address: `10.${at >> 8}.${at & 255}.1` } }) as typeof one,
  );
  t.deepEqual(await look(4, { own: STANDBY, what: { ...BOTH, services } }), [
    'vips-not-asked: 256 of 300 VIPs were asked for',
  ]);
});
