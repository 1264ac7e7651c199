import type { Act } from '../../director/host/act.js';
import { daemonToStart } from '../../director/host/daemons.js';
import type { Role } from '../../director/role.js';
import type { FailoverBy } from '../../cluster/cluster.js';
import { type Synchronisation, synchronisationOf } from '../../render/director/synchronisation.js';
import type { SyncDaemon } from '../../table/table.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';

export const sync: Check = {
  name: 'sync',
  about: "the kernel's sync daemons run as failover needs them",
  async examine({ duties, cluster, machine, live, role }) {
    if (!(await duties())) return undefined;
    const [{ daemons }, { state }] = await Promise.all([live(), role()]);
    const { by } = cluster.failover;
    return judgeSync({ daemons, wanted: synchronisationOf(cluster, machine.director), state, by });
  },
};

export interface SyncFacts {
  readonly daemons: readonly SyncDaemon[];
  /** Undefined: the directors do not tell each other of connections. */
  readonly wanted: Synchronisation | undefined;
  readonly state: Role['state'];
  readonly by: FailoverBy;
}

export function judgeSync({ daemons, wanted, state, by }: SyncFacts): Finding[] {
  if (!wanted) {
    return daemons.map(one => ({
      code: 'sync-superfluous',
      subject: subjectOf(one.role),
      what: `it runs on ${one.interface} with id ${one.id}, and nothing of this cluster asks for it`,
      help: `ipvsadm --stop-daemon ${one.role} ends it`,
    }));
  }
  return rolesOf(by, state).flatMap((role): Finding[] => {
    const one = daemons.find(daemon => daemon.role === role);
    const place = `on ${wanted.interface} with id ${wanted.id}`;
    if (one?.interface === wanted.interface && one.id === wanted.id) return [];
    const act = mended(by, daemonToStart(daemons, role, wanted));
    if (!one) return [{ code: 'sync-missing', subject: subjectOf(role), what: `none runs ${place}`, ...act }];
    const what = `it runs on ${one.interface} with id ${one.id}, and should ${place}`;
    return [{ code: 'sync-differs', subject: subjectOf(role), what, ...act }];
  });
}

/** With heartbeat the backup stays beside the master, so that nothing is missed; keepalived turns one into the other. */
function rolesOf(by: FailoverBy, state: Role['state']): readonly SyncDaemon['role'][] {
  const isActive = state === 'active';
  if (by === 'heartbeat') return isActive ? ['backup', 'master'] : ['backup'];
  return [isActive ? 'master' : 'backup'];
}

function mended(by: FailoverBy, acts: readonly Act[]): Pick<Finding, 'mend' | 'help'> {
  if (by === 'heartbeat') return { mend: acts };
  return { help: 'keepalived starts it: lvs_sync_daemon in its configuration, and its log' };
}

function subjectOf(role: SyncDaemon['role']): string {
  return `${role} sync daemon`;
}
