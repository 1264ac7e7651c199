import fc from 'fast-check';
import type { Cluster } from '../../src/cluster/cluster.js';
import { explain } from '../../src/table/explain.js';
import { type Overlay, place, type Remark, type Saying } from '../../src/table/overlay.js';
import { cluster } from './arbitrary-cluster.js';
import { anyText } from './arbitrary.js';

const maybe = { requiredKeys: [] as [] };
const weight = fc.oneof(fc.constantFrom(0, 1, 65_535), fc.integer({ min: 0, max: 65_535 }));
/** Few moments, so that some servers die at the same one. */
const since = fc.integer({ min: 0, max: 3 }).map(day => new Date(Date.UTC(2026, 10, 21 + day)).toISOString());

const saying: fc.Arbitrary<Saying> = fc.record(
  { author: anyText, since, reason: anyText, expires: since },
  { requiredKeys: ['author', 'since'] },
);

const remark: fc.Arbitrary<Remark> = fc.record(
  {
    drained: saying,
    dead: fc.record({ since, by: fc.constant('mon') }),
    weight: fc.tuple(saying, weight).map(([said, value]) => ({ ...said, value })),
    measured: weight,
    slowStart: fc.record({ share: fc.integer({ min: 1, max: 9 }).map(tenths => tenths / 10), until: since }),
  },
  maybe,
);

/** The places of all servers of a cluster. */
export function places(one: Cluster): string[] {
  return explain(one).flatMap(({ key, servers }) =>
    servers.map(server => place({ service: key, server: server.key })),
  );
}

/** A cluster, and what may be known of its servers at run time. */
export const clusterWithOverlay: fc.Arbitrary<readonly [Cluster, Overlay]> = cluster.chain(one => {
  const known = places(one).map(key =>
    fc.option(
      remark.map(said => [key, said] as const),
      { nil: undefined },
    ),
  );
  return fc
    .tuple(...known)
    .map(entries => [one, new Map(entries.filter(entry => entry !== undefined))] as const);
});
