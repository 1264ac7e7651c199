import { formatDuration } from '../../cluster/duration.js';
import { isAskedByLaw } from '../../cluster/law.js';
import { entrances } from '../../cluster/naming.js';
import type { Service } from '../../cluster/service.js';
import { checkKeepalived } from './keepalived.js';
import type { Subject } from './subject.js';

/** Below it mon 1.3.6 is slower than with it, as measured. */
const SHORTEST_MON_INTERVAL = 2000;
const CONNECTING = ['tcp', 'http', 'https', 'smtp', 'dns'];

/** What concerns the check of a service, and the checker that is to run it. */
export function checkHealth(service: Service, subject: Subject): void {
  const { cluster } = subject;
  const { check } = service;
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
  const known = subject.whole('checker') && subject.whole(...path);
  const isIdle = cluster.checker === 'none' && check.type !== 'none' && !isAskedByLaw(service, cluster);
  if (isIdle && known && subject.declared(path)) {
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
  if (cluster.checker === 'keepalived') checkKeepalived(service, subject);
}
