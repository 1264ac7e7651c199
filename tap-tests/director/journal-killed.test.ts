import test, { type ExecutionContext } from 'ava';
import { keptHealth, HEALTHY } from '../../src/state/health.js';
import { rebuilt } from '../../src/state/journal-reader.js';
import { readOperator } from '../../src/state/operator.js';
import { readJournal } from '../state/support.js';
import { Killed, Mortal, survives } from '../support/mortal.js';
import { description, SETTING } from '../support/operated.js';

const BOOT = '6f1c1d6e-0000-4000-8000-000000000001';

interface Story {
  readonly before: readonly (readonly string[])[];
  readonly act: readonly string[];
  /** Milliseconds that pass before it. */
  readonly wait?: number;
  /** What the journal says of it. */
  readonly events: readonly string[];
}

const EDITED = description('web', 'ipvs: { timeouts: { tcp: 600s } }\n');
const APPLY = ['apply', '-f', 'lvs.yaml'] as const;
const STORIES: Record<string, Story> = {
  'a drain': { before: [], act: ['drain', 'web', 'web1'], events: ['drained'] },
  'a planned drain': { before: [], act: ['drain', 'web', 'web1', '--at', '+1h'], events: ['drain-planned'] },
  'a drain whose time has come': {
    before: [['drain', 'web', 'web1', '--at', '+1h']],
    act: ['tick'],
    wait: 3_600_000,
    events: ['changed', 'drain-begins'],
  },
  'a weight that has expired': {
    before: [['weight', 'web', 'web1', '9', '--expires', '1h']],
    act: ['tick'],
    wait: 3_600_000,
    events: ['changed', 'weight-ends'],
  },
  'an undrain': {
    before: [['drain', 'web', 'web1']],
    act: ['undrain', 'web', 'web1'],
    events: ['undrained'],
  },
  'an apply': { before: [], act: APPLY, events: ['applied', 'changed'] },
  'a confirm': { before: [[...APPLY, '--confirm', '1h']], act: ['confirm'], events: ['confirmed'] },
  'another deadline': {
    before: [[...APPLY, '--confirm', '1h']],
    act: [...APPLY, '--confirm', '2h'],
    events: ['prolonged'],
  },
  'a trial that nobody confirmed': {
    before: [[...APPLY, '--confirm', '1h']],
    act: ['tick'],
    wait: 3_600_000,
    events: ['reverted', 'changed'],
  },
};

async function ready(t: ExecutionContext, { before, wait = 0 }: Story): Promise<Mortal> {
  const mortal = new Mortal(t);
  await mortal.disk.replace(SETTING, '1\n', 0o644);
  await mortal.ready(description());
  await mortal.disk.replace('/here/lvs.yaml', EDITED, 0o644);
  for (const argv of before) t.is(await mortal.act(...argv), 0);
  mortal.host.time += wait;
  return mortal;
}

/** What has changed, as far as the journal has to tell of it. */
async function kept(mortal: Mortal): Promise<string> {
  const said = JSON.stringify((await readOperator(mortal.disk)).entries);
  const { disk } = mortal;
  const names = await disk.list('/var/lib/lvsctl/generations');
  const trials = names
    .filter(name => name.endsWith('.json'))
    .map(async name => {
      const bytes = await disk.read(`/var/lib/lvsctl/generations/${name}`);
      return JSON.stringify((JSON.parse(new TextDecoder().decode(bytes)) as { trial: object }).trial);
    });
  return [await mortal.state(), said, ...(await Promise.all(trials)), mortal.table()].join('\n');
}

async function events(mortal: Mortal): Promise<string[]> {
  return (await readJournal(mortal.disk)).entries.map(({ event }) => event);
}

for (const [what, story] of Object.entries(STORIES)) {
  test(`kill -9 at any step of ${what}: what has happened is told, and what has not is not`, async t => {
    const whole = await ready(t, story);
    const start = await kept(whole);
    const before = (await events(whole)).length;
    t.is(await whole.act(...story.act), 0);
    t.deepEqual((await events(whole)).slice(before), story.events);
    const { steps } = whole;
    for (let at = 1; at <= steps; at++) {
      const mortal = await ready(t, story);
      mortal.before = step => {
        if (step >= at) throw new Killed();
      };
      if (await survives(() => mortal.act(...story.act))) t.fail(`step ${at} was not reached`);
      mortal.before = () => {};
      // Any verb that comes through the door ends what was begun.
      t.is(await mortal.act('tick'), 0);
      const told = (await events(mortal)).slice(before).filter(event => event !== 'recovered');
      const isChanged = (await kept(mortal)) !== start;
      const words = [...new Set(told)];
      const right = isChanged
        ? words.join() === story.events.join()
        : words.every(one => one === 'taken-back');
      t.true(right, `killed at step ${at}: ${isChanged ? '' : 'not '}changed, and told ${told.join()}`);
      const { overlays } = await rebuilt(mortal.disk, BOOT);
      t.deepEqual(overlays.operator, await readOperator(mortal.disk), `step ${at}`);
      t.deepEqual(overlays.health, (await keptHealth(mortal.disk)) ?? HEALTHY, `step ${at}`);
    }
  });
}
