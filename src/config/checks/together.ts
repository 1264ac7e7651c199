import { endpoint } from '../../cluster/address.js';
import { entrances, serviceKey } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { quote } from '../../diagnostic/quote.js';
import type { Subject } from './subject.js';

/** No two services may share a name or what they are reached by. */
export function checkUniqueness(subject: Subject): void {
  const names = new Map<string, Service>();
  const keys = new Map<string, Service>();
  for (const service of subject.cluster.services) {
    if (names.has(service.name)) {
      const message = `two services are called ${quote(service.name)}`;
      if (subject.declared([...subject.at(service), 'name'])) {
        subject.add('duplicate-service', subject.at(service, 'name'), { message });
      }
    }
    names.set(service.name, service);
    const mark = service.virtual.kind === 'fwmark';
    const ways = entrances(service).map(one => `${endpoint(one.address, one.port)}/${one.protocol}`);
    for (const key of new Set(mark ? [serviceKey(service.virtual), ...ways] : ways)) {
      const other = keys.get(key);
      if (other) {
        const message = `${service.name} and ${other.name} both serve ${key}`;
        const place = mark && !key.startsWith('fwmark:') ? 'match' : mark ? 'fwmark' : 'port';
        subject.add('duplicate-service', subject.at(service, place), {
          message,
          help: 'put all servers into one service',
        });
      }
      keys.set(key, service);
    }
  }
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
