import { deadlines, next } from '../state/deadlines.js';
import { momentNow } from '../state/moment.js';
import type { Door } from './door.js';
import { settleDue } from './settle.js';
import { setTimer, type Waker } from './timer.js';

/** Milliseconds until what could not be settled is tried again. */
export const AGAIN = 60_000;

/**
 * Settles what has come due, and sees to it that the next is settled, also where that fails.
 *
 * @returns milliseconds until then; undefined where nothing is to come
 * @throws StateFailure, KernelFailure: the first that kept something from being settled
 */
export async function tick(door: Door, waker: Waker): Promise<number | undefined> {
  const { files, clock } = door.ports;
  const failures: Error[] = [];
  const running = await settleDue(door, error => void failures.push(error));
  const now = await momentNow(files, clock);
  const wait = next(deadlines(running, now), now);
  const enough = failures.length > 0 && wait !== undefined ? Math.max(wait, AGAIN) : wait;
  if (enough !== undefined) await setTimer(waker, door.ports, enough);
  if (failures[0]) throw failures[0];
  return enough;
}
