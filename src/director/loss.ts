import { StateFailure } from '../state/failure.js';
import { concernsOperator, rebuilt } from '../state/journal-reader.js';
import type { Stamp } from '../state/operator.js';
import { OPERATOR } from '../state/paths.js';
import type { Ports } from '../system/ports.js';
import type { Door } from './door.js';
import type { Running } from './running.js';

const warned = new WeakSet<Ports>();

/** Whether this run has found drains and weights lost: the next one has to say so again. */
export function isLossTold(ports: Ports): boolean {
  return warned.has(ports);
}

/**
 * Says once in a run that drains and weights are lost which the journal still has: what is done next goes on without
 * them. It keeps nobody from acting, as a dead server has to leave the table in any case. A director on which nothing
 * was ever said has no such file either: its journal is read for what operators said alone.
 */
export async function warnOfLoss(
  { ports, now, warn }: Pick<Door, 'ports' | 'warn'> & Pick<Stamp, 'now'>,
  { current, operator }: Pick<Running, 'current' | 'operator'>,
): Promise<void> {
  const { files } = ports;
  if (!current || operator.entries.length > 0 || warned.has(ports)) return;
  try {
    if (await files.look(OPERATOR)) return;
    const { overlays } = await rebuilt(files, now.boot, concernsOperator);
    const servers = overlays.operator.entries.length;
    if (servers === 0) return;
    warned.add(ports);
    const whose = servers === 1 ? '1 server' : `${servers} servers`;
    warn(
      `${OPERATOR} is lost: what operators said of ${whose}, as drains and weights, does not count; lvsctl log --rebuild puts it back from the journal`,
    );
  } catch (error) {
    // A journal that cannot be read is told by whoever needs it.
    if (!(error instanceof StateFailure) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
