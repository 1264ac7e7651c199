import { copyAside } from '../state/documents.js';
import type { Event } from '../state/events.js';
import { type Health, serversIn, writeHealth } from '../state/health.js';
import { HEALTH } from '../state/paths.js';
import { type Door, note } from './door.js';

/**
 * Puts what the journal has of the checkers' findings into the place of a damaged or lost file, in one step, once a
 * damaged one has been copied: killed before, the next run finds it damaged or lost still, and never an empty one.
 *
 * @returns where the damaged one is kept
 * @throws StateFailure
 */
export async function restoreHealth(
  door: Door,
  health: Health,
  was: 'lost' | 'damaged',
): Promise<string | undefined> {
  const { files } = door.ports;
  const aside = was === 'damaged' ? await copyAside(files, HEALTH) : undefined;
  await writeHealth(files, health);
  const servers = serversIn(health);
  // An empty one in the place of nothing tells nothing, and would begin a new journal where that is lost, too.
  if (was === 'damaged' || servers > 0) await note(door, [rebuiltEvent({ path: HEALTH, was, servers })]);
  return aside;
}

/** What the journal says of a file that it has put back. */
export function rebuiltEvent(file: {
  readonly path: string;
  readonly was: 'lost' | 'damaged';
  readonly servers: number;
}): Event {
  const { path, was, servers } = file;
  const after = `${path}: ${servers} ${servers === 1 ? 'server' : 'servers'}`;
  return { event: 'rebuilt', cause: `it was ${was}`, after };
}
