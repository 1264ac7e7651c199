import { parseDuration } from '../cluster/duration.js';
import { quote } from '../diagnostic/quote.js';
import { pressed } from '../view/keys.js';
import { changes } from '../view/screen/changes.js';
import type { Screen } from '../view/screen/screen.js';
import { type Order, ORDERS } from '../view/orders.js';
import { type TopFrame, topScreen, type TopView } from '../view/top.js';
import type { Terminal } from '../system/ports.js';
import type { Context, Options, Run } from './context.js';
import { EXIT, Failure } from './exit.js';
import { Reader } from './top/reader.js';

/** Milliseconds; the kernel brings its counters up to date every two seconds. */
const USUAL_INTERVAL = 2000;
const LEAST_INTERVAL = 200;
/** Lines of a page that the next one repeats, and those that do not scroll. */
const UNSCROLLED = 5;

export const run: Run = async (context, _args, options) => {
  const interval = intervalOf(options);
  const order = ORDERS.find(one => one === options['sort']) ?? 'connections';
  if (!context.openTerminal) {
    throw new Failure(
      EXIT.usage,
      'top needs a terminal for its input and its output',
      'lvsctl status shows it once',
    );
  }
  const reader = new Reader(context, interval);
  // What cannot be read at all is told before the terminal is taken.
  const first = await reader.next();
  await new Session(context, reader, first, order).run();
  return EXIT.done;
};

function intervalOf(options: Options): number {
  const given = options['interval'];
  if (typeof given !== 'string') return USUAL_INTERVAL;
  const ms = parseDuration(given);
  if (ms !== undefined && ms >= LEAST_INTERVAL) return ms;
  throw new Failure(EXIT.usage, `--interval takes a time from 200ms, such as 5s, not ${quote(given)}`);
}

/** The live view, from the taking of the terminal until it is given back. */
class Session {
  #view: TopView;
  #isOver = false;
  /** What the terminal shows; undefined: anything. */
  #shown: Screen | undefined;
  #isStale = true;
  #isWriting = false;
  #ring = (): void => {};
  readonly #ended = new AbortController();

  constructor(
    private readonly context: Context,
    private readonly reader: Reader,
    private frame: TopFrame,
    order: Order,
  ) {
    this.#view = { order, scroll: 0 };
  }

  async run(): Promise<void> {
    const { stop, outColour } = this.context;
    const terminal = this.context.openTerminal!({
      keys: text => this.#press(text, terminal.size().rows),
      resized: () => {
        this.#shown = undefined;
        this.#news();
      },
    });
    const end = (): void => this.#end();
    stop.addEventListener('abort', end);
    let reading: Promise<void> | undefined;
    try {
      reading = this.#read();
      // A failure of the reader ends it all; until it is awaited it is no unhandled one.
      reading.catch(end);
      while (!this.#isOver && !stop.aborted) {
        const news = new Promise<void>(resolve => {
          this.#ring = resolve;
        });
        // Until the terminal has taken a frame there is no next one; what comes meanwhile is in that one.
        if (this.#isStale && !this.#isWriting) this.#draw(terminal, outColour);
        await news;
      }
    } finally {
      stop.removeEventListener('abort', end);
      this.#end();
      terminal.close();
    }
    await reading;
  }

  #draw(terminal: Terminal, colour: boolean): void {
    const { screen, scroll } = topScreen(this.frame, this.#view, terminal.size());
    this.#view = { ...this.#view, scroll };
    const text = changes(this.#shown, screen, colour);
    this.#shown = screen;
    this.#isStale = false;
    if (text !== '') void this.#send(terminal, text);
  }

  async #send(terminal: Terminal, text: string): Promise<void> {
    this.#isWriting = true;
    await terminal.write(text);
    this.#isWriting = false;
    this.#ring();
  }

  #press(keys: string, rows: number): void {
    const view = pressed(this.#view, keys, Math.max(1, rows - UNSCROLLED));
    if (view) this.#view = view;
    else this.#end();
    this.#news();
  }

  #news(): void {
    this.#isStale = true;
    this.#ring();
  }

  #end(): void {
    this.#isOver = true;
    this.#ended.abort();
    this.#ring();
  }

  async #read(): Promise<void> {
    while (!this.#isOver) {
      await this.context.ports.clock.sleep(this.frame.interval, this.#ended.signal);
      if (this.#isOver) return;
      this.frame = await this.reader.again(this.frame);
      this.#news();
    }
  }
}
