import test, { type ExecutionContext } from 'ava';
import { fileError } from '../support/fake-files.js';
import { Killed, Mortal, survives } from '../support/mortal.js';

function description(...servers: string[]): string {
  return `version: 1
ipvs: { timeouts: { tcp: ${600 + servers.length}s, tcp_fin: 60s, udp: 100s } }
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ ${servers.join(', ')} ] }
  - { address: 192.0.2.10${servers.length}, port: ${servers.length}, scheduler: rr, servers: [ 192.0.2.21 ] }
  - { fwmark: 7, match: [ { address: 192.0.2.110, port: ${servers.length} } ], servers: [ 192.0.2.21 ] }
  - { address: 192.0.2.110, port: 80, servers: [ { address: 192.0.2.21, forwarding: ${servers.length > 2 ? 'nat' : 'direct'} } ] }
`;
}
const OLD = description('192.0.2.11', '192.0.2.12');
/** A server more, one less, a weight, a service and its address more, one less, time-outs, marks, settings. */
const NEW = description('{ address: 192.0.2.12, weight: 3 }', '192.0.2.13', '192.0.2.14');

async function made(t: ExecutionContext): Promise<Mortal> {
  const mortal = new Mortal(t);
  await mortal.ready(OLD);
  return mortal;
}

/** The states in which it may be found: before and after, each with its table. */
async function ends(t: ExecutionContext): Promise<{ steps: number; states: Map<string, string> }> {
  const mortal = await made(t);
  const states = new Map([[await mortal.state(), mortal.table()]]);
  t.is(await mortal.apply(NEW), 0);
  const { steps } = mortal;
  states.set(await mortal.state(), mortal.table());
  t.is(states.size, 2);
  return { steps, states };
}

test('kill -9 at any step of apply: the next run leaves the old state or the new one, whole', async t => {
  const { steps, states } = await ends(t);
  t.true(steps > 15, `${steps} steps`);
  const seen = new Set<string>();
  for (let at = 1; at <= steps; at++) {
    const mortal = await made(t);
    mortal.before = step => {
      if (step >= at) throw new Killed();
    };
    if (await survives(() => mortal.apply(NEW))) t.fail(`step ${at} was not reached`);
    mortal.before = () => {};
    t.is(await mortal.tick(), 0);
    const state = await mortal.state();
    t.is(mortal.table(), states.get(state) ?? 'no state', `killed at step ${at}: ${state}`);
    seen.add(state);
    t.is(await mortal.apply(NEW), 0);
    t.is((await mortal.host.run('plan', '-f', 'lvs.yaml')).exitCode, 0);
  }
  t.is(seen.size, 2);
});

test('after a boot nothing brings addresses back but a start of the director', async t => {
  const { steps } = await ends(t);
  for (let at = 4; at <= steps; at++) {
    const mortal = await made(t);
    mortal.before = step => {
      if (step >= at) throw new Killed();
    };
    await survives(() => mortal.apply(NEW));
    mortal.before = () => {};
    const { machine } = mortal.host;
    for (const [name, all] of machine.interfaces) machine.interfaces.set(name, all.slice(0, 1));
    await mortal.disk.replace(
      '/proc/sys/kernel/random/boot_id',
      '6f1c1d6e-0000-4000-8000-000000000002',
      0o444,
    );
    machine.changes.length = 0;
    t.is(await mortal.tick(), 0);
    t.deepEqual(
      machine.changes.filter(line => line.startsWith('ip addr')),
      [],
      `killed at step ${at}`,
    );
    t.is((await mortal.host.run('director', 'start')).exitCode, 0);
    const [generation] = (await mortal.state()).split('.');
    const wanted = `192.0.2.10${generation === '1' ? 2 : 3}/32`;
    t.true(machine.held().includes(`eth0 ${wanted}`), machine.held().join());
  }
});

test('kill -9 of what ends a killed apply: the one after it ends both', async t => {
  const { steps, states } = await ends(t);
  for (let at = 4; at <= steps; at += 5) {
    for (let then = 1; ; then += 2) {
      const mortal = await made(t);
      const dieAt = (last: number): void => {
        mortal.before = step => {
          if (step >= last) throw new Killed();
        };
      };
      dieAt(at);
      await survives(() => mortal.apply(NEW));
      dieAt(then);
      const whole = await survives(() => mortal.tick());
      mortal.before = () => {};
      t.is(await mortal.tick(), 0);
      t.is(
        mortal.table(),
        states.get(await mortal.state()) ?? 'no state',
        `killed at ${at}, then at ${then}`,
      );
      if (whole) break;
    }
  }
});

test('a disk that is full from any write on: the apply fails, and what ran runs', async t => {
  const { steps, states } = await ends(t);
  let failed = 0;
  for (let at = 1; at <= steps; at++) {
    const mortal = await made(t);
    mortal.before = (step, what) => {
      // Removing needs no room, and ipvsadm none of ours.
      if (step >= at && !/^(remove|-|ip |nft |sh )/.test(what)) throw fileError('ENOSPC', what);
    };
    const exitCode = await mortal.apply(NEW).catch((error: unknown) => t.fail(String(error)));
    mortal.before = () => {};
    t.true(exitCode === 0 || exitCode === 1, String(exitCode));
    if (exitCode === 1) failed++;
    await mortal.tick();
    const state = await mortal.state();
    t.is(mortal.table(), states.get(state) ?? 'no state', `full at step ${at}: ${state}`);
    t.is(state.startsWith('2'), exitCode === 0, `full at step ${at}: ${state}`);
  }
  t.true(failed > 2 && failed < steps);
});

test('kill -9 at any step of the end of a trial: the next tick ends it', async t => {
  const trial = async (): Promise<Mortal> => {
    const mortal = await made(t);
    t.is(await mortal.apply(NEW, '--confirm', '60s'), 0);
    mortal.host.time = 60_000;
    return mortal;
  };
  const whole = await trial();
  t.is(await whole.tick(), 0);
  const { steps } = whole;
  const [state, table] = [await whole.state(), whole.table()];
  t.true(state.startsWith('1.json'), state);
  for (let at = 1; at <= steps; at++) {
    const mortal = await trial();
    mortal.before = step => {
      if (step >= at) throw new Killed();
    };
    await survives(() => mortal.tick());
    mortal.before = () => {};
    t.is(await mortal.tick(), 0);
    t.deepEqual([await mortal.state(), mortal.table()], [state, table], `killed at step ${at}`);
  }
});

test('a full disk does not keep a trial from ending', async t => {
  const mortal = await made(t);
  await mortal.apply(NEW, '--confirm', '60s');
  mortal.host.time = 60_000;
  const table = (await made(t)).table();
  mortal.before = (_step, what) => {
    if (/^(replace|append)/.test(what)) throw fileError('ENOSPC', what);
  };
  t.is(await mortal.tick(), 0);
  t.is(mortal.table(), table);
});

test('kill -9 while a refused apply is taken back: the next run goes on taking it back', async t => {
  const refused = async (die: (line: string) => void): Promise<Mortal> => {
    const mortal = await made(t);
    mortal.host.kernel.lacks.add('mh');
    mortal.before = (_step, what) => die(what);
    await survives(() =>
      mortal.apply(`${NEW}  - { address: 192.0.2.100, port: 99, scheduler: mh, servers: [ 192.0.2.21 ] }\n`),
    );
    mortal.before = () => {};
    return mortal;
  };
  const whole = await refused(() => {});
  const [state, table] = [await whole.state(), whole.table()];
  t.is(state, '1.json of 1.json current');
  // Before its first step nothing says yet that it goes back.
  for (let at = 2; ; at++) {
    let count = 0;
    let begun = false;
    const mortal = await refused(what => {
      begun ||= what.startsWith('-d ') || /^remove .*\/2\.json$/.test(what);
      if (begun && ++count >= at) throw new Killed();
    });
    if (count < at) {
      t.true(at > 5, `${at} steps`);
      break;
    }
    mortal.host.kernel.lacks.clear();
    t.is(await mortal.tick(), 0);
    t.deepEqual([await mortal.state(), mortal.table()], [state, table], `killed at step ${at}`);
  }
});

test('kill -9 at any step of apply --wait: once its time is up, nothing of what went is left', async t => {
  const { states } = await ends(t);
  const whole = await made(t);
  t.is(await whole.apply(NEW, '--wait', '5s'), 0);
  const { steps } = whole;
  const seen = new Set<string>();
  for (let at = 1; at <= steps; at++) {
    const mortal = await made(t);
    mortal.before = step => {
      if (step >= at) throw new Killed();
    };
    if (await survives(() => mortal.apply(NEW, '--wait', '5s'))) t.fail(`step ${at} was not reached`);
    mortal.before = () => {};
    t.is(await mortal.tick(), 0);
    mortal.host.time += 60_000;
    t.is(await mortal.tick(), 0);
    const state = await mortal.state();
    t.is(mortal.table(), states.get(state) ?? 'no state', `killed at step ${at}: ${state}`);
    seen.add(state);
  }
  t.is(seen.size, 2);
});
