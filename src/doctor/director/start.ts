import type { Act } from '../../director/host/act.js';
import { lvsctl } from '../mend.js';
import type { Patient } from '../patient.js';

/**
 * What brings modules, marks, settings, table and sync daemons of a director about, and no address: with heartbeat an
 * active one has other settings than a standby, and its addresses already.
 */
export async function directorStart({ duties, role, program }: Patient): Promise<Act> {
  const isActive = (await duties())?.failover === 'heartbeat' && (await role()).state === 'active';
  return lvsctl(program, 'director', 'start', ...(isActive ? [] : ['--standby']));
}
