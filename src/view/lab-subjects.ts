import type { DrillResult } from '../lab/report.js';

/** What the subject of a drill is; one name may be that of a host and of a service. */
export type SubjectKind = 'cluster' | 'address' | 'director' | 'server' | 'service';

const KINDS: Readonly<Record<string, SubjectKind>> = {
  arp: 'address',
  table: 'director',
  'keepalived-config': 'director',
  'server-down': 'server',
};

/** Those of the other drills are services. */
export function subjectKind({ id, subject }: Pick<DrillResult, 'id' | 'subject'>): SubjectKind {
  return subject === undefined ? 'cluster' : (KINDS[id] ?? 'service');
}
