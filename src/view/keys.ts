import type { TopView } from './top.js';

/** What a key does to a live view; undefined: it ends it. */
type Act = ((view: TopView, page: number) => TopView) | undefined;

const scrolled =
  (by: (page: number) => number): Act =>
  (view, page) => ({
    ...view,
    scroll: Math.max(0, view.scroll + by(page)),
  });
const ordered =
  (order: TopView['order']): Act =>
  view => ({ ...view, order, scroll: 0 });

const UP = scrolled(() => -1);
const DOWN = scrolled(() => 1);
const PAGE_UP = scrolled(page => -page);
const PAGE_DOWN = scrolled(page => page);
const FIRST: Act = view => ({ ...view, scroll: 0 });
const LAST: Act = view => ({ ...view, scroll: Number.MAX_SAFE_INTEGER });

/** As terminals send them (ECMA-48, xterm): cursor keys as CSI or, in application mode, SS3. */
const ACTS: ReadonlyMap<string, Act> = new Map([
  ['q', undefined],
  ['Q', undefined],
  ['\u0003', undefined],
  ['\u0004', undefined],
  ['c', ordered('connections')],
  ['r', ordered('rate')],
  ['w', ordered('weight')],
  ['n', ordered('name')],
  ['k', UP],
  ['\u001b[A', UP],
  ['\u001bOA', UP],
  ['j', DOWN],
  ['\u001b[B', DOWN],
  ['\u001bOB', DOWN],
  ['\u001b[5~', PAGE_UP],
  ['\u001b[6~', PAGE_DOWN],
  [' ', PAGE_DOWN],
  ['g', FIRST],
  ['\u001b[H', FIRST],
  ['\u001b[1~', FIRST],
  ['G', LAST],
  ['\u001b[F', LAST],
  ['\u001b[4~', LAST],
]);

/** A sequence as a whole, or one character. */
const KEY = /\u001b(?:\[[0-9;?]*[@-~]|O.)?|[^]/gu;

/**
 * The view after keys were typed; undefined where they end it. Keys that mean nothing change nothing.
 *
 * @param page rows that are scrolled at once
 */
export function pressed(view: TopView, keys: string, page: number): TopView | undefined {
  let after = view;
  for (const [key] of keys.matchAll(KEY)) {
    if (!ACTS.has(key)) continue;
    const act = ACTS.get(key);
    if (!act) return undefined;
    after = act(after, page);
  }
  return after;
}
