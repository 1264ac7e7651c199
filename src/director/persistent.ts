import type { Placed } from '../cluster/find.js';
import type { Live } from '../table/table.js';
import type { Door } from './door.js';
import { KernelFailure } from './failure.js';
import { perform } from './host/act.js';
import { makeSetting } from './host/settings.js';

/**
 * What becomes of clients that persistence keeps with a drained server. `move`: they go elsewhere with their next
 * connection. `set`: so they do once the kernel's setting is set. `stay`: it could not be set, and they stay.
 */
export type Templates = 'move' | 'set' | 'stay';

const SETTING = 'expire_quiescent_template';
const MOVING = { path: `net/ipv4/vs/${SETTING}`, value: '1' };

/** What a drain of these servers does to persistent clients; undefined where no service of theirs has any. */
export function templatesOf(servers: readonly Placed[], { sysctls }: Live): Templates | undefined {
  if (servers.every(({ service }) => !service.persistence)) return undefined;
  return Number(sysctls[SETTING]) > 0 ? 'move' : 'set';
}

/** Sets the kernel's setting back after a drain that was taken back. @param found the table of before the drain */
export async function leaveTemplates(door: Door, { sysctls }: Live): Promise<void> {
  await perform(door, makeSetting({ ...MOVING, value: sysctls[SETTING] ?? '0' }));
}

/** Sets the kernel's setting where it has to be: else the drain would not hold for them. */
export async function moveTemplates(door: Door, templates: Templates): Promise<Templates> {
  if (templates !== 'set') return templates;
  try {
    await perform(door, makeSetting(MOVING));
    return 'move';
  } catch (error) {
    if (error instanceof KernelFailure) return 'stay';
    throw error;
  }
}
