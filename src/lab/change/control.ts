import { endpoint } from '../../cluster/address.js';
import type { Match } from '../../cluster/service.js';
import { serve } from '../acts.js';
import type { Host, Lab } from '../lab.js';

/** Nobody else serves it. */
const PORT = 17_003;
/** Hosts that are asked directly. */
const MOST = 3;

/**
 * Where requests go that the table has no part in: to addresses of hosts themselves. What is lost there the lab has lost,
 * which is emulated, and may be busy.
 */
export function controls(lab: Lab): Match[] {
  return hostsOf(lab).map(host => ({ address: addressOf(host), port: PORT, protocol: 'tcp' }));
}

export async function serveControls(lab: Lab): Promise<void> {
  await Promise.all(hostsOf(lab).map(host => serve(host, `tcp:${endpoint(addressOf(host), PORT)}`)));
}

/** A director, and servers that the client reaches without one. */
function hostsOf(lab: Lab): Host[] {
  const front = lab.role('server').filter(one => one.plan.links[0]?.segment === 'front');
  return [...lab.role('director').slice(0, 1), ...front].slice(0, MOST);
}

function addressOf({ plan }: Host): string {
  return plan.links[0]!.addresses[0]!.split('/')[0]!;
}
