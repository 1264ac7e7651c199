import type { Outcome } from '../director/apply.js';
import type { Visitor } from '../director/door.js';
import { type Leaving, removeLeaving } from '../director/leaving.js';
import { awaitConnections, connections } from './await-connections.js';
import type { Context } from './context.js';
import { enter } from './visit.js';

/**
 * Waits until those that go have no connections any more, then removes them.
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
  const { how, left } = await awaitConnections(context, leaving, wait);
  if (how === 'interrupted') {
    const most = Math.ceil((end - clock.elapsed()) / 1000);
    whom.warn(`what goes stays at weight 0, until the next apply or for ${most} s more`);
    return;
  }
  if (how === 'time is up')
    whom.warn(`the time is up: ${connections(left)} ${left === 1 ? 'is' : 'are'} cut`);
  const removed = await enter(context, whom, door => removeLeaving(door, number));
  if (!removed) whom.warn(`generation ${number} does not run any more: nothing is removed`);
}
