import { familyOf } from '../../cluster/address.js';
import { formatDuration } from '../../cluster/duration.js';
import { virtualAddresses } from '../../cluster/machines.js';
import { quote } from '../../diagnostic/quote.js';
import type { Subject } from './subject.js';

function namingHelp(subject: Subject, help: string): string {
  return subject.classic ? 'write a line for each: director <NAME> <ADDRESS> <INTERFACE>' : help;
}

/** What concerns the way in which the VIPs move. */
export function checkFailover(subject: Subject): void {
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
  const [twice] = failover.links.filter((link, index) => failover.links.indexOf(link) !== index);
  if (twice !== undefined) {
    const message = `links has ${quote(twice)} twice: that is one link`;
    subject.add('bad-value', ['failover', 'links'], { message });
  }
  if (failover.by === 'heartbeat') checkHeartbeatTimes(subject);
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

function checkHeartbeatTimes(subject: Subject): void {
  const { keepalive, warntime, deadtime, initdead } = subject.cluster.failover.heartbeat;
  if (keepalive < warntime && warntime < deadtime && deadtime <= initdead) return;
  const times = [keepalive, warntime, deadtime, initdead].map(formatDuration);
  const [first, second, third, last] = times;
  const message = `keepalive ${first}, warntime ${second}, deadtime ${third} and initdead ${last} contradict each other`;
  const help = 'each has to be longer than the one before; initdead may be as long as deadtime';
  subject.add('heartbeat-times', ['failover', 'heartbeat'], { message, help, part: 'key' });
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
