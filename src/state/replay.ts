import { isDeepStrictEqual } from 'node:util';
import { type Place, place } from '../table/overlay.js';
import type { Event, JournalEntry, Overlays } from './events.js';
import type { Condition, Health } from './health.js';
import type { Moment } from './moment.js';
import type { Operator, Sayings } from './operator.js';

/**
 * The events, each server's last one with what is kept of it from then on, so that the overlays can be made again from
 * the journal. What has changed and no event speaks of gets one of its own.
 */
export function recording(events: readonly Event[], before: Overlays, after: Overlays): Event[] {
  const changes = changesOf(before, after);
  const told: Event[] = [];
  for (const event of events.toReversed()) {
    const { service, server } = event;
    const change = service !== undefined && server !== undefined && changes.get(place({ service, server }));
    if (!change) {
      told.push(event);
      continue;
    }
    const { at: _at, ...record } = change;
    told.push({ ...event, ...record });
    changes.delete(place(change.at));
  }
  const others = [...changes.values()].map(({ at, ...record }): Event => {
    const event = record.operator === null ? 'forgotten' : 'kept';
    return { ...at, event, cause: 'it has changed with what is told beside it', ...record };
  });
  return [...told.toReversed(), ...others];
}

interface Change extends Pick<Event, 'operator' | 'health'> {
  readonly at: Place;
}

function changesOf(before: Overlays, after: Overlays): Map<string, Change> {
  const changes = new Map<string, Change>();
  const add = ({ at, ...record }: Change): void => {
    changes.set(place(at), { at, ...changes.get(place(at)), ...record });
  };
  if (before.operator !== after.operator) {
    const [old, now] = [sayingsOf(before.operator), sayingsOf(after.operator)];
    for (const { at } of old.values()) if (!now.has(place(at))) add({ at, operator: null });
    for (const [key, { at, kept }] of now)
      if (!isDeepStrictEqual(old.get(key)?.kept, kept)) add({ at, operator: kept });
  }
  if (before.health !== after.health) {
    const [old, now] = [conditionsOf(before.health), conditionsOf(after.health)];
    for (const { at } of old.values()) if (!now.has(place(at))) add({ at, health: {} });
    for (const [key, { at, kept }] of now)
      if (!isDeepStrictEqual(old.get(key)?.kept, kept)) add({ at, health: kept });
  }
  return changes;
}

type Kept<T> = Map<string, { readonly at: Place; readonly kept: T }>;

function sayingsOf({ entries }: Operator): Kept<Sayings> {
  return new Map(
    entries.map(({ service, server, ...kept }) => {
      const at = { service, server };
      return [place(at), { at, kept }];
    }),
  );
}

function conditionsOf({ dead, rising }: Health): Kept<Condition> {
  const kept: Kept<Condition> = new Map();
  const add = ({ service, server }: Place, condition: Condition): void => {
    const at = { service, server };
    kept.set(place(at), { at, kept: { ...kept.get(place(at))?.kept, ...condition } });
  };
  for (const { service, server, ...death } of dead) add({ service, server }, { dead: death });
  for (const { since, over, ...at } of rising) add(at, { rising: { since, over } });
  return kept;
}

/** The overlays as the lines of a journal make them, one after the other. */
export class Replay {
  #operator: Kept<Sayings> = new Map();
  #health: Kept<Condition> = new Map();
  /** Whether there was a snapshot to begin with. */
  isGrounded = false;

  /** A snapshot replaces all before it. What is told twice, or again after the snapshot that has it, is the same. */
  add({ snapshot, service, server, operator, health }: JournalEntry): void {
    if (snapshot) {
      this.#operator = sayingsOf(snapshot.operator);
      this.#health = conditionsOf(snapshot.health);
      this.isGrounded = true;
    }
    if (service === undefined || server === undefined) return;
    const at = { service, server };
    if (operator === null) this.#operator.delete(place(at));
    else if (operator) this.#operator.set(place(at), { at, kept: operator });
    if (!health) return;
    if (health.dead ?? health.rising) this.#health.set(place(at), { at, kept: health });
    else this.#health.delete(place(at));
  }

  /** @param boot health is what was found since the boot: what is older is left out */
  overlays(boot: string): Overlays {
    const conditions = [...this.#health.values()];
    const isOf = <T extends { readonly since: Moment }>(found: T | undefined): found is T =>
      found?.since.boot === boot;
    return {
      operator: { entries: [...this.#operator.values()].map(({ at, kept }) => ({ ...at, ...kept })) },
      health: {
        dead: conditions.flatMap(({ at, kept: { dead } }) => (isOf(dead) ? [{ ...at, ...dead }] : [])),
        rising: conditions.flatMap(({ at, kept: { rising } }) =>
          isOf(rising) ? [{ ...at, ...rising }] : [],
        ),
      },
    };
  }
}
