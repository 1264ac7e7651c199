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
  const text = await ifReadable(() => lossText(ports.files, now));
  if (text === undefined) return;
  warned.add(ports);
  warn(text);
}

/**
 * Keeps an operator's word from being the only one: with it the file would be there again, and what is lost would not be
 * missed any more. What cannot be put back keeps nobody from anything.
 *
 * @throws StateFailure
 */
export async function refuseOverLoss(files: Files, now: Moment): Promise<void> {
  const lost = await ifReadable(() => lostIn(files, now));
  if (!lost?.isGrounded) return;
  throw new StateFailure(
    'absent',
    `${OPERATOR} is lost: what operators said of ${lost.whose}, as drains and weights, would be forgotten; nothing is changed`,
    'put it back from the journal first: `lvsctl log --rebuild`',
  );
}

/** A journal that cannot be read is told by whoever needs it. */
async function ifReadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StateFailure) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

async function lossText(files: Files, now: Moment): Promise<string | undefined> {
  // An apply writes its journal, so there was one.
  if (!(await files.look(OPERATOR)) && !(await files.look(JOURNAL)))
    return `${JOURNAL} is lost, and there is no ${OPERATOR}: whether operators said anything, as drains and weights, is not known, and nothing of it counts; what happens next begins a new journal`;
  const lost = await lostIn(files, now);
  if (!lost) return undefined;
  const way = lost.isGrounded
    ? 'lvsctl log --rebuild puts it back from the journal'
    : `${JOURNAL} has no snapshot to begin with, and cannot put it back`;
  return `${OPERATOR} is lost: what operators said of ${lost.whose}, as drains and weights, does not count; ${way}`;
}

interface Lost {
  readonly whose: string;
  /** Whether it can be put back. */
  readonly isGrounded: boolean;
}

/** What the journal has of what operators said, where the file is gone. */
async function lostIn(files: Files, { boot }: Moment): Promise<Lost | undefined> {
  if (await files.look(OPERATOR)) return undefined;
  const { overlays, isGrounded } = await rebuilt(files, boot, concernsOperator);
  const servers = overlays.operator.entries.length;
  if (servers === 0) return undefined;
  return { whose: servers === 1 ? '1 server' : `${servers} servers`, isGrounded };
}
