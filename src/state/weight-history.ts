import { type Place, place } from '../table/overlay.js';
import type { JournalEntry } from './events.js';

/** A server's weight in the kernel's table; null: it is not there. */
export type Weight = number | null;

/** From when on a server has had which weight. */
export interface WeightStep {
  /** ISO 8601. */
  readonly at: string;
  readonly weight: Weight;
  /** What made it so; absent for what it was to begin with. */
  readonly event?: string;
  readonly cause?: string;
}

/** What an entry says of weights: those that it does not name are to be found out from what follows. */
interface Told extends Pick<JournalEntry, 'time' | 'event' | 'cause'> {
  /** Its place among all entries. */
  readonly order: number;
  readonly before?: Weight;
  readonly after?: Weight;
}

/** The weights of servers over a time, as the journal tells them. */
export class WeightHistory {
  #order = 0;
  readonly #servers = new Map<string, { readonly at: Place; readonly told: Told[] }>();
  /** Of whole services, by their key, and of all. */
  readonly #services = new Map<string, Told[]>();
  readonly #all: Told[] = [];

  /** Takes the entries in their order; those that tell nothing of weights are passed over. */
  add({ time, event, cause, service, server, before, after }: JournalEntry): void {
    const base = { time, event, cause, order: this.#order++ };
    if (event === 'unloaded') this.#all.push({ ...base, after: null });
    else if (event === 'loaded') this.#all.push(base);
    else if (service !== undefined && server === undefined) {
      if (after?.startsWith('-D ')) push(this.#services, service, { ...base, after: null });
    } else if (service !== undefined && server !== undefined) {
      const is = weightIn(after);
      if (is === undefined) return;
      const was = before === undefined ? null : weightIn(before);
      const known = this.#servers.get(place({ service, server })) ?? { at: { service, server }, told: [] };
      known.told.push({ ...base, after: is, ...(was === undefined ? {} : { before: was }) });
      this.#servers.set(place(known.at), known);
    }
  }

  /** The servers that have entries of their own, in the order in which they came. */
  get places(): Place[] {
    return [...this.#servers.values()].map(({ at }) => at);
  }

  /**
   * A server's weights from a moment to another, both ISO 8601; the first one is what it had to begin with. Times that
   * are outside, or go back since a clock was stepped, are drawn to what is possible.
   *
   * @param today what it should have at the end, where the journal tells nothing of it; undefined: it is none of what runs
   */
  steps(at: Place, [since, until]: readonly [string, string], today: Weight | undefined): WeightStep[] {
    const told = [
      ...(this.#servers.get(place(at))?.told ?? []),
      ...(this.#services.get(at.service) ?? []),
      ...this.#all,
    ].toSorted((a, b) => a.order - b.order);
    const steps: WeightStep[] = [];
    // From the end: who comes back with a table that is loaded has what the next entry says that it had.
    let weight: Weight = today ?? null;
    for (const { after = weight, before, event, cause, time } of told.toReversed()) {
      steps.push({ at: time, weight: after, event, cause });
      weight = before === undefined ? (after ?? weight) : before;
    }
    steps.push({ at: since, weight });
    return inOrder(steps.toReversed(), until);
  }
}

function push(map: Map<string, Told[]>, key: string, told: Told): void {
  map.set(key, [...(map.get(key) ?? []), told]);
}

/** Without those that change nothing. */
function inOrder(steps: readonly WeightStep[], until: string): WeightStep[] {
  const found: WeightStep[] = [];
  let latest = '';
  for (const step of steps) {
    latest = step.at > latest ? step.at : latest;
    if (latest > until) latest = until;
    if (found.length === 0 || found.at(-1)!.weight !== step.weight) found.push({ ...step, at: latest });
  }
  return found;
}

/**
 * The weight in what an entry says was or is: a line of ipvsadm(8) as lvsctl writes them (`-a`, `-e`, `-d`), or `weight N,
 * CAUSE`. Undefined where it says none.
 */
function weightIn(text: string | undefined): Weight | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('-d ') || text.startsWith('not in the table')) return null;
  const weight = /^-[ae] .* -w (\d{1,5})(?: |$)/.exec(text)?.[1] ?? /^weight (\d{1,5}), /.exec(text)?.[1];
  return weight === undefined ? undefined : Number(weight);
}
