import test from 'ava';
import type { Cluster } from '../../src/cluster/cluster.js';
import { DEFAULT_FAILOVER } from '../../src/cluster/defaults.js';
import { directorRole, refuseOnStandby, type Role } from '../../src/director/role.js';
import type { RunResult } from '../../src/system/ports.js';
import { cluster, ESTEPE, MIDAS, service } from '../support/clusters.js';

const VIP = '192.168.45.26';
const HEARTBEAT = cluster({ failover: { ...DEFAULT_FAILOVER, by: 'heartbeat' } });
const THIRD = { ...MIDAS, name: 'third', address: '192.168.45.99' };

/** What a host on the wire sees. */
interface Sight {
  /** INTERFACE ADDRESS each. */
  readonly own?: readonly string[];
  /** Who answers, with which hardware address. */
  readonly answers?: Readonly<Record<string, string>>;
  readonly missing?: readonly string[];
  readonly name?: string;
}

async function sees(what: Cluster, sight: Sight): Promise<{ readonly role: Role; readonly lines: string[] }> {
  const lines: string[] = [];
  return { role: await directorRole(what, ports(sight, lines)), lines };
}

function ports(
  { own = ['eth0 192.168.45.204'], answers = {}, missing = [], name = 'estepe' }: Sight,
  lines: string[],
) {
  const run = (program: string, args: readonly string[]): Promise<RunResult> => {
    lines.push([program, ...args].join(' '));
    const told = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
    if (missing.includes(program)) return Promise.resolve({ ...told, exitCode: undefined, missing: true });
    const links = own.map(one => one.split(' ') as [string, string]);
    const list = links.map(([ifname, local]) => ({ ifname, addr_info: [{ local, prefixlen: 24 }] }));
    if (program === 'ip') return Promise.resolve({ ...told, stdout: JSON.stringify(list) });
    const hardware = answers[args.at(-1)!];
    const exitCode = hardware === undefined ? 1 : 0;
    if (program === 'ping') return Promise.resolve({ ...told, exitCode });
    const reply = `Unicast reply from ${args.at(-1)} [${hardware}]  0.9ms\n`;
    return Promise.resolve({ ...told, exitCode: 1 - exitCode, stdout: hardware === undefined ? '' : reply });
  };
  return {
    runner: { run, follow: () => Promise.reject(new Error('nothing is followed')) },
    net: { hostName: () => name, addresses: () => own.map(one => one.split(' ')[1]!) },
  };
}

test('without failover every director is active, and nothing is asked', async t => {
  const { role, lines } = await sees(cluster(), {});
  t.deepEqual(role, { me: ESTEPE, state: 'active', active: 'estepe' });
  t.deepEqual(lines, []);
});

test('a host that the description does not name acts without failover', async t => {
  const { role } = await sees(cluster({ directors: [] }), {});
  t.deepEqual(role, { state: 'active' });
});

test('the active director has a VIP on its interface, and asks nobody', async t => {
  const { role, lines } = await sees(HEARTBEAT, { own: [`eth0 ${VIP}`] });
  t.deepEqual(role, { me: ESTEPE, state: 'active', active: 'estepe' });
  t.deepEqual(lines, ['ip -j addr show']);
});

for (const device of ['lo', 'dummy0', 'tunl0', 'eth1']) {
  test(`a VIP on ${device} makes nobody active`, async t => {
    const { role } = await sees(HEARTBEAT, {
      own: [`${device} ${VIP}`],
      answers: { [VIP]: '02:00:00:00:00:01' },
    });
    t.deepEqual(role, { me: ESTEPE, state: 'standby', active: 'midas' });
  });
}

test('the interface of the service comes before that of the director', async t => {
  const services = [service(`${VIP}:80`, ['192.168.45.13'], { interface: 'eth1' })];
  t.is((await sees({ ...HEARTBEAT, services }, { own: [`eth1 ${VIP}`] })).role.state, 'active');
  t.is((await sees({ ...HEARTBEAT, services }, { own: [`eth0 ${VIP}`] })).role.state, 'unknown');
});

test('where none has a VIP, each may act', async t => {
  const { role, lines } = await sees(HEARTBEAT, {});
  t.deepEqual(role, { me: ESTEPE, state: 'unknown' });
  // Asked as one who is about to take it: no neighbour learns a wrong address.
  t.deepEqual(lines, ['ip -j addr show', `arping -D -f -w 2 -I eth0 ${VIP}`]);
});

test('of three directors the active one is known by its hardware address', async t => {
  const three = { ...HEARTBEAT, directors: [MIDAS, THIRD, ESTEPE] };
  const answers = {
    [VIP]: '02:00:00:00:00:0a',
    [MIDAS.address]: '02:00:00:00:00:01',
    [THIRD.address]: '02:00:00:00:00:0A',
  };
  t.is((await sees(three, { answers })).role.active, 'third');
  t.deepEqual((await sees(three, { answers: { [VIP]: '02:00:00:00:00:0a' } })).role, {
    me: ESTEPE,
    state: 'standby',
  });
});

test('IPv6 alone is asked by ping, unless the VIP is here as a real server has it', async t => {
  const services = [service('[2001:db8::26]:80', ['2001:db8::13'])];
  const answers = { '2001:db8::26': 'yes' };
  const six = { ...HEARTBEAT, services };
  t.is((await sees(six, { answers })).role.active, 'midas');
  t.is((await sees(six, { answers, own: ['lo 2001:db8::26', 'eth0 192.168.45.204'] })).role.state, 'unknown');
});

test('without arping it cannot be known; without ip it is an error', async t => {
  t.is((await sees(HEARTBEAT, { missing: ['arping'] })).role.state, 'unknown');
  await t.throwsAsync(sees(HEARTBEAT, { missing: ['ip'] }), {
    message: 'the program ip is missing, or may not be run',
  });
});

test('a standby refuses and names the active director, unless only its own table is meant', async t => {
  const answers = { [VIP]: '02:00:00:00:00:01' };
  await t.throwsAsync(refuseOnStandby(HEARTBEAT, ports({ answers }, []), false), {
    message: 'estepe, this director, is the standby: midas is active',
  });
  const lines: string[] = [];
  await t.notThrowsAsync(refuseOnStandby(HEARTBEAT, ports({ answers }, lines), true));
  t.deepEqual(lines, []);
  await t.notThrowsAsync(refuseOnStandby(HEARTBEAT, ports({}, []), false));
});
