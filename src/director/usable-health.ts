import type { Renewable } from '../state/documents.js';
import { failureText, StateFailure } from '../state/failure.js';
import { type Health, HEALTHY, readHealth, serversIn } from '../state/health.js';
import { healthInJournal, isJournalWhole, knowsOfDead } from '../state/journal-reader.js';
import type { Moment } from '../state/moment.js';
import { HEALTH } from '../state/paths.js';
import type { Files } from '../system/ports.js';
import type { Keeper } from './running.js';

type Warn = (text: string) => void;

/**
 * What the checkers found; of a file that is lost or cannot be used what the journal has, where that has all of it.
 * Before the first death there is no such file either: then the journal knows of none.
 *
 * @throws StateFailure
 */
export async function usableHealth(
  files: Files,
  now: Moment,
  warn: Warn,
  keeper: Keeper | undefined,
): Promise<Renewable<Health>> {
  const found = await readHealth(files);
  if (!found.damage && !found.isAbsent) return found;
  const was = found.damage ? 'damaged' : 'lost';
  const value = await healthInJournal(files, now.boot);
  if (value && (found.damage || serversIn(value) > 0)) {
    const dead = value.dead.length === 1 ? '1 dead server' : `${value.dead.length} dead servers`;
    const why = found.damage?.why ?? `${HEALTH} is lost`;
    return await restored(`${why}; what the journal has of it counts, ${dead}`, was, value, warn, keeper);
  }
  // An empty one says so at once, where the journal had to be read each time.
  if (value && keeper) await keeper.restore(HEALTHY, was).catch(passOver);
  if (value || found.damage) return found;
  // After a boot both are missing, until something happens.
  if (!(await isJournalWhole(files)) && !(await knowsOfDead(files, now.boot))) return found;
  const anew =
    'the journal does not have all of it: who was found dead counts once the checker says it again';
  return await restored(`${HEALTH} may be lost, and ${anew}`, was, HEALTHY, warn, keeper);
}

async function restored(
  text: string,
  was: 'lost' | 'damaged',
  value: Health,
  warn: Warn,
  keeper: Keeper | undefined,
): Promise<Renewable<Health>> {
  try {
    const aside = await keeper?.restore(value, was);
    warn(aside === undefined ? text : `${text}; it is kept as ${aside}`);
  } catch (error) {
    // Until there is room, each run finds it so, and knows the same.
    if (!(error instanceof StateFailure)) throw error;
    warn(`${text}; it is not mended: ${failureText(error)}`);
  }
  return { value };
}

/** What has no room yet is not needed either. */
function passOver(error: unknown): void {
  if (!(error instanceof StateFailure)) throw error;
}
