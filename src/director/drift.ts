import type { Event } from '../state/events.js';
import type { Step } from '../table/plan.js';
import type { Table } from '../table/table.js';
import { planOf } from './target.js';
import { type Running, targetFor } from './running.js';
import { stepEvents } from './step-events.js';

/** The entries of the table that were not as what runs has them. */
export function driftOf(running: Running, table: Table): ReadonlySet<string> {
  const { current } = running;
  if (!current) return new Set();
  return new Set(planOf(table, targetFor(current.cluster, running)).steps.map(placeText));
}

/** An event for each step: `mended` for what was not as what runs has it, and for all else `changed`. */
export function changeEvents(steps: readonly Step[], drifted: ReadonlySet<string>, cause: string): Event[] {
  const isDrift = (one: Step): boolean => drifted.has(placeText(one));
  return [
    ...stepEvents(
      steps.filter(one => !isDrift(one)),
      { event: 'changed', cause },
    ),
    ...stepEvents(steps.filter(isDrift), { event: 'mended', cause }),
  ];
}

/** One entry of the table, in words. */
function placeText({ service, server }: Step): string {
  return `${service} ${server}`;
}
