import { copyAside } from '../state/documents.js';
import { deadlines, next } from '../state/deadlines.js';
import type { Overlays } from '../state/events.js';
import { StateFailure } from '../state/failure.js';
import { currentNumber } from '../state/generations.js';
import { keptHealth, serversIn, writeHealth } from '../state/health.js';
import { type Damage, rebuilt } from '../state/journal-reader.js';
import type { Moment } from '../state/moment.js';
import { keptOperator } from '../state/operator.js';
import { HEALTH, JOURNAL, OPERATOR } from '../state/paths.js';
import type { Files } from '../system/ports.js';
import { type Door, keep, note, say } from './door.js';
import { readLive } from './kernel.js';
import { rebuiltEvent } from './restore-health.js';
import { targetFor } from './running.js';
import { settleDue } from './settle.js';
import { setTimer, type Waker } from './timer.js';

/** A file that is to be put back. */
export interface Loss {
  readonly path: string;
  readonly was: 'lost' | 'damaged';
  /** Of so many servers it will say something. */
  readonly servers: number;
  /** Where the damaged one is kept. */
  readonly aside?: string;
}

export interface Rebuilding {
  readonly losses: readonly Loss[];
  readonly overlays: Overlays;
  /** What of the journal could not be read, and may have said more. */
  readonly damaged: readonly Damage[];
  /** The files of which that may have said more: they are lost or damaged themselves, or never were. */
  readonly unsure: readonly string[];
}

/**
 * What is lost or damaged of both overlays, and what the journal has of it. A file that can be read is right.
 *
 * @throws StateFailure where a file is a newer version's, or the journal has no ground to build on
 */
export async function losses(files: Files, { boot }: Moment): Promise<Rebuilding> {
  const { overlays, damaged, isGrounded } = await rebuilt(files, boot);
  const { operator, health } = overlays;
  const said = operator.entries.length;
  const gone = [
    await lossOf(OPERATOR, () => keptOperator(files), said),
    await lossOf(HEALTH, () => keptHealth(files), serversIn(health)),
  ].flatMap(one => one ?? []);
  // One that never was is missed by nobody, as far as the journal can be read.
  const found = gone.filter(({ was, servers }) => was === 'damaged' || servers > 0);
  const unsure = damaged.length > 0 ? gone.map(({ path }) => path) : [];
  const path = found[0]?.path ?? unsure[0];
  if (path !== undefined && !isGrounded) {
    throw new StateFailure(
      'absent',
      `${JOURNAL} has no snapshot to begin with: ${path} cannot be rebuilt`,
      'move a damaged file away; what it says is then forgotten',
    );
  }
  return { losses: found, overlays, damaged, unsure };
}

async function lossOf(
  path: string,
  read: () => Promise<object | undefined>,
  servers: number,
): Promise<Loss | undefined> {
  try {
    return (await read()) ? undefined : { path, was: 'lost', servers };
  } catch (error) {
    if (!(error instanceof StateFailure) || error.problem !== 'damaged') throw error;
    return { path, was: 'damaged', servers };
  }
}

/**
 * Puts back what is lost or damaged, and brings the table to it. Each file takes the place of the damaged one in one
 * step, after that has been copied: killed before, the next run finds it damaged still, and never an empty overlay.
 * Killed before the table follows, the file has what the next reconciliation brings about.
 *
 * @throws StateFailure, KernelFailure
 */
export async function rebuild(door: Door, waker: Waker): Promise<Rebuilding> {
  const { files } = door.ports;
  const { now } = door.stamp;
  const found = await losses(files, now);
  const done: Loss[] = [];
  for (const loss of found.losses) {
    const { path, was } = loss;
    const aside = was === 'damaged' ? await copyAside(files, path) : undefined;
    const events = [rebuiltEvent(loss)];
    if (path === OPERATOR) {
      await say(door, (await currentNumber(files)) ?? null, { operator: found.overlays.operator, events });
    } else {
      await writeHealth(files, found.overlays.health);
      await note(door, events);
    }
    done.push(aside === undefined ? loss : { ...loss, aside });
  }
  if (done.length === 0) return found;
  const running = await settleDue(door);
  const { current } = running;
  const wait = next(deadlines(running, now), now);
  if (wait !== undefined) await setTimer(waker, door.ports, wait);
  if (current) {
    const { table } = await readLive(door.ports);
    const why = { event: 'mended', cause: `lvsctl ${door.verb}` } as const;
    await keep(door, current.number, targetFor(current.cluster, running), table, why);
  }
  return { ...found, losses: done };
}
