import { deadlines, next } from '../state/deadlines.js';
import { momentNow } from '../state/moment.js';
import type { Door } from './door.js';
import { settleDue } from './settle.js';
import { setTimer, type Waker } from './timer.js';

/**
 * Settles what has come due, and sees to it that the next is settled.
 *
 * @returns milliseconds until then; undefined where nothing is to come
 * @throws StateFailure, KernelFailure
 */
export async function tick(door: Door, waker: Waker): Promise<number | undefined> {
  const { files, clock } = door.ports;
  const running = await settleDue(door);
  const now = await momentNow(files, clock);
  const wait = next(deadlines(running, now), now);
  if (wait !== undefined) await setTimer(waker, door.ports, wait);
  return wait;
}
