import { AGAIN, tick } from '../director/tick.js';
import { setTimer } from '../director/timer.js';
import { StateFailure } from '../state/failure.js';
import type { Run } from './context.js';
import { EXIT } from './exit.js';
import { enter, visitor, waker } from './visit.js';

export const run: Run = async context => {
  try {
    await enter(context, visitor(context, 'tick', 'program'), door => tick(door, waker(context)));
  } catch (error) {
    // The timer that has gone off was the last one, and whoever holds the lock may not know what comes due.
    if (error instanceof StateFailure && error.problem === 'locked')
      await setTimer(waker(context), context.ports, AGAIN);
    throw error;
  }
  return EXIT.done;
};
