import type { Event } from '../state/events.js';
import { serverLine, serviceLine, timeoutsLine } from '../table/format.js';
import type { Step } from '../table/plan.js';

/** An event for each step of a plan, with the line that was there where it is edited. */
export function stepEvents(steps: readonly Step[], why: Pick<Event, 'event' | 'cause'>): Event[] {
  return steps.map(step => {
    const { line, service, server } = step;
    const before = lineBefore(step);
    return {
      ...why,
      ...(service === undefined ? {} : { service }),
      ...(server === undefined ? {} : { server }),
      ...(before === undefined ? {} : { before }),
      after: line,
    };
  });
}

/** So many entries of another generation are told one by one; the generations have the others. */
const MOST = 200;

/** As `stepEvents`; of very many the first ones, and how many more there are. */
export function someStepEvents(steps: readonly Step[], why: Pick<Event, 'event' | 'cause'>): Event[] {
  const more = steps.length - MOST;
  const some = stepEvents(steps.slice(0, MOST), why);
  return more > 0 ? [...some, { ...why, after: `${more} more entries` }] : some;
}

function lineBefore({ change }: Step): string | undefined {
  switch (change.kind) {
    case 'edit-service':
      return serviceLine('-A', change.before);
    case 'remove-service':
      return serviceLine('-A', change.service);
    case 'edit-server':
      return serverLine('-a', change.key, change.before);
    case 'remove-server':
      return serverLine('-a', change.key, change.server);
    case 'set-timeouts':
      return timeoutsLine({ timeouts: change.before });
    case 'add-service':
    case 'add-server':
      return undefined;
  }
}
