import test from 'ava';
import fc from 'fast-check';
import { SEED } from '../support/arbitrary.js';
import { hear, type Hearing, hearRechecks } from '../../src/director/hear.js';
import { HEALTHY } from '../../src/state/health.js';
import { place } from '../../src/table/overlay.js';
import { after } from '../state/support.js';
import { cluster } from '../support/clusters.js';
import { shuffled } from './shuffle.js';

const SERVICE = '192.168.45.26:80/tcp';
const SERVERS = ['192.168.45.13:80', '192.168.45.43:80'] as const;

/** What mon finds, a second or more after what it found before. */
const findings = fc.array(
  fc.record({ server: fc.constantFrom(...SERVERS), finding: fc.constantFrom('failure', 'up', 'startup') }),
  { maxLength: 30 },
);

test('in whatever order alerts come in, and however many are settled at a time, what was found last holds', t => {
  fc.assert(
    fc.property(
      findings,
      fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 10 }),
      (found, order, size) => {
        const alerts = found.map((one, index) => ({
          name: String(index),
          event: { ...one, service: SERVICE, at: after(index * 1000) },
        }));
        let hearing: Pick<Hearing, 'health' | 'heard'> = { health: HEALTHY, heard: new Map() };
        const arriving = shuffled(alerts, order);
        for (let at = 0; at < arriving.length; at += size) {
          const batch = arriving.slice(at, at + size);
          hearing = hear(cluster(), batch, hearing);
          // Killed before they were removed, they are heard once more.
          const again = hear(cluster(), batch, hearing);
          t.deepEqual(again.health.dead, hearing.health.dead);
        }
        const dead = new Map(hearing.health.dead.map(one => [place(one), one]));
        // Asked again, and not found dead.
        const after10m = after(found.length * 1000 + 600_000);
        const { health } = hearRechecks(
          { cluster: cluster(), made: after(0) },
          hearing.health,
          after10m,
          true,
        );
        const left = new Set(health.dead.map(place));
        for (const server of SERVERS) {
          const last = found.findLast(one => one.server === server)?.finding;
          const where = place({ service: SERVICE, server });
          t.is(left.has(where), last === 'failure');
          t.is(dead.has(where) && !dead.get(where)!.recheck, last === 'failure');
          if (last !== 'startup') t.is(dead.has(where), last === 'failure');
        }
      },
    ),
    { seed: SEED },
  );
});
