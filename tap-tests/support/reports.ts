import type { DrillResult, Report } from '../../src/lab/report.js';
import { topologyOf } from '../../src/lab/topology.js';
import { cluster } from './clusters.js';

export function drill(changes: Partial<DrillResult> = {}): DrillResult {
  return {
    id: 'traffic',
    title: 'every request is answered',
    outcome: 'passed',
    detail: '12 of 12',
    figures: {},
    seconds: 1.2,
    ...changes,
  };
}

/** A rehearsal of the usual small cluster. */
export function report(drills: readonly DrillResult[], changes: Partial<Report> = {}): Report {
  return {
    version: 1,
    description: 'lvs.yaml',
    hosts: topologyOf(cluster()),
    drills,
    seconds: 61.2,
    ...changes,
  };
}
