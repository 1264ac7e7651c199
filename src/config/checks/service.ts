import { addressBits, familyOf } from '../../cluster/address.js';
import { isTimed, isWeighedByLatency, lawOf } from '../../cluster/law.js';
import { entrances } from '../../cluster/naming.js';
import { FLAGS, SCHEDULERS } from '../../cluster/scheduler.js';
import type { Service } from '../../cluster/service.js';
import { list } from '../../diagnostic/quote.js';
import { checkHealth } from './health.js';
import { serviceFamily } from './servers.js';
import type { Subject } from './subject.js';

const SHARING = Object.entries(SCHEDULERS)
  .filter(([, meaning]) => meaning === 'share')
  .map(([name]) => name);

/** What concerns one service as such. */
export function checkService(service: Service, subject: Subject): void {
  checkEntrances(service, subject);
  checkScheduling(service, subject);
  checkPersistence(service, subject);
  checkHealth(service, subject);
}

function checkEntrances(service: Service, subject: Subject): void {
  const { minimumServers, servers } = service;
  if (
    minimumServers !== undefined &&
    servers.length > 0 &&
    minimumServers > servers.length &&
    subject.sound(service, 'servers')
  ) {
    const message = `minimum_servers ${minimumServers} is more than the ${servers.length} that the service has`;
    subject.add('bad-value', subject.at(service, 'minimum_servers'), { message });
  }
  const { virtual } = service;
  const everyPort = virtual.kind === 'address' && virtual.port === 0;
  if (everyPort && !service.persistence && subject.sound(service, 'persistence')) {
    const message = 'port 0 (every port) needs persistence: the kernel refuses it without';
    subject.add('port-zero', subject.at(service, 'port'), {
      message,
      help: subject.inYaml('add persistence: 300s'),
    });
  }
  if (
    service.onePacket &&
    entrances(service).some(one => one.protocol !== 'udp') &&
    subject.sound(service, 'protocol')
  ) {
    const message = 'one_packet is for UDP only: it schedules every datagram anew';
    subject.add('one-packet-not-udp', subject.at(service, 'one_packet'), { message, part: 'key' });
  }
  if (virtual.kind !== 'fwmark') return;
  for (const [index, one] of virtual.match.entries()) {
    if (familyOf(one.address) === virtual.family) continue;
    const message = `${one.address} is not ${virtual.family === 'ipv4' ? 'IPv4' : 'IPv6'}, the family of this service`;
    const help = 'a mark serves one family; make a second service with another mark';
    subject.add('mixed-families', subject.at(service, 'match', index, 'address'), { message, help });
  }
}

function checkScheduling(service: Service, subject: Subject): void {
  const { scheduler } = service;
  if (!subject.sound(service, 'scheduler')) return;
  for (const [index, flag] of service.flags.entries()) {
    if (FLAGS[flag] === scheduler) continue;
    const message = `${flag} is a flag of scheduler ${FLAGS[flag]}; this service has ${scheduler}`;
    const help = `use scheduler: ${FLAGS[flag]}, or leave the flag out`;
    const path = subject.at(service, 'flags');
    subject.add('flag-of-other-scheduler', service.flags.length === 1 ? [...path, index] : path, {
      message,
      help,
    });
  }
  const own = [...subject.at(service), 'law'];
  if (service.law && SCHEDULERS[scheduler] !== 'share' && subject.declared(own)) {
    const message = `law ${service.law} cannot move the weights of ${scheduler}, which does not read them as a share`;
    subject.add('law-without-share', own, { message, help: `laws are for ${list(SHARING, 'and')}` });
  }
  const { polling } = subject.cluster;
  if (!polling || !isWeighedByLatency(service, polling) || isTimed(service)) return;
  const message = `law ${lawOf(service, polling)} cannot time the servers of ${service.name}: its weights stay as configured`;
  const help = 'TCP is timed by its handshake, UDP by a check of type dns; give this service another law';
  subject.add('law-without-time', subject.declared(own) ? own : subject.at(service), { message, help });
}

function checkPersistence(service: Service, subject: Subject): void {
  const { persistence } = service;
  if (!persistence) return;
  const bits = addressBits(serviceFamily(service));
  const path = subject.at(service, 'persistence');
  if (persistence.netmask > bits) {
    const message = `netmask ${persistence.netmask} is longer than an address: at most ${bits}`;
    subject.add('bad-value', [...path, 'netmask'], { message });
  }
  if (
    persistence.engine &&
    entrances(service).some(one => one.protocol !== 'udp') &&
    subject.sound(service, 'protocol')
  ) {
    const message = `persistence engine ${persistence.engine} is for UDP only`;
    subject.add('engine-not-udp', [...path, 'engine'], { message });
  }
  if (persistence.netmask === bits && !persistence.engine && subject.whole(...path)) {
    const message = 'persistence by single addresses: clients behind one proxy all reach one server';
    const help = `where that matters, layer 7 tells them apart; for clients that change among the addresses of one network use netmask: ${bits === 32 ? 24 : 64}`;
    subject.add('single-address-persistence', path, { message, help, part: 'key' });
  }
}
