import type { Lab } from '../../src/lab/lab.js';
import { Held } from '../../src/lab/held.js';

/** Seconds for which a connection is tried before it counts as lost, besides what TCP itself waits. */
const PATIENCE = 8;

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

  /**
   * Which connections still have a server, once whatever failed is over.
   *
   * @param outage the seconds it took; what was sent meanwhile TCP sends again only after as long a time once more
   */
  async survivors(outage = 0): Promise<string[]> {
    this.#talking = false;
    await Promise.all(this.#talks);
    const answered = await Promise.all(
      [...this.#open].map(async ([kind, held]) => ((await answers(held, outage + PATIENCE)) ? [kind] : [])),
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
      await this.lab.pause(pause / 1000);
    }
  }
}

async function answers(held: Held, seconds: number): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  do {
    const said = await held.say();
    if (said !== '-' && said !== '') return true;
  } while (performance.now() < end);
  return false;
}
