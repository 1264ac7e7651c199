import type { Cluster } from '../../cluster/cluster.js';
import { isSameCluster } from '../../director/wished-files.js';
import { currentGeneration } from '../../state/generations.js';
import type { Files } from '../../system/ports.js';
import { linesBetween } from '../status/file.js';

/**
 * How a description stands to what runs on this host, where that is another cluster: its files would bring in, with the
 * next start of a daemon, what was never applied. Undefined where nothing runs, or the same.
 *
 * @param name what people call the description
 * @throws StateFailure where what runs cannot be read
 */
export async function unapplied(files: Files, cluster: Cluster, name: string): Promise<string | undefined> {
  const current = await currentGeneration(files);
  if (!current || isSameCluster(cluster, current.cluster)) return undefined;
  const lines = linesBetween(current.cluster, cluster);
  const where = lines === 1 ? '1 line of the table differs' : `${lines} lines of the table differ`;
  return `${name} differs from generation ${current.number}, which runs (${where})`;
}
