import type { Host } from './lab.js';

let number = 0;

/** A connection that stays: each `say` sends a line over it. */
export class Held {
  #lines = 0;

  private constructor(
    private readonly client: Host,
    private readonly at: string,
  ) {}

  static async open(client: Host, address: string, port: number): Promise<Held> {
    const at = `/tmp/held-${++number}`;
    await client.sh(`mkfifo ${at}.in`);
    // Opened for both ways, the pipe has no end while nobody writes.
    const ask = `${client.perl('ask', ['hold', address, port])} <>${at}.in >${at}.out 2>&1`;
    await client.sh(`(setsid ${ask} & echo $! >${at}.pid) </dev/null >/dev/null 2>&1`);
    const held = new Held(client, at);
    const first = await held.say();
    if (first === '-') throw new Error(`no connection to ${address}:${port}`);
    return held;
  }

  /** @returns the host that answered, `-` where none did within a second */
  async say(): Promise<string> {
    const line = ++this.#lines;
    const { stdout } = await this.client.run(
      `echo line >${this.at}.in
       for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
         [ "$(wc -l <${this.at}.out)" -lt ${line} ] || break
         sleep 0.1
       done
       sed -n '${line} { s/ .*//; p }' ${this.at}.out`,
    );
    return stdout.trim();
  }

  /** Ends it as its client, in good order. */
  async end(): Promise<void> {
    await this.client.sh(`kill "$(cat ${this.at}.pid)"`);
  }
}
