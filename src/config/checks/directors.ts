import { familyOf } from '../../cluster/address.js';
import { formatDuration } from '../../cluster/duration.js';
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

function namingHelp(subject: Subject, help: string): string {
  return subject.classic ? 'write a line for each: director <NAME> <ADDRESS> <INTERFACE>' : help;
}

function checkFailover(subject: Subject): void {
  const { cluster } = subject;
  const { failover, directors } = cluster;
  if (!subject.whole('failover') || !subject.whole('directors')) return;
  const by = ['failover', 'by'];
  if (failover.by === 'heartbeat' && directors.length !== 2) {
    const message = `heartbeat joins exactly two directors; there ${directors.length === 1 ? 'is' : 'are'} ${directors.length}`;
    subject.add('too-few-directors', by, { message, help: namingHelp(subject, 'name two under directors') });
  }
  if (failover.by === 'none' && directors.length > 1) {
    const message = `${directors.length} directors and no failover: each of them takes the VIPs`;
    const help = subject.classic
      ? 'write failover heartbeat, or vrrp'
      : 'set failover.by: vrrp, or heartbeat';
    subject.add('two-active-directors', subject.at(directors[1]!), { message, help });
  }
  if (failover.by === 'vrrp' && directors.length === 0) {
    const message = 'VRRP needs directors with names, addresses and interfaces; there are none';
    subject.add('too-few-directors', by, { message, help: namingHelp(subject, 'name them under directors') });
  }
  if (failover.preemptDelay > 0 && !failover.preempt) {
    const message = 'preempt_delay means nothing without preempt: true';
    subject.add('preempt-delay-alone', ['failover', 'preempt_delay'], { message, part: 'key' });
  }
  if (failover.preempt && failover.by !== 'none') {
    const message =
      'a primary that returns takes the addresses back, and resets the connections it does not know';
    const help =
      failover.preemptDelay > 0
        ? 'without preempt the addresses stay where they are'
        : 'give it time to learn them: preempt_delay: 30s';
    subject.add('preemption', ['failover', 'preempt'], { message, help });
  }
  if (failover.by === 'heartbeat' && failover.links.length < 2) {
    const message = 'heartbeat over one link: when it fails, both directors become active';
    subject.add('one-heartbeat-link', subject.declared(['failover', 'links']) ? ['failover', 'links'] : by, {
      message,
      ...(subject.classic ? {} : { help: 'name a second interface in failover.links' }),
    });
  }
  if (failover.by !== 'vrrp') return;
  if (failover.advertInterval % 10 !== 0) {
    const message = `VRRP counts centiseconds: ${formatDuration(failover.advertInterval)} is rounded`;
    subject.add('rounded-time', ['failover', 'advert_interval'], { message });
  }
  if (failover.unicast) checkUnicast(subject);
}

/** Unicast goes from address to address, so each director needs one of every family that moves. */
function checkUnicast(subject: Subject): void {
  const { cluster } = subject;
  const vips = [...virtualAddresses(cluster).keys()];
  if (cluster.gateway) vips.push(cluster.gateway.address);
  const families = new Set(vips.map(familyOf));
  for (const director of cluster.directors) {
    const own = new Set([director.address, director.address6].flatMap(one => (one ? [familyOf(one)] : [])));
    for (const family of families) {
      if (own.has(family)) continue;
      const [name, key] = family === 'ipv6' ? ['IPv6', 'address6'] : ['IPv4', 'address'];
      const message = `unicast VRRP for ${name} addresses needs an ${name} address of ${director.name}`;
      subject.add('unicast-address', subject.at(director), { message, help: `give it ${key}` });
    }
  }
}
