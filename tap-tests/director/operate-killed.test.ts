import { inspect } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { fileError } from '../support/fake-files.js';
import { Killed, Mortal, survives } from '../support/mortal.js';
import { description, SETTING } from '../support/operated.js';

/** Each from what the ones before it have left. */
const VERBS: readonly (readonly string[])[] = [
  ['drain', '--all', 'web1', '--expires', '1h'],
  ['weight', 'web', 'web2', '9'],
  ['weight', 'web', 'web1', '4'],
  ['undrain', '--all', 'web1', '--slow-start', '5m'],
  ['drain', 'dns', 'web2', '--at', '+1h'],
];

async function before(t: ExecutionContext, verb: number): Promise<Mortal> {
  const mortal = new Mortal(t);
  await mortal.disk.replace(SETTING, '1\n', 0o644);
  await mortal.ready(description());
  for (const argv of VERBS.slice(0, verb)) t.is(await mortal.act(...argv), 0);
  return mortal;
}

/** What operators have said, and the table. */
async function found(mortal: Mortal): Promise<string> {
  const path = '/var/lib/lvsctl/operator.json';
  const said = (await mortal.disk.look(path)) ? new TextDecoder().decode(await mortal.disk.read(path)) : '0';
  // The order of the keys means nothing.
  const sorted = inspect(JSON.parse(said), { sorted: true, depth: 9 });
  return `${await mortal.state()}\n${sorted}\n${mortal.table()}`;
}

for (const [index, argv] of VERBS.entries()) {
  const what = argv.join(' ');

  test(`kill -9 at any step of ${what}: nothing of it is left, or all of it`, async t => {
    const whole = await before(t, index);
    const ends = [await found(whole)];
    t.is(await whole.act(...argv), 0);
    ends.push(await found(whole));
    const { steps } = whole;
    const seen = new Set<number>();
    await whole.act(...argv);
    for (let at = 1; at <= steps; at++) {
      const mortal = await before(t, index);
      mortal.before = step => {
        if (step >= at) throw new Killed();
      };
      if (await survives(() => mortal.act(...argv))) t.fail(`step ${at} was not reached`);
      mortal.before = () => {};
      t.is(await mortal.tick(), 0);
      const end = ends.indexOf(await found(mortal));
      t.not(end, -1, `killed at step ${at}: ${await found(mortal)}`);
      seen.add(end);
      t.is(await mortal.act(...argv), 0);
      t.is(
        (await mortal.host.run('apply', '-f', 'lvs.yaml', '-n')).out,
        'nothing to change\nnote: 1 service not in the description, left alone (--foreign names them)\n',
      );
    }
    t.is(seen.size, 2);
  });

  test(`a disk that is full from any write of ${what} on: nothing of it is left, or all of it`, async t => {
    const whole = await before(t, index);
    const ends = [await found(whole)];
    t.is(await whole.act(...argv), 0);
    ends.push(await found(whole));
    const { steps } = whole;
    const codes = new Set<number>();
    for (let at = 1; at <= steps; at++) {
      const mortal = await before(t, index);
      mortal.before = (step, what) => {
        // Removing needs no room, and ipvsadm none of ours.
        if (step >= at && !/^(remove|-)/.test(what)) throw fileError('ENOSPC', what);
      };
      const exitCode = await mortal.act(...argv);
      codes.add(exitCode);
      mortal.before = () => {};
      t.is(await mortal.tick(), 0);
      t.is(await found(mortal), ends[exitCode === 0 ? 1 : 0]!, `full at step ${at}: ${exitCode}`);
    }
    t.deepEqual(
      [...codes].toSorted((a, b) => a - b),
      [0, 1],
    );
  });
}

test('kill -9 while a refused drain is taken back: the next run goes on taking it back', async t => {
  const [argv] = VERBS as [readonly string[]];
  /** The kernel lacks one of the servers by then. */
  const refused = async (die: (what: string) => void): Promise<Mortal> => {
    const mortal = await before(t, 0);
    let first = true;
    mortal.before = (_step, what) => {
      if (first && what.startsWith('-e ')) {
        mortal.host.kernel.restore(['-d -u 192.0.2.100:53 -r 192.0.2.11:53']);
        first = false;
      }
      die(what);
    };
    await survives(() => mortal.act(...argv));
    mortal.before = () => {};
    return mortal;
  };
  const start = await found(await before(t, 0));
  t.is(await found(await refused(() => {})), start);
  for (let at = 1; ; at++) {
    let intents = 0;
    let steps = 0;
    const mortal = await refused(what => {
      if (what.endsWith('/intent.json')) intents++;
      if (intents > 1 && ++steps > at) throw new Killed();
    });
    if (steps <= at) {
      t.true(at > 4, `${at} steps`);
      break;
    }
    t.is(await mortal.tick(), 0);
    t.is(await found(mortal), start, `killed at step ${at} of the way back`);
  }
});
