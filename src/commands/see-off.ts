import type { Outcome } from '../director/apply.js';
import type { Visitor } from '../director/door.js';
import { readLive } from '../director/kernel.js';
import { held, type Leaving, removeLeaving } from '../director/leaving.js';
import type { Context } from './context.js';
import { enter } from './visit.js';

/** Milliseconds between two looks. */
const PAUSE = 1000;

/**
 * Waits until those that go have no connections any more, with a line for each change, then removes them. The lock is
 * free meanwhile, so that alerts and polls are not held up.
 *
 * @param wait milliseconds after which they are removed anyway
 */
export async function seeOff(
  context: Context,
  whom: Visitor,
  { number }: Outcome,
  leaving: Leaving,
  wait: number,
): Promise<void> {
  const { servers, services, addresses } = leaving;
  if (servers.size + services.size + addresses.length === 0) return;
  const { clock } = context.ports;
  const end = clock.elapsed() + wait;
  let told: number | undefined;
  for (;;) {
    const left = held(leaving, (await readLive(context.ports)).activity);
    if (left === 0) break;
    if (left !== told) {
      const most = Math.ceil((end - clock.elapsed()) / 1000);
      context.err(
        `${left} ${left === 1 ? 'connection' : 'connections'} left; waiting at most ${most} s more\n`,
      );
    }
    told = left;
    if (context.interrupted()) {
      const most = Math.ceil((end - clock.elapsed()) / 1000);
      whom.warn(`what goes stays at weight 0, until the next apply or for ${most} s more`);
      return;
    }
    if (clock.elapsed() >= end) {
      whom.warn(`the time is up: ${left} ${left === 1 ? 'connection is' : 'connections are'} cut`);
      break;
    }
    await clock.sleep(PAUSE);
  }
  const removed = await enter(context, whom, door => removeLeaving(door, number));
  if (!removed) whom.warn(`generation ${number} does not run any more: nothing is removed`);
}
