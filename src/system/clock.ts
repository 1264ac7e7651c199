import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './ports.js';

/** This machine's time. */
export function createClock(): Clock {
  return {
    now: () => new Date(),
    // CLOCK_MONOTONIC: Linux counts it from the boot.
    elapsed: () => Number(process.hrtime.bigint()) / 1e6,
    sleep: (milliseconds, signal) =>
      sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
        if (!signal?.aborted) throw error;
      }),
  };
}
