import { harmless } from '../../diagnostic/quote.js';
import type { Context } from '../context.js';

/** What a person sees on standard error while the machine works; on a terminal the last line is live, with its seconds. */
export class Progress {
  #live: { readonly text: string; readonly stays: boolean; readonly since: number } | undefined;
  #drawn = false;
  #plain = false;
  #ticking = false;

  constructor(private readonly context: Context) {}

  /** What has begun, or has been done; its line stays. */
  step(text: string): void {
    if (!this.context.errTerminal) this.context.err(`${harmless(text)}\n`);
    this.#begin(text, true);
  }

  /** What is being done, for so short that only a terminal shows it. */
  doing(text: string): void {
    this.#begin(text, false);
  }

  /** A line by itself. */
  line(text: string): void {
    this.#clear();
    this.context.err(`${text}\n`);
    this.#draw();
  }

  /** A line of the result. */
  output(text: string): void {
    this.#clear();
    this.context.out(`${text}\n`);
    this.#draw();
  }

  /** What something in the machine printed. */
  words(line: string): void {
    this.line(this.#plain ? harmless(line) : this.context.errStyle.dim(`  | ${harmless(line)}`));
  }

  /** From now on those are the user's own programs, and shown as what they are. */
  plainly(): void {
    this.#plain = true;
  }

  /** Nothing is being done any more. */
  end(): void {
    this.#clear();
    if (this.context.errTerminal && this.#live?.stays)
      this.context.err(`${this.#live.text}${this.#seconds()}\n`);
    this.#live = undefined;
  }

  #begin(text: string, stays: boolean): void {
    this.end();
    if (!this.context.errTerminal) return;
    this.#live = { text: harmless(text), stays, since: this.context.ports.clock.elapsed() };
    this.#draw();
    if (!this.#ticking) void this.#tick();
  }

  #draw(): void {
    if (!this.#live) return;
    this.context.err(`${this.#live.text} …${this.#seconds()}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.context.err('\r\u001b[K');
    this.#drawn = false;
  }

  #seconds(): string {
    const seconds = Math.round((this.context.ports.clock.elapsed() - this.#live!.since) / 1000);
    return seconds < 2 ? '' : this.context.errStyle.dim(`  ${seconds} s`);
  }

  async #tick(): Promise<void> {
    this.#ticking = true;
    while (this.#live) {
      await this.context.ports.clock.sleep(1000);
      this.#clear();
      this.#draw();
    }
    this.#ticking = false;
  }
}
