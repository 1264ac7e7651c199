import type { Placed } from '../cluster/find.js';
import { kernelPort, serviceKey } from '../cluster/naming.js';
import { serverIdentity, serverPlace } from '../table/identity.js';
import type { Connections, Live } from '../table/table.js';
import { countsInactive } from './leaving.js';

/** A server as the kernel has it: where its connections are counted, and which of them it still holds. */
export interface Holding {
  /** As `serverPlace` has it. */
  readonly at: string;
  readonly connections: Connections;
  /** Whether inactive ones count as such: UDP has no others. */
  readonly inactive: boolean;
}

/** What a server holds; undefined where it is not in the table. */
export function holdingOf({ table, activity }: Live, { service, server }: Placed): Holding | undefined {
  const key = serviceKey(service.virtual);
  const there = table.services.find(one => serviceKey(one.key) === key);
  if (!there) return undefined;
  const wanted = serverIdentity(there.key, { ...server, port: kernelPort(service, server) });
  const found = there.servers.find(one => serverIdentity(there.key, one) === wanted);
  if (!found) return undefined;
  const at = serverPlace(there.key, found);
  const { active = 0, inactive = 0 } = activity.get(at) ?? {};
  return { at, connections: { active, inactive }, inactive: countsInactive(there.key) };
}
