import { addressBits, familyOf } from '../../cluster/address.js';
import { formatDuration } from '../../cluster/duration.js';
import { entrances } from '../../cluster/naming.js';
import { FLAGS, SCHEDULERS } from '../../cluster/scheduler.js';
import type { Service } from '../../cluster/service.js';
import { list } from '../../diagnostic/quote.js';
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

/** Below it mon 1.3.6 is slower than with it, as measured. */
const SHORTEST_MON_INTERVAL = 2000;
const CONNECTING = ['tcp', 'http', 'https', 'smtp', 'dns'];

function checkHealth(service: Service, subject: Subject): void {
  const { cluster } = subject;
  const { check, minimumServers } = service;
  const path = subject.at(service, 'check');
  if (
    CONNECTING.includes(check.type) &&
    check.port === undefined &&
    subject.sound(service, 'check', 'port')
  ) {
    const portless = service.servers.some(one => one.port === 0) && entrances(service)[0]!.port === 0;
    if (portless && subject.whole(...path)) {
      const message = `a check of type ${check.type} has no port to connect to: the service has every port`;
      subject.add('check-impossible', path, { message, help: 'give the check a port' });
    }
  }
  if (cluster.checker === 'none' && subject.declared(path) && check.type !== 'none') {
    const message = `no checker runs this check: checker is none`;
    subject.add('check-without-checker', path, {
      message,
      help: 'set checker: keepalived, or mon',
      part: 'key',
    });
  }
  if (cluster.checker === 'mon' && check.interval < SHORTEST_MON_INTERVAL && check.type !== 'none') {
    const message = `mon starts a check at most every ${SHORTEST_MON_INTERVAL / 1000} s: an interval of ${formatDuration(check.interval)} takes about 3 s`;
    subject.add('rounded-time', [...path, 'interval'], {
      message,
      help: 'checker: keepalived can be that fast',
    });
  }
  if (cluster.checker === 'keepalived' && minimumServers !== undefined) {
    subject.add('minimum-servers-keepalived', subject.at(service, 'minimum_servers'), {
      message: 'minimum_servers cannot be had with checker keepalived, whose quorum sums weights',
      help: 'use checker: mon, or a fallback',
      part: 'key',
    });
  }
  if (cluster.checker === 'keepalived' && check.type === 'script' && check.timeout % 1000 !== 0) {
    const message = `keepalived gives scripts whole seconds: ${check.timeout} ms become ${Math.ceil(check.timeout / 1000)} s`;
    subject.add('rounded-time', [...path, 'timeout'], { message });
  }
}
