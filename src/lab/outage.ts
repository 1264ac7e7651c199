import { entrances } from '../cluster/naming.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Match, Service } from '../cluster/service.js';
import { startStandIns } from './bring-up.js';
import { questions } from './endpoints.js';
import type { Host, Lab } from './lab.js';

/** A host that does not answer pings; its services are dead for other reasons. */
const SILENT = `table inet lab_silent
delete table inet lab_silent
table inet lab_silent {
  chain input {
    type filter hook input priority filter; policy accept;
    icmp type echo-request drop
    icmpv6 type echo-request drop
  }
}
`;

/** The servers of a host die: nothing listens any more, and pings are not answered. The host itself lives. */
export async function fail(host: Host): Promise<void> {
  await host.sh(`pkill -9 -f '^perl .*stand-in'; nft -f -`, SILENT);
}

/** And come back. */
export async function recover(lab: Lab, host: Host): Promise<void> {
  await host.sh(
    `pkill -9 -f '^perl .*stand-in'; ! nft list table inet lab_silent >/dev/null 2>&1 || nft delete table inet lab_silent`,
  );
  await startStandIns(lab, host);
}

/** Where clients go on asking while something happens: one entrance of each service, at most so many. */
export function watched(services: Cluster['services'], most: number): { service: Service; match: Match }[] {
  return services
    .filter(service => service.servers.some(one => one.weight > 0))
    .filter(service => entrances(service).every(one => one.protocol !== 'sctp'))
    .slice(0, most)
    .map(service => ({ service, match: questions(service)[0]! }));
}
