import type { Lab } from '../../src/lab/lab.js';
import { Held } from '../../src/lab/held.js';

/** An answer may be late while addresses move: so many lines are tried before a connection counts as lost. */
const TRIES = 4;

/** A client's connections that are open while something fails: silent ones, and such as talk all the time. */
export class Connections {
  readonly #open = new Map<string, Held>();
  readonly #talks: Promise<void>[] = [];
  readonly #gaps = new Map<string, number>();
  #talking = true;

  constructor(private readonly lab: Lab) {}

  /** @param pause milliseconds from one line to the next; absent: a silent connection, after its first line */
  async open(kind: string, address: string, port: number, pause?: number): Promise<void> {
    const held = await Held.open(this.lab.client, address, port);
    this.#open.set(kind, held);
    if (pause !== undefined) this.#talks.push(this.#talk(kind, held, pause));
  }

  /** Which connections still have a server, once whatever failed is over. */
  async survivors(): Promise<string[]> {
    this.#talking = false;
    await Promise.all(this.#talks);
    const answered = await Promise.all(
      [...this.#open].map(async ([kind, held]) => ((await answers(held)) ? [kind] : [])),
    );
    return answered.flat();
  }

  /** The longest time between two answers of each connection that talks, in words. */
  get gaps(): string {
    return [...this.#gaps].map(([kind, gap]) => `${kind} ${Math.round(gap / 100) / 10} s`).join(', ');
  }

  async #talk(kind: string, held: Held, pause: number): Promise<void> {
    let last = performance.now();
    while (this.#talking) {
      if ((await held.say()) !== '-') {
        const now = performance.now();
        this.#gaps.set(kind, Math.max(this.#gaps.get(kind) ?? 0, now - last));
        last = now;
      }
      await this.lab.client.sh(`sleep ${pause / 1000}`);
    }
  }
}

async function answers(held: Held): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried++) {
    const said = await held.say();
    if (said !== '-' && said !== '') return true;
  }
  return false;
}
