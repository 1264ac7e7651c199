import {
  ANONYMOUS_DIRECTOR,
  addressesOf,
  isRealServer,
  REAL_SERVER_FOLDER,
  virtualAddresses,
} from '../../cluster/machines.js';
import type { Director } from '../../cluster/cluster.js';
import { quote } from '../../diagnostic/quote.js';
import type { Path } from '../located.js';
import { checkFailover } from './failover.js';
import type { Subject } from './subject.js';

/** What concerns the directors and what joins them. */
export function checkDirectors(subject: Subject): void {
  const { cluster } = subject;
  const names = new Set<string>();
  const addresses = new Map<string, Director>();
  for (const director of cluster.directors) {
    if (director.name === ANONYMOUS_DIRECTOR || director.name === REAL_SERVER_FOLDER) {
      const message = `no director can be called ${director.name}: that is a folder of the output`;
      subject.add('reserved-name', subject.at(director, 'name'), { message });
    }
    if (names.has(director.name)) {
      const message = `two directors are called ${quote(director.name)}`;
      subject.add('standby-is-primary', subject.at(director, 'name'), { message });
    }
    names.add(director.name);
    for (const [place, address] of ownAddresses(director)) {
      const other = addresses.get(address);
      if (other && other !== director) {
        const message = `${quote(director.name)} and ${quote(other.name)} have one address: ${address}`;
        subject.add('standby-is-primary', subject.at(director, ...place), {
          message,
          help: 'the standby is a machine of its own',
        });
      }
      addresses.set(address, director);
    }
  }
  checkFixedAddresses(subject);
  checkServingDirectors(subject);
  checkFilter(subject);
  checkFailover(subject);
}

function ownAddresses(director: Director): [Path, string][] {
  const found: [Path, string | undefined][] = [
    [['address'], director.address],
    [['address6'], director.address6],
    [['inner', 'address'], director.inner?.address],
  ];
  return found.filter((entry): entry is [Path, string] => entry[1] !== undefined);
}

function checkFixedAddresses(subject: Subject): void {
  const { cluster } = subject;
  const moving = new Map(
    [...virtualAddresses(cluster)].map(([vip, service]) => [vip, `VIP of ${service.name}`]),
  );
  if (cluster.gateway) moving.set(cluster.gateway.address, 'gateway address');
  for (const director of cluster.directors) {
    for (const [place, address] of ownAddresses(director)) {
      const what = moving.get(address);
      if (!what) continue;
      const message = `${address} is a fixed address of ${director.name} and the ${what}, which has to move`;
      subject.add('vip-is-fixed-address', subject.at(director, ...place), {
        message,
        help: 'give what moves an address of its own',
      });
    }
  }
}

/** The filter takes the packets before IPVS sees them. */
function checkFilter(subject: Subject): void {
  const { cluster } = subject;
  if (cluster.realServers.vipOn !== 'filter') return;
  const serving = cluster.directors.find(one => isRealServer(cluster, one));
  if (!serving) return;
  const message = `director ${serving.name} is a real server too: the packet filter would keep all packets to itself`;
  subject.add('filter-on-director', ['real_servers', 'vip_on'], { message, help: 'use vip_on: lo' });
}

/** Two directors that serve would forward each other's packets in a circle. */
function checkServingDirectors(subject: Subject): void {
  const { cluster } = subject;
  if (cluster.directors.length < 2 || cluster.failover.syncConnections) return;
  if (!subject.whole('failover')) return;
  for (const director of cluster.directors) {
    if (!isRealServer(cluster, director)) continue;
    const own = new Set(addressesOf(cluster, director.name));
    const serving = cluster.services.flatMap(one => one.servers).find(server => own.has(server.address))!;
    subject.add('director-serves-without-sync', subject.at(serving), {
      message: `director ${director.name} is a real server too: without sync_connections packets loop between the directors' tables`,
      help: 'set failover.by and sync_connections: true, or take it out of the servers',
    });
  }
}
