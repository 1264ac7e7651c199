import { failureText, StateFailure } from '../state/failure.js';
import { currentGeneration, setCurrent } from '../state/generations.js';
import type { Files } from '../system/ports.js';
import type { Door } from './door.js';

/** Why what runs cannot be read; undefined where it can. One that a newer lvsctl wrote is not lost. @throws StateFailure */
async function lossOf(files: Files): Promise<StateFailure | undefined> {
  try {
    await currentGeneration(files);
    return undefined;
  } catch (error) {
    if (error instanceof StateFailure && (error.problem === 'damaged' || error.problem === 'absent'))
      return error;
    throw error;
  }
}

/** Whether what runs cannot be read. @throws StateFailure */
export async function isLost(files: Files): Promise<boolean> {
  return (await lossOf(files)) !== undefined;
}

/**
 * What runs, and cannot be read, is forgotten, so that another generation can run in its place. Its file stays. The
 * table stays, too: services that only the lost one had are nobody's then.
 *
 * @throws StateFailure
 */
export async function forgetLost({ ports: { files }, warn }: Door): Promise<void> {
  const loss = await lossOf(files);
  if (!loss) return;
  warn(`what runs cannot be read, and is forgotten: ${failureText(loss)}`);
  await setCurrent(files, undefined);
}
