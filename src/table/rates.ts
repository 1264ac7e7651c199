import type { Counters, CounterTable } from './parse/listing.js';

/**
 * What was carried a second between two readings of the counters. What has no former counters has no rate yet; where
 * they have gone down they were set to zero meanwhile, or the service is another one.
 *
 * @param seconds between the two, above 0
 */
export function ratesBetween(before: CounterTable, after: CounterTable, seconds: number): CounterTable {
  return {
    services: rates(before.services, after.services, seconds),
    servers: rates(before.servers, after.servers, seconds),
  };
}

type Table = ReadonlyMap<string, Counters>;

function rates(before: Table, after: Table, seconds: number): Map<string, Counters> {
  const found = new Map<string, Counters>();
  for (const [key, now] of after) {
    const old = before.get(key);
    if (!old) continue;
    const rate = (of: keyof Counters): number => {
      const gained = now[of] - old[of];
      return (gained < 0 ? now[of] : gained) / seconds;
    };
    found.set(key, {
      connections: rate('connections'),
      inPackets: rate('inPackets'),
      outPackets: rate('outPackets'),
      inBytes: rate('inBytes'),
      outBytes: rate('outBytes'),
    });
  }
  return found;
}
