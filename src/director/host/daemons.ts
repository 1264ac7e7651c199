import type { Synchronisation } from '../../render/director/synchronisation.js';
import type { SyncDaemon } from '../../table/table.js';
import { type Act, command } from './act.js';

type Role = SyncDaemon['role'];

export function daemonRuns(running: readonly SyncDaemon[], role: Role, wanted: Synchronisation): boolean {
  return running.some(one => one.role === role && one.interface === wanted.interface && one.id === wanted.id);
}

/**
 * What starts one of the kernel's daemons that tell the other director the connections (master) and hear of its own
 * (backup). Both may run together: so nothing is missed when the roles change.
 */
export function daemonToStart(running: readonly SyncDaemon[], role: Role, wanted: Synchronisation): Act[] {
  if (daemonRuns(running, role, wanted)) return [];
  const start = ['--mcast-interface', wanted.interface, '--syncid', String(wanted.id)];
  // One with other settings has to go first.
  return [...daemonToStop(running, role), command('ipvsadm', '--start-daemon', role, ...start)];
}

export function daemonToStop(running: readonly SyncDaemon[], role: Role): Act[] {
  return running.some(one => one.role === role) ? [command('ipvsadm', '--stop-daemon', role)] : [];
}
