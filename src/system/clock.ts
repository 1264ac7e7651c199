import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './ports.js';

/** This machine's time. */
export function createClock(): Clock {
  return {
    now: () => new Date(),
    elapsed: () => performance.now(),
    sleep: milliseconds => sleep(milliseconds),
  };
}
