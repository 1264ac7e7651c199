import { type Destination, type Scheduler, SCHEDULERS, type Scheduling } from './kernel.js';
import type { Power } from './machine.js';
import type { Policy } from './policy.js';

/** A table, and who sets its weights. */
export class Director {
  readonly table: readonly Destination[];
  readonly #scheduler: Scheduler;
  readonly #first: readonly number[];
  writes = 0;

  /** @param absent indices of the servers that come into the table later */
  constructor(
    scheduler: Scheduling,
    readonly policy: Policy,
    powers: readonly Power[],
    absent: ReadonlySet<number>,
  ) {
    this.#first = policy.start(powers);
    this.table = this.#first.map((weight, index) => ({
      weight: absent.has(index) ? 0 : weight,
      active: 0,
      inactive: 0,
      connections: 0,
    }));
    this.#scheduler = SCHEDULERS[scheduler](this.table);
  }

  pick(): number {
    return this.#scheduler.pick();
  }

  write(weights: readonly number[] | undefined): void {
    if (!weights) return;
    let isNew = false;
    for (const [index, weight] of weights.entries()) {
      if (this.table[index]!.weight === weight) continue;
      this.table[index]!.weight = weight;
      isNew = true;
      this.writes++;
    }
    if (isNew) this.#scheduler.changed();
  }

  /** A server comes into the table, with the weight that it would have begun with, on the scale that the others have now. */
  join(server: number): void {
    let [now, first] = [0, 0];
    for (const [index, { weight }] of this.table.entries()) {
      if (weight === 0) continue;
      now += weight;
      first += this.#first[index]!;
    }
    const own = Math.max(1, Math.round((this.#first[server]! * now) / first));
    this.write(this.table.map(({ weight }, index) => (index === server ? own : weight)));
  }

  /** Of the weights. */
  shares(): number[] {
    const sum = this.table.reduce((all, { weight }) => all + weight, 0);
    return this.table.map(({ weight }) => weight / sum);
  }
}
