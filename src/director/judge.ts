import type { Cluster } from '../cluster/cluster.js';
import type { Service } from '../cluster/service.js';
import { before, type Due, isDue, type Moment, remaining } from '../state/moment.js';
import type { Operator } from '../state/operator.js';
import { overlayAt } from '../state/overlay.js';
import { explain, type ServerView } from '../table/explain.js';
import type { Overlay } from '../table/overlay.js';
import type { Running } from './running.js';

/** What is known of the servers, with this said by operators. */
export function overlayWith(running: Running, operator: Operator, now: Moment): Overlay {
  return overlayAt({ ...running, operator }, now);
}

/** The moment at which it is due, as far as both clocks go on as they do now. */
export function momentOf(due: Due, now: Moment): Moment {
  return before(now, -Math.max(0, remaining(due, now)));
}

/**
 * The services that would lose their last server: the last that takes connections, or the last of these that is alive,
 * where only `minimum_servers` keeps the others.
 */
export function emptied(cluster: Cluster, was: Overlay, will: Overlay): Service[] {
  return emptiedBetween([cluster, was], [cluster, will]);
}

/** The same where the cluster is another one; a service that goes as a whole is not meant. */
export function emptiedBetween(
  was: readonly [Cluster, Overlay],
  will: readonly [Cluster, Overlay],
): Service[] {
  const then = new Map(explain(...will).map(one => [one.key, one.servers]));
  return explain(...was).flatMap(({ key, service, servers }) => {
    const after = then.get(key);
    if (!after) return [];
    const isLoss = (counts: (server: ServerView) => boolean): boolean =>
      servers.some(counts) && !after.some(counts);
    return isLoss(takes) || isLoss(one => takes(one) && !one.kept) ? [service] : [];
  });
}

function takes({ entry }: ServerView): boolean {
  return entry !== undefined && entry.weight > 0;
}

/** A service that will have no server from a moment on, because of drains that are planned. */
export interface Foreseen {
  readonly service: Service;
  readonly due: Due;
}

/** The services that planned drains will empty, each at the first time, as far as can be known today. */
export function foreseen(cluster: Cluster, running: Running, operator: Operator, now: Moment): Foreseen[] {
  const today = overlayWith(running, operator, now);
  const found = new Map<string, Foreseen>();
  const dues = operator.entries.flatMap(({ planned }) =>
    planned && !isDue(planned.due, now) ? planned.due : [],
  );
  for (const due of dues.toSorted((a, b) => remaining(a, now) - remaining(b, now))) {
    const then = momentOf(due, now);
    for (const service of emptied(cluster, today, overlayWith(running, operator, then)))
      if (!found.has(service.name)) found.set(service.name, { service, due });
  }
  return [...found.values()];
}
