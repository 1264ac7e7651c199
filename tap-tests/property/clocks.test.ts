import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { SEED } from '../support/arbitrary.js';
import type { KernelHost } from '../support/kernel-host.js';
import { Mortal } from '../support/mortal.js';

/** What happens to a director while something waits for its time. */
type Event =
  | { readonly what: 'pass'; readonly ms: number }
  | { readonly what: 'step'; readonly ms: number }
  | { readonly what: 'boot'; readonly down: number };

const pass = fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 50_000 }) });
const step = fc.record({
  what: fc.constant('step' as const),
  ms: fc.integer({ min: -400_000_000, max: 400_000_000 }),
});
const boot = fc.record({ what: fc.constant('boot' as const), down: fc.integer({ min: 0, max: 50_000 }) });

const CONFIRM = 60_000;
/** A year or so after the clocks' zero, so that a step back is not before it. */
const BEGIN = 4e10;

function description(weight: number): string {
  return `version: 1
services:
  - { address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { address: 192.0.2.11, weight: ${weight} } ] }
`;
}

/** In memory: what is asked of the clocks would wait for a real disk and lock at every step. */
class Timed {
  readonly host: KernelHost;
  #boots = 0;

  private constructor(director: Mortal) {
    this.host = director.host;
    this.host.time = BEGIN;
  }

  /** A director whose apply waits to be confirmed. */
  static async trial(t: ExecutionContext): Promise<Timed> {
    const director = new Mortal(t);
    const timed = new Timed(director);
    await director.ready(description(1));
    timed.#boot();
    t.is(await director.apply(description(2), '--confirm', `${CONFIRM / 1000}s`), 0);
    return timed;
  }

  #boot(): void {
    this.host.booted = this.host.time;
    const id = `6f1c1d6e-0000-4000-8000-${String(++this.#boots).padStart(12, '0')}`;
    this.host.put('/proc/sys/kernel/random/boot_id', `${id}\n`);
  }

  happens(event: Event): void {
    if (event.what === 'step') this.host.stepped += event.ms;
    else this.host.time += event.what === 'pass' ? event.ms : event.down;
    if (event.what === 'boot') this.#boot();
  }

  /** Whether the trial runs on, once its timer, or a boot, has had it looked at. */
  async waits(): Promise<boolean> {
    const { time } = this.host;
    const { exitCode, err } = await this.host.run('tick');
    if (exitCode !== 0) throw new Error(err);
    this.host.time = time;
    return this.host.kernel.rules().includes('-w 2\n');
  }
}

/** Whether the trial waits after each event, beside how long it really has. */
async function course(
  t: ExecutionContext,
  events: readonly Event[],
): Promise<{ readonly waits: boolean; readonly real: number; readonly up: number }[]> {
  const timed = await Timed.trial(t);
  const begin = timed.host.time;
  const seen = [];
  for (const event of events) {
    timed.happens(event);
    const { time, booted } = timed.host;
    seen.push({ waits: await timed.waits(), real: time - begin, up: time - booted });
  }
  return seen;
}

const OPTIONS = { numRuns: 40, seed: SEED };

test('a stepped clock neither shortens nor stretches the time to confirm', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(pass, step), { maxLength: 6 }), async events => {
      for (const { waits, real } of await course(t, events)) t.is(waits, real < CONFIRM);
    }),
    OPTIONS,
  );
});

test('a boot neither shortens nor stretches it, where the clock is right', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(pass, boot), { maxLength: 6 }), async events => {
      for (const { waits, real } of await course(t, events)) t.is(waits, real < CONFIRM);
    }),
    OPTIONS,
  );
});

test('whatever clocks and boots do, it never outlasts a boot of that length, and never comes back', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(pass, step, boot), { maxLength: 8 }), async events => {
      let over = false;
      for (const { waits, up, real } of await course(t, events)) {
        if (up >= CONFIRM && real >= CONFIRM) t.false(waits);
        if (over) t.false(waits, 'what has been taken back stays so');
        over ||= !waits;
      }
    }),
    OPTIONS,
  );
});
