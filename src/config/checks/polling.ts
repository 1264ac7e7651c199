import type { Cluster, Polling } from '../../cluster/cluster.js';
import { formatDuration } from '../../cluster/duration.js';
import { isByLatency, isMovable, lawOf } from '../../cluster/law.js';
import { hostFinder } from '../../cluster/machines.js';
import { SCHEDULERS } from '../../cluster/scheduler.js';
import { shortestGap } from '../cron.js';
import type { Path } from '../located.js';
import type { Subject } from './subject.js';

/** What is allowed, but seldom meant, about weights that are measured. */
export function adviseOnPolling(subject: Subject): void {
  const { polling } = subject.cluster;
  if (polling) {
    adviseOnTimes(polling, subject);
    adviseOnNothing(polling, subject);
  } else if (subject.whole('polling')) adviseOnLaws(subject);
}

/** Laws that measure, where nobody measures. `polling` may be left out for a while, so it is no error. */
function adviseOnLaws(subject: Subject): void {
  const seen = new Set<string>();
  for (const service of subject.cluster.services) {
    const { law } = service;
    const path = subject.at(service, 'law');
    if (law === undefined || law === 'static' || SCHEDULERS[service.scheduler] !== 'share') continue;
    if (seen.has(path.join('.')) || !subject.declared(path)) continue;
    seen.add(path.join('.'));
    const message = `law ${law} measures nothing: without polling weights stay as configured`;
    subject.add('law-without-polling', path, { message, help: 'add polling: {}, or leave the law out' });
  }
}

function adviseOnTimes({ schedule, timeout }: Polling, subject: Subject): void {
  const declared = (['timeout', 'schedule'] as const)
    .map((key): Path => ['polling', key])
    .find(path => subject.declared(path));
  if (!declared || !subject.whole('polling')) return;
  const gap = shortestGap(schedule);
  if (timeout <= gap) return;
  const message = `a poll waits ${formatDuration(timeout)} for an agent that is silent, and the next one is due after ${formatDuration(gap)}: it comes late, or not at all`;
  const help = subject.classic
    ? 'poll less often'
    : `make the time-out ${formatDuration(gap)} or less, or poll less often`;
  subject.add('timeout-above-schedule', declared, { message, help });
}

function adviseOnNothing(polling: Polling, subject: Subject): void {
  const { cluster } = subject;
  if (!(subject.declared(['polling']) || subject.declared(['polling', 'schedule']))) return;
  const why = whyNothing(cluster, polling);
  if (why === undefined || !subject.whole('services')) return;
  subject.add('nothing-to-poll', subject.classic ? ['polling', 'schedule'] : ['polling'], {
    message: `there is nothing to poll: ${why}`,
    part: 'key',
  });
}

/** Undefined where something is polled. */
function whyNothing(cluster: Cluster, polling: Polling): string | undefined {
  const sharing = cluster.services.filter(({ scheduler }) => SCHEDULERS[scheduler] === 'share');
  if (sharing.length === 0) return 'no service reads weights as a share';
  const measured = sharing.filter(service => isMovable(service, polling));
  if (measured.length === 0) {
    const which = sharing.length === cluster.services.length ? '' : ' that reads weights as a share';
    return `the law of every service${which} is static, which measures nothing`;
  }
  const hostOfServer = hostFinder(cluster);
  const isPolled = measured.some(service =>
    service.servers.some(
      server => isByLatency(lawOf(service, polling)) || hostOfServer(server)?.agent !== 'none',
    ),
  );
  return isPolled ? undefined : 'no service that is measured has a server with an agent';
}
