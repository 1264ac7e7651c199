import { readLive } from '../director/kernel.js';
import { held, type Leaving } from '../director/leaving.js';
import type { Context } from './context.js';

/** Milliseconds between two looks. */
const PAUSE = 1000;

/** How a wait has ended, and how many connections were left then. */
export interface Ending {
  readonly how: 'none left' | 'time is up' | 'interrupted' | 'pointless';
  readonly left: number;
}

/**
 * Waits until servers have no connections any more, with a line for each change. The lock is free meanwhile, so that
 * alerts and polls are not held up.
 *
 * @param wait milliseconds at most; undefined: however long it takes
 * @param isPointless whether there is nothing to wait for any more
 */
export async function awaitConnections(
  context: Context,
  servers: Pick<Leaving, 'servers'>,
  wait: number | undefined,
  isPointless: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Ending> {
  const { clock } = context.ports;
  const end = wait === undefined ? Infinity : clock.elapsed() + wait;
  let told: number | undefined;
  for (;;) {
    const left = held(servers, (await readLive(context.ports)).activity);
    // First: where nothing has been waited for, that none is left means nothing.
    if (await isPointless()) return { how: 'pointless', left };
    if (left === 0) return { how: 'none left', left };
    if (left !== told) {
      const most = Math.ceil((end - clock.elapsed()) / 1000);
      const longest = wait === undefined ? '' : `; waiting at most ${most} s more`;
      context.err(`${connections(left)} left${longest}\n`);
    }
    told = left;
    if (context.interrupted()) return { how: 'interrupted', left };
    if (clock.elapsed() >= end) return { how: 'time is up', left };
    await clock.sleep(PAUSE);
  }
}

/** `1 connection`, `2 connections`. */
export function connections(count: number): string {
  return `${count} ${count === 1 ? 'connection' : 'connections'}`;
}
