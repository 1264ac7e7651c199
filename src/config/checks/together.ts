import { endpoint } from '../../cluster/address.js';
import { entrances, serviceKey } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { quote } from '../../diagnostic/quote.js';
import type { Path } from '../located.js';
import type { Subject } from './subject.js';

/** No two services may share a name or what they are reached by. */
export function checkUniqueness(subject: Subject): void {
  const names = new Set<string>();
  const owners = new Map<string, Service>();
  for (const service of subject.cluster.services) {
    if (names.has(service.name) && isNamed(service, subject)) {
      const message = `two services are called ${quote(service.name)}`;
      subject.add('duplicate-service', subject.at(service, 'name'), { message });
    }
    names.add(service.name);
    if (subject.sound(service, 'protocol')) checkWays(service, owners, subject);
  }
}

function isNamed(service: Service, subject: Subject): boolean {
  return subject.declared(subject.at(service, 'name'));
}

/** What leads to a service leads to no other. The first doubt is enough. */
function checkWays(service: Service, owners: Map<string, Service>, subject: Subject): void {
  let reported = false;
  for (const [key, place] of waysOf(service)) {
    const other = owners.get(key) ?? service;
    owners.set(key, service);
    if (other === service || reported) continue;
    reported = true;
    const named = [other, service].filter(one => isNamed(one, subject)).map(one => one.name);
    const message =
      named.length === 2 ? `${named.join(' and ')} both serve ${key}` : `two services serve ${key}`;
    const help = 'put all servers into one service';
    subject.add('duplicate-service', subject.at(service, ...place), { message, help });
  }
}

function waysOf(service: Service): [key: string, place: Path][] {
  const mark = service.virtual.kind === 'fwmark';
  const ways = entrances(service).map(({ address, port, protocol }, index): [string, Path] => [
    `${endpoint(address, port)}/${protocol}`,
    mark ? ['match', index] : ['port'],
  ]);
  return mark ? [[serviceKey(service.virtual), ['fwmark']], ...ways] : ways;
}

/** No two machines may share an address; `hosts` and `directors` may both describe one, under one name. */
export function checkMachines(subject: Subject): void {
  const { directors, hosts } = subject.cluster;
  const owners = new Map<string, string>();
  for (const { name, address, address6 } of directors) {
    for (const one of [address, address6]) if (one !== undefined) owners.set(one, name);
  }
  for (const host of hosts) {
    for (const key of ['address', 'address6'] as const) {
      const address = host[key];
      const owner = address === undefined ? undefined : owners.get(address);
      if (address === undefined) continue;
      owners.set(address, host.name);
      if (owner === undefined || owner === host.name) continue;
      const message = `${quote(host.name)} and ${quote(owner)} have one address: ${address}`;
      const help = 'one machine has one name, in hosts as in directors';
      subject.add('duplicate-name', subject.at(host, key), { message, help });
    }
  }
}

/** These with all that is in them, then these alone: below them content may well have a place. */
const SYSTEM_FOLDERS =
  /^\/((bin|boot|dev|lib\w*|proc|run|sbin|sys|usr\/(bin|lib\w*|sbin))(\/.*)?|etc|home|opt|root|usr(\/(local|share))?|var(\/(cache|lib|log|mail|run|spool|tmp))?)?$/;

/** rsync --delete makes the target equal to the source: never a folder that the system lives in. */
export function checkContent(subject: Subject): void {
  const written = subject.cluster.realServers.content?.to;
  if (written === undefined) return;
  const target = `/${written
    .split('/')
    .filter(step => step !== '' && step !== '.')
    .join('/')}`;
  if (!SYSTEM_FOLDERS.test(target)) return;
  subject.add('content-into-system', ['real_servers', 'content', 'to'], {
    message: `content cannot be synchronised into ${quote(target)}: all else in it would be deleted`,
    help: 'name a folder that has nothing but the content, such as /srv/www/',
  });
}
