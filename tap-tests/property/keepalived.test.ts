import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { overlayAt } from '../../src/state/overlay.js';
import { momentNow } from '../../src/state/moment.js';
import { HEALTHY } from '../../src/state/health.js';
import { readOperator } from '../../src/state/operator.js';
import { currentGeneration } from '../../src/state/generations.js';
import { tracksOf } from '../../src/director/keepalived/tracks.js';
import { desired } from '../../src/table/desired.js';
import { tableLines } from '../../src/table/format.js';
import { place } from '../../src/table/overlay.js';
import { expect, SEED } from '../support/arbitrary.js';
import { checkedDescription, CheckedDirector, TRACKS } from '../support/checked.js';
import { Killed, survives } from '../support/mortal.js';

const VARIANTS = [
  checkedDescription(),
  checkedDescription(text => text.replace('weight: 3 }, web2', 'weight: 100, upper: 50 }, web2, 192.0.2.13')),
  checkedDescription(text =>
    text
      .replace('{ host: web1, weight: 10 }, web2', 'web2')
      .replace('scheduler: wrr, slow', 'scheduler: wlc, slow'),
  ),
  checkedDescription(text => text.replace(/^ {2}- \{ name: dns.*\n/m, '')),
];

/** Somebody else takes a whole service away. */
const LOSS = '-D -u 192.0.2.100:53';

const service = fc.constantFrom('web', 'shop', 'dns');
const server = fc.constantFrom('web1', 'web2');
const last = fc.constantFrom(11, 12);

type Deed =
  | { readonly kind: 'verb'; readonly argv: readonly string[]; readonly killed?: number }
  | { readonly kind: 'apply'; readonly variant: number; readonly killed?: number }
  | { readonly kind: 'ill' | 'well'; readonly last: number }
  | { readonly kind: 'track'; readonly begin: string; readonly text: string | undefined }
  | { readonly kind: 'table'; readonly line: string }
  | { readonly kind: 'settle' | 'reload' | 'stop' | 'start' | 'kill-checker' | 'folder' | 'prompt' };

/** Where kill -9 hits, if it does: the step of the disk or the kernel before which it comes. */
const killed = fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined, freq: 3 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('verb' as const),
      argv: fc.oneof(
        fc.tuple(fc.constant('drain'), service, server, fc.constant('--force')),
        fc.tuple(fc.constant('undrain'), service, server),
        fc.tuple(fc.constant('weight'), service, server, fc.constantFrom('0', '1', '7', '65535', 'auto')),
        fc.constantFrom(['tick'], ['director', 'start'], ['rollback'], ['status']),
      ),
      killed,
    }) as fc.Arbitrary<Deed>,
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      variant: fc.nat(VARIANTS.length - 1),
      killed,
    }) as fc.Arbitrary<Deed>,
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('ill' as const, 'well' as const), last }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('track' as const),
      begin: fc.constantFrom('web_192.0.2.11', 'shop_192.0.2.12', 'dns_192.0.2.11'),
      text: fc.constantFrom(undefined, '', 'garbage\n', '5\n', '-010\n', '99999999999999\n'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('table' as const),
      line: fc.constantFrom(
        '-e -t 192.0.2.100:80 -r 192.0.2.12:80 -g -w 33',
        '-a -t 192.0.2.101:443 -r 192.0.2.77:443 -g -w 1',
        '-E -t 192.0.2.101:443 -s rr',
        '-d -t 192.0.2.100:80 -r 192.0.2.12:80',
        LOSS,
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'settle' as const,
        'settle' as const,
        'reload' as const,
        'stop' as const,
        'start' as const,
        'kill-checker' as const,
        'folder' as const,
        'prompt' as const,
      ),
    }),
  },
);

async function happen(director: CheckedDirector, one: Deed): Promise<void> {
  const { keepalived, disk, host } = director;
  switch (one.kind) {
    case 'verb':
    case 'apply': {
      if (one.kind === 'apply') await disk.replace('/here/lvs.yaml', VARIANTS[one.variant]!, 0o644);
      const argv = one.kind === 'apply' ? ['apply', '-f', 'lvs.yaml'] : one.argv;
      director.before = step => {
        if (step >= (one.killed ?? Infinity)) throw new Killed();
      };
      await survives(() => director.act(...argv));
      director.before = () => {};
      // The kernel takes the lock from whoever dies.
      disk.unlock();
      return;
    }
    case 'ill':
      keepalived.ill.add(`192.0.2.${one.last}`);
      return;
    case 'well':
      keepalived.ill.delete(`192.0.2.${one.last}`);
      return;
    case 'track': {
      const name = (await disk.list(TRACKS)).find(file => file.startsWith(one.begin));
      if (name === undefined) return;
      if (one.text === undefined) await disk.remove(`${TRACKS}/${name}`);
      else await disk.replace(`${TRACKS}/${name}`, one.text, 0o644);
      return;
    }
    case 'table':
      host.kernel.restore([one.line]);
      return;
    case 'settle':
      return await keepalived.settle();
    case 'reload':
      return await keepalived.reload();
    case 'stop':
      return await keepalived.stop();
    case 'start':
      return await keepalived.start();
    case 'kill-checker':
      return await keepalived.killChecker();
    case 'folder':
      disk.removeTree(TRACKS);
      return;
    case 'prompt':
      keepalived.prompt = !keepalived.prompt;
  }
}

/** The table that there should be: what runs, what operators said, and who answers. */
async function wanted(director: CheckedDirector): Promise<{ table: string[]; tracks: string[] }> {
  const { disk, host, keepalived } = director;
  const { cluster } = (await currentGeneration(disk))!;
  const now = await momentNow(disk, {
    now: () => new Date(host.time),
    elapsed: () => host.time,
    sleep: () => Promise.resolve(),
  });
  const said = overlayAt({ operator: await readOperator(disk), health: HEALTHY, measured: undefined }, now);
  const overlay = new Map(said);
  for (const { key, servers } of desired(cluster).services)
    for (const one of servers)
      if (keepalived.ill.has(one.address)) {
        const service = key.kind === 'address' ? `${key.address}:${key.port}/${key.protocol}` : '';
        const at = place({ service, server: `${one.address}:${one.port}` });
        overlay.set(at, { ...overlay.get(at), held: true });
      }
  const lines = tableLines(desired(cluster, overlay));
  const tracks = [...tracksOf(cluster, said)].map(([name, offset]) => `${name} ${offset}`);
  return { table: [...lines, '-A -t 192.0.2.200:80 -s rr'].toSorted(), tracks: tracks.toSorted() };
}

/** Those of servers, as `outWhileStopped` has them, that what runs does not have. */
async function missing({ disk }: CheckedDirector, places: readonly string[]): Promise<string[]> {
  const { cluster } = (await currentGeneration(disk))!;
  const lines = tableLines(desired(cluster));
  return places.filter(at => !lines.some(line => line.startsWith(`-a ${at} `)));
}

/** What there is, as `tableLines` has it. */
function found({ host }: CheckedDirector): string[] {
  const limits = new Map(
    [...host.kernel.thresholds().matchAll(/-> (\S+) +(\d+) +(\d+)/g)].map(([, at, upper, lower]) => [
      at!,
      `${upper === '0' ? '' : ` -x ${upper}`}${lower === '0' ? '' : ` -y ${lower}`}`,
    ]),
  );
  return host.kernel
    .rules()
    .trimEnd()
    .split('\n')
    .map(line => line + (limits.get(/-r (\S+)/.exec(line)?.[1] ?? '') ?? ''))
    .toSorted();
}

async function tracksIn({ disk }: CheckedDirector): Promise<string[]> {
  const names = await disk.list(TRACKS);
  return await Promise.all(
    names.map(
      async name =>
        `${name} ${Buffer.from(await disk.read(`${TRACKS}/${name}`))
          .toString()
          .trim()}`,
    ),
  );
}

function same(found: readonly string[], wanted: readonly string[]): void {
  expect(isDeepStrictEqual(found, wanted), () => `found\n${found.join('\n')}\nwanted\n${wanted.join('\n')}`);
}

test('whatever happens to keepalived, its files, the servers and lvsctl: then the table is right and the plan empty', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 4, maxLength: 14 }), async deeds => {
      const director = new CheckedDirector(t);
      await director.begin(VARIANTS[0]!);
      let isLost = false;
      const gone = new Set<string>();
      for (const one of deeds) {
        await happen(director, one);
        // Of a service that somebody else has removed nobody may know who was out.
        isLost ||= one.kind === 'table' && one.line === LOSS;
        const out = director.keepalived.outWhileStopped();
        // Whom a description lacked since is new in the next one.
        if (out.length === 0) gone.clear();
        for (const at of await missing(director, out)) gone.add(at);
        // Stopped, nobody would take a dead server out again.
        for (const at of out)
          expect(
            (isLost && at.startsWith('-u ')) || gone.has(at) || (director.weightAt(at) ?? 0) === 0,
            () => `${JSON.stringify(one)} has brought ${at} back`,
          );
      }
      await director.keepalived.start();
      await director.keepalived.settle();
      await director.act('director', 'start');
      await director.keepalived.settle();
      const { exitCode, err } = await director.host.run('director', 'start');
      expect(exitCode === 0, () => err);
      await director.keepalived.settle();
      const should = await wanted(director);
      same(found(director), should.table);
      same(await tracksIn(director), should.tracks);
      expect(director.keepalived.crashes === 0, () => 'keepalived was crashed');
      expect(!(await director.state()).includes('intent'), () => 'an intent is left');
      const number = String(Number.parseInt(await director.state(), 10));
      const plan = await director.host.run('rollback', number, '-n');
      expect(plan.out.startsWith('nothing to change\n'), () => plan.out + plan.err);
    }),
    { numRuns: 60, seed: SEED },
  );
  t.pass();
});
