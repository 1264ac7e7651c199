import type { Renewable } from '../state/documents.js';
import { ESTIMATOR } from '../state/paths.js';
import { type Measured, readMeasured } from '../state/polling.js';
import type { Files } from '../system/ports.js';

/** The weights of the last poll; where their file is gone or damaged what the poller keeps of them. @throws StateFailure */
export async function usableMeasured(files: Files): Promise<Renewable<Measured | undefined>> {
  const found = await readMeasured(files);
  if (found.value || !(await files.look(ESTIMATOR))) return found;
  // Loaded only where it is needed: an alert must be quick.
  const { readKept } = await import('../state/estimator.js');
  const { value: kept } = await readKept(files);
  if (!kept) return found;
  const weights = Object.entries(kept.weighed).flatMap(([service, servers]) =>
    servers.map(({ key, weight }) => ({ service, server: key, weight })),
  );
  const { revision, host, polled } = kept;
  return { ...found, value: { weights, revision, host, at: polled.at, isSpare: true } };
}
