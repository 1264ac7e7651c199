import { StateFailure } from '../state/failure.js';
import { concernsOperator, rebuilt } from '../state/journal-reader.js';
import type { Moment } from '../state/moment.js';
import type { Stamp } from '../state/operator.js';
import { JOURNAL, OPERATOR } from '../state/paths.js';
import type { Files, Ports } from '../system/ports.js';
import type { Door } from './door.js';
import type { Running } from './running.js';

const warned = new WeakSet<Ports>();

/** Whether this run has found drains and weights lost: the next one has to say so again. */
export function isLossTold(ports: Ports): boolean {
  return warned.has(ports);
}

/**
 * Says once in a run that drains and weights are lost which the journal still has, or may be, where it is lost, too: what is done next goes on without
 * them. It keeps nobody from acting, as a dead server has to leave the table in any case. A director on which nothing
 * was ever said has no such file either: its journal is read for what operators said alone.
 */
export async function warnOfLoss(
  { ports, now, warn }: Pick<Door, 'ports' | 'warn'> & Pick<Stamp, 'now'>,
  { current, operator }: Pick<Running, 'current' | 'operator'>,
): Promise<void> {
  if (!current || operator.entries.length > 0 || warned.has(ports)) return;
  try {
    const text = await lossText(ports.files, now);
    if (text === undefined) return;
    warned.add(ports);
    warn(text);
  } catch (error) {
    // A journal that cannot be read is told by whoever needs it.
    if (!(error instanceof StateFailure) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

async function lossText(files: Files, { boot }: Moment): Promise<string | undefined> {
  if (await files.look(OPERATOR)) return undefined;
  // An apply writes its journal, so there was one.
  if (!(await files.look(JOURNAL)))
    return `${JOURNAL} is lost, and there is no ${OPERATOR}: whether operators said anything, as drains and weights, is not known, and nothing of it counts; what happens next begins a new journal`;
  const { overlays } = await rebuilt(files, boot, concernsOperator);
  const servers = overlays.operator.entries.length;
  if (servers === 0) return undefined;
  const whose = servers === 1 ? '1 server' : `${servers} servers`;
  return `${OPERATOR} is lost: what operators said of ${whose}, as drains and weights, does not count; lvsctl log --rebuild puts it back from the journal`;
}
