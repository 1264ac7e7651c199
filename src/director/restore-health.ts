import { copyAside } from '../state/documents.js';
import type { Event } from '../state/events.js';
import { type Health, writeHealth } from '../state/health.js';
import { HEALTH } from '../state/paths.js';
import { type Door, note } from './door.js';

/**
 * Puts what the journal has of the checkers' findings into the place of a damaged file, in one step, once that has been
 * copied: killed before, the next run finds it damaged still, and never an empty one.
 *
 * @returns where the damaged one is kept
 * @throws StateFailure
 */
export async function restoreHealth(door: Door, health: Health): Promise<string> {
  const aside = await copyAside(door.ports.files, HEALTH);
  await writeHealth(door.ports.files, health);
  const servers = health.dead.length + health.rising.length;
  await note(door, [rebuiltEvent({ path: HEALTH, was: 'damaged', servers })]);
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
