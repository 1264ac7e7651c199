import type { LabHost } from './topology.js';

export type Outcome = 'passed' | 'failed' | 'not-run';

/** What came of one drill. */
export interface DrillResult {
  /** `traffic`, `arp`, `server-down`, …: stable, for programs. */
  readonly id: string;
  /** One sentence: what has to hold. */
  readonly title: string;
  /** Service, server or director. */
  readonly subject?: string;
  readonly outcome: Outcome;
  /** What was seen; of a drill that was not run, why. */
  readonly detail: string;
  /** Seconds, requests, lost ones, …, by what they are. */
  readonly figures: Readonly<Record<string, number>>;
  /** How long the drill took. */
  readonly seconds: number;
}

/** What came of a rehearsal. */
export interface Report {
  readonly version: 1;
  /** Of a change: the name of the file that it began with. */
  readonly from?: string;
  /** The name of the description's file. */
  readonly description: string;
  readonly hosts: readonly LabHost[];
  readonly drills: readonly DrillResult[];
  readonly seconds: number;
}

/** Whether it was a success: what could not be run is none, and neither is an empty list. */
export function allPassed({ drills }: Pick<Report, 'drills'>): boolean {
  return drills.length > 0 && drills.every(one => one.outcome === 'passed');
}
