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
    const message = named.length === 2 ? `${named.join(' and ')} both serve ${key}` : `two services serve ${key}`;
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

const SYSTEM_FOLDERS = /^\/(bin|boot|dev|etc|lib\w*|proc|root|run|sbin|sys|usr|var)?\/*$/;

/** rsync --delete makes the target equal to the source: never a folder that the system lives in. */
export function checkContent(subject: Subject): void {
  const target = subject.cluster.realServers.content?.to.replace(/\/+/g, '/').replace(/\/\.(?=\/|$)/g, '');
  if (target === undefined || !SYSTEM_FOLDERS.test(target === '' ? '/' : target)) return;
  subject.add('content-into-system', ['real_servers', 'content', 'to'], {
    message: `content cannot be synchronised into ${quote(target)}: all else in it would be deleted`,
    help: 'name a folder that has nothing but the content, such as /srv/www/',
  });
}
