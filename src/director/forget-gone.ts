import { serverKey, serviceKey } from '../cluster/naming.js';
import type { Generation } from '../state/generation.js';
import { forget } from '../state/operator.js';
import { recording } from '../state/replay.js';
import { desired } from '../table/desired.js';
import { place } from '../table/overlay.js';
import { type Door, say } from './door.js';
import { readRunning } from './running.js';

/** What the description of a cluster is called that `clear` has emptied; all others are called by an absolute path. */
export const CLEARED = 'clear';

/**
 * What was said of servers that are gone for good must not wait for one of the same address. `clear` is no such end:
 * rolled back, its servers are as they were.
 */
export async function forgetGone(
  door: Door,
  { cluster, description, number }: Pick<Generation, 'cluster' | 'description' | 'number'>,
): Promise<void> {
  if (description.name === CLEARED) return;
  const running = await readRunning(door.ports.files, door.stamp.now, door.warn);
  const { operator } = running;
  const places = new Set(
    desired(cluster).services.flatMap(({ key, servers }) =>
      servers.map(server => place({ service: serviceKey(key), server: serverKey(server) })),
    ),
  );
  const left = forget(operator, at => !places.has(place(at)));
  if (left.entries.length === operator.entries.length) return;
  await say(door, number, {
    operator: left,
    events: recording([], running, { ...running, operator: left }),
  });
}
