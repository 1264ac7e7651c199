import { deadlines, next } from '../state/deadlines.js';
import { momentNow } from '../state/moment.js';
import { StateFailure } from '../state/failure.js';
import { throughDoor, type Visitor } from './door.js';
import { KernelFailure } from './failure.js';
import { settleDue } from './settle.js';
import { setTimer, type Waker } from './timer.js';

/** Milliseconds until what could not be settled is tried again. */
const AGAIN = 60_000;

/**
 * Settles what has come due, and sees to it that the next is settled, also where that fails: the timer that has gone
 * off was the last one, and whoever holds the lock may not know what comes due.
 *
 * @throws StateFailure, KernelFailure: the first that kept something from being settled
 */
export async function tick(visitor: Visitor, waker: Waker): Promise<void> {
  const { ports } = visitor;
  try {
    await throughDoor(visitor, async door => {
      const failures: Error[] = [];
      const running = await settleDue(door, error => void failures.push(error));
      if (failures[0]) throw failures[0];
      const now = await momentNow(ports.files, ports.clock);
      const wait = next(deadlines(running, now), now);
      if (wait !== undefined) await setTimer(waker, ports, wait);
    });
  } catch (error) {
    if (canBeTried(error)) await setTimer(waker, ports, AGAIN);
    throw error;
  }
}

/** Who may not change anything could not set the timer either. */
function canBeTried(error: unknown): boolean {
  if (error instanceof KernelFailure) return error.problem !== 'not-permitted';
  if (!(error instanceof StateFailure)) return false;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return code !== 'EACCES' && code !== 'EPERM';
}
