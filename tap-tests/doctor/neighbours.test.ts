import test, { type ExecutionContext } from 'ava';
import { answersTo, type Question } from '../../src/doctor/wire/neighbours.js';
import { probe, type Probed } from '../../src/doctor/wire/tunnel-mtu.js';
import type { Runner } from '../../src/system/ports.js';
import { Namespace } from '../realserver/support.js';
import { reader } from '../support/readers.js';

const [ASKER, DIRECTOR, SERVER] = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'];
const [VIP, VIP6] = ['10.0.0.50', '2001:db8::50'];
/** The kernel joins the group of an address a moment after it has taken it. */
const JOINED = '; until ip -6 maddr show dev eth0 | grep -q ff02::1:ff00:50; do sleep 0.05; done';

/** Three machines on one wire; the first asks, by the programs themselves. */
class Wire {
  readonly #asker: Namespace;
  readonly director: Namespace;
  readonly server: Namespace;

  constructor(t: ExecutionContext) {
    this.#asker = new Namespace(t);
    [this.director, this.server] = [1, 2].map(() => new Namespace(t, this.#asker)) as [Namespace, Namespace];
    this.#asker.sh('ip link set lo up; ip link add name wire type bridge; ip link set wire up');
    const machines = [
      ['asker', this.#asker, 1, ASKER],
      ['director', this.director, 2, DIRECTOR],
      ['server', this.server, 3, SERVER],
    ] as const;
    for (const [name, host, number, hardware] of machines) {
      const place = host === this.#asker ? '' : `netns ${host.pid}`;
      this.#asker.sh(
        `ip link add to-${name} type veth peer name eth0 ${place}; ip link set to-${name} master wire up`,
      );
      host.sh(`ip link set lo up; ip link set eth0 address ${hardware}
        ip addr add 10.0.0.${number}/24 dev eth0; ip -6 addr add 2001:db8::${number}/64 dev eth0 nodad; ip link set eth0 up`);
    }
    this.#asker.sh(
      'until ip -6 route get 2001:db8::2 2>/dev/null | grep -q eth0 && ! ip -6 addr show tentative | grep -q inet6; do sleep 0.1; done',
    );
  }

  /** @param without programs that are not there */
  runner(without: readonly string[] = []): Runner {
    return {
      run: (program, args) => {
        const missing = without.includes(program);
        const path = ['arping', 'ndisc6', 'ping'].includes(program) ? reader(program) : program;
        const { code, out, err } = missing
          ? { code: null, out: '', err: '' }
          : this.#asker.run([path, ...args], { LC_ALL: 'C' });
        return Promise.resolve({
          exitCode: code ?? undefined,
          stdout: out,
          stderr: err,
          missing,
          timedOut: false,
        });
      },
      follow: () => Promise.reject(new Error('nothing is followed')),
    };
  }

  asked(address: string, changes: Partial<Question> = {}): Question {
    return { address, interface: 'eth0', from: '10.0.0.1', isLocal: false, ...changes };
  }
}

test('arping hears everyone who answers, and nobody learns a wrong neighbour', async t => {
  const wire = new Wire(t);
  const runner = wire.runner();
  t.deepEqual(await answersTo(runner, wire.asked(VIP)), []);
  wire.director.sh(`ip addr add ${VIP}/32 dev eth0`);
  t.deepEqual(await answersTo(runner, wire.asked(VIP)), [DIRECTOR]);
  wire.server.sh(`ip addr add ${VIP}/32 dev lo`);
  t.deepEqual((await answersTo(runner, wire.asked(VIP))).toSorted(), [DIRECTOR, SERVER]);
  wire.server.sh('echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore');
  t.deepEqual(await answersTo(runner, wire.asked(VIP)), [DIRECTOR]);
  t.deepEqual(await answersTo(runner, wire.asked('10.0.0.3'), true), [SERVER]);
  t.notRegex(wire.server.sh(`ip neigh show ${VIP}`), /lladdr/);
});

test('one who has the VIP himself hears the others, and not himself', async t => {
  const wire = new Wire(t);
  wire.server.sh(`ip addr add ${VIP}/32 dev eth0; ip -6 addr add ${VIP6}/128 dev eth0 nodad`);
  const local = { isLocal: true };
  const asker = wire.runner();
  await asker.run('ip', ['addr', 'add', `${VIP}/24`, 'dev', 'eth0']);
  await asker.run('ip', ['-6', 'addr', 'add', `${VIP6}/64`, 'dev', 'eth0', 'nodad']);
  t.deepEqual(await answersTo(asker, wire.asked(VIP, local)), [SERVER]);
  t.deepEqual(await answersTo(asker, wire.asked(VIP6, { ...local, from: '2001:db8::1' })), [SERVER]);
});

test('ndisc6 hears everyone who answers for an IPv6 address; without it the kernel tells one', async t => {
  const wire = new Wire(t);
  const [runner, without] = [wire.runner(), wire.runner(['ndisc6'])];
  const question = wire.asked(VIP6, { from: '2001:db8::1' });
  t.deepEqual(await answersTo(runner, question), []);
  t.deepEqual(await answersTo(without, question), []);
  wire.director.sh(`ip -6 addr add ${VIP6}/128 dev eth0 nodad${JOINED}`);
  t.deepEqual(await answersTo(runner, question), [DIRECTOR]);
  t.deepEqual(await answersTo(without, question), [DIRECTOR]);
  wire.server.sh(`ip -6 addr add ${VIP6}/128 dev lo nodad`);
  t.deepEqual(await answersTo(runner, question), [DIRECTOR], 'on lo it does not answer');
  wire.server.sh(`ip -6 addr add ${VIP6}/128 dev eth0 nodad${JOINED}`);
  t.deepEqual((await answersTo(runner, question)).toSorted(), [DIRECTOR, SERVER]);
});

test('an interface that is not there is not known', async t => {
  const wire = new Wire(t);
  for (const address of [VIP, VIP6])
    await t.throwsAsync(answersTo(wire.runner(), wire.asked(address, { interface: 'eth9' })), {
      name: 'NotKnown',
    });
});

test('ping finds the hole in a path that swallows large packets, and with the route that is printed none', async t => {
  const wire = new Wire(t);
  const runner = wire.runner();
  const state = async (): Promise<Partial<Probed> | undefined> => {
    const found = await probe(runner, '10.0.0.3');
    return found && { mtu: found.mtu, state: found.state, carries: found.carries };
  };
  t.deepEqual(await state(), { mtu: 1500, state: 'whole', carries: 1500 });
  // The bridge's port drops what is larger, as a switch does.
  await runner.run('ip', ['link', 'set', 'to-server', 'mtu', '1410']);
  t.deepEqual(await state(), { mtu: 1500, state: 'silent', carries: 1400 });
  await runner.run('ip', ['route', 'replace', '10.0.0.3', 'dev', 'eth0', 'mtu', '1400']);
  t.deepEqual(await state(), { mtu: 1400, state: 'whole', carries: 1400 });
});
