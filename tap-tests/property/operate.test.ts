import test from 'ava';
import fc from 'fast-check';
import { SEED } from '../support/arbitrary.js';
import { Mortal } from '../support/mortal.js';
import { description, SETTING } from '../support/operated.js';

const service = fc.constantFrom('web', 'dns', 'shop', '192.0.2.100:80/tcp', 'nothing');
const server = fc.constantFrom('web1', 'web2', '192.0.2.11', '192.0.2.12', 'web3');
const where = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(service, server) },
  { weight: 1, arbitrary: server.map(one => ['--all', one]) },
);
const span = fc.constantFrom('1s', '30s', '5m', '2h');
const flag = (name: string): fc.Arbitrary<string[]> => fc.constantFrom<string[]>([], [name]);
const valued = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.oneof(
    fc.constant<string[]>([]),
    value.map(one => [name, one]),
  );

const verb = fc.oneof(
  fc.tuple(
    fc.constant(['drain']),
    where,
    flag('--force'),
    valued('--expires', span),
    valued(
      '--at',
      span.map(one => `+${one}`),
    ),
  ),
  fc.tuple(fc.constant(['undrain']), where, valued('--slow-start', fc.constantFrom('0s', '30s', '5m'))),
  fc.tuple(
    fc.constant(['weight']),
    fc.tuple(service, server),
    fc.constantFrom('0', '1', '7', '65535', 'auto').map(one => [one]),
    valued('--expires', span),
  ),
  fc.constantFrom([['clear']], [['rollback']], [['tick']], [['apply', '-f', 'lvs.yaml']]),
);
const step = fc.record({
  argv: verb.map(parts => parts.flat()),
  wait: fc.constantFrom(0, 1000, 31_000, 7_200_000),
});

/** Each verb once with success, which chance alone does not promise. */
const EVERY = [
  ['drain', 'web', 'web1'],
  ['undrain', 'web', 'web1'],
  ['weight', 'web', 'web2', '7'],
  ['clear'],
  ['rollback'],
].map(argv => ({ argv, wait: 1000 }));

test('whatever operators say, the table is what runs with all that is said, and nothing is left over', async t => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async steps => {
      const mortal = new Mortal(t);
      await mortal.disk.replace(SETTING, '1\n', 0o644);
      await mortal.ready(description());
      for (const { argv, wait } of steps) {
        mortal.host.time += wait;
        await mortal.tick();
        const { exitCode, err } = await mortal.host.run(...argv);
        seen.add(`${argv[0]} ${exitCode}`);
        // Nothing is worse than usage, a refusal, or nothing to go back to.
        t.true([0, 1, 64].includes(exitCode), `${argv.join(' ')}: ${err}`);
        const again = await mortal.host.run('rollback', String(await current(mortal)), '-n');
        t.true(again.out.startsWith('nothing to change\n'), `${argv.join(' ')}: ${again.out}${again.err}`);
        t.false((await mortal.state()).includes('intent'));
        t.true(mortal.host.kernel.rules().includes('-A -t 192.0.2.200:80 -s rr\n'));
      }
    }),
    { numRuns: 25, seed: SEED, examples: [[EVERY]] },
  );
  for (const one of ['drain 0', 'undrain 0', 'weight 0', 'clear 0', 'rollback 0']) t.true(seen.has(one), one);
});

/** The number of the generation that runs. */
async function current(mortal: Mortal): Promise<number> {
  return Number.parseInt(await mortal.state(), 10);
}
