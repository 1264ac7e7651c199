import type { Event } from '../state/events.js';
import { serverLine, serviceLine, timeoutsLine } from '../table/format.js';
import type { Step } from '../table/plan.js';

/** So many entries that change at once are told one by one; where more do, a table was lost or is another. */
const MOST = 1000;

/**
 * An event for each step of a plan, with the line that was there where it is edited or goes; of very many the first
 * ones, and how many more there are.
 */
export function stepEvents(steps: readonly Step[], why: Pick<Event, 'event' | 'cause'>): Event[] {
  const events = steps.slice(0, MOST).map((step): Event => {
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
  const more = steps.length - MOST;
  return more > 0 ? [...events, { ...why, after: `${more} more entries` }] : events;
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
