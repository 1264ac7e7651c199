import { serviceKey } from '../cluster/naming.js';
import { serverIdentity } from './identity.js';
import type { Table, TableService } from './table.js';

/**
 * A table in which servers that go still are, at weight 0; one that is wanted anyway stays as it is wanted.
 *
 * @param going each service with those of its servers that go
 * @returns the table, and `going` with only those that linger
 */
export function withQuiet(
  wanted: Table,
  going: readonly TableService[],
): { readonly table: Table; readonly quiet: readonly TableService[] } {
  const services = new Map(wanted.services.map(one => [serviceKey(one.key), one]));
  const quiet = going.map(service => {
    const key = serviceKey(service.key);
    const there = services.get(key) ?? { ...service, servers: [] };
    const known = new Set(there.servers.map(one => serverIdentity(service.key, one)));
    const servers = service.servers.flatMap(one => {
      const identity = serverIdentity(service.key, one);
      if (known.has(identity)) return [];
      known.add(identity);
      return [{ ...one, weight: 0 }];
    });
    services.set(key, { ...there, servers: [...there.servers, ...servers] });
    return { ...service, servers };
  });
  return { table: { ...wanted, services: [...services.values()] }, quiet };
}
