import { entrances, serverKey } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { familyOf, inSameNetwork } from '../../cluster/address.js';
import { adviseOnPolling } from './polling.js';
import { serviceFamily } from './servers.js';
import type { Subject } from './subject.js';

const MOST_NAT_SERVERS = 20;
const MOST_SERVERS = 100;

/** What is allowed, but seldom meant, about one service. */
export function adviseOnService(service: Service, subject: Subject): void {
  const { cluster } = subject;
  const path = subject.at(service);
  if (
    cluster.checker === 'keepalived' &&
    service.servers.length < 2 &&
    !service.fallback &&
    subject.whole(...path)
  ) {
    const message =
      service.servers.length === 0
        ? `${service.name} has neither servers nor a fallback: nobody answers`
        : `${service.name} has neither a second server nor a fallback: when its server dies, nobody answers`;
    subject.add('no-second-server', path, { message, help: 'add a server or a fallback' });
  }
  const ftp =
    service.virtual.kind === 'address' && service.virtual.protocol === 'tcp' && service.virtual.port === 21;
  if (ftp && !service.persistence && subject.sound(service, 'persistence')) {
    const message = 'FTP opens a second connection for data, which may reach another server';
    subject.add('ftp-alone', subject.at(service, 'port'), {
      message,
      help: subject.inYaml('add persistence, or join the ports by fwmark'),
    });
  }
  const { gateway } = cluster;
  for (const server of service.servers) {
    if (server.forwarding !== 'nat' || !gateway) continue;
    if (inSameNetwork(server.address, gateway.address, gateway.prefix)) continue;
    const family = familyOf(server.address);
    // Reported as such.
    if (family !== serviceFamily(service)) continue;
    const network = `${gateway.address}/${gateway.prefix}`;
    const message =
      family === familyOf(gateway.address)
        ? `NAT server ${server.address} lies outside ${network}, the gateway's network`
        : `NAT server ${server.address} cannot answer through the gateway ${network}, which is of the other address family`;
    subject.add('nat-outside-gateway', subject.at(server), {
      message,
      help: 'its answers must return through the gateway',
    });
  }
}

/** What is allowed, but seldom meant, about the services together. */
export function adviseOnServices(subject: Subject): void {
  const { services, gateway } = subject.cluster;
  const nat = new Map<string, Service>();
  for (const service of services) {
    for (const { forwarding, address } of service.servers) {
      if (forwarding === 'nat' && !nat.has(address)) nat.set(address, service);
    }
    const others = new Set(service.servers.filter(one => one.forwarding !== 'nat').map(serverKey));
    if (others.size > MOST_SERVERS) {
      const message = `${service.name} has ${others.size} servers: more than about ${MOST_SERVERS} are seldom useful`;
      subject.add('many-servers', subject.at(service), { message });
    }
  }
  const [first] = nat.values();
  if (first && !gateway && subject.whole('gateway')) {
    const message =
      'NAT servers must answer through the active director, and no gateway address moves with the VIPs';
    subject.add('nat-without-gateway', subject.at(first), {
      message,
      help: 'add gateway: { address: …/24, interface: … }',
    });
  }
  if (first && nat.size > MOST_NAT_SERVERS) {
    const message = `${nat.size} NAT servers: beyond about ${MOST_NAT_SERVERS} the director, which all answers pass, is the limit`;
    subject.add('many-nat-servers', subject.at(first), {
      message,
      help: 'direct routing does not have this limit',
    });
  }
  adviseOnWeb(subject);
  adviseOnPolling(subject);
}

/** 80 and 443 of one VIP on the same servers, with nothing that keeps a client on one of them. */
function adviseOnWeb(subject: Subject): void {
  const plain = new Map<string, Service>();
  const web = (service: Service, port: number): boolean =>
    service.virtual.kind === 'address' && service.virtual.port === port && service.virtual.protocol === 'tcp';
  const servers = (service: Service): string =>
    service.servers
      .map(one => one.address)
      .toSorted()
      .join(' ');
  for (const service of subject.cluster.services)
    if (web(service, 80)) plain.set(entrances(service)[0]!.address, service);
  for (const service of subject.cluster.services) {
    if (!web(service, 443)) continue;
    const other = plain.get(entrances(service)[0]!.address);
    if (!other || servers(other) !== servers(service) || other.persistence || service.persistence) continue;
    if (!subject.sound(service, 'persistence') || !subject.sound(other, 'persistence')) continue;
    const message = `${service.name} and ${other.name} share their servers: a client may get a different one for each`;
    const help = subject.inYaml('add persistence, or make them one service by fwmark');
    subject.add('http-https-apart', subject.at(service, 'port'), { message, help });
  }
}
