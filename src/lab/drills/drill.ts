import type { Lab } from '../lab.js';
import type { DrillResult, Outcome } from '../report.js';

/** What a drill has found. */
export type Finding = Pick<DrillResult, 'outcome' | 'detail' | 'figures'>;

/** One thing that has to hold of a cluster that is up. A drill leaves the cluster as it found it. */
export interface Drill {
  readonly id: string;
  readonly title: string;
  readonly subject?: string;
  /** @throws LabFailure or anything else: it counts as failed, with the message as its detail */
  run(lab: Lab): Promise<Finding>;
}

/** Drills that are run together, and found out about one by one; a single one is an act as well. */
export interface Act {
  readonly drills: readonly Pick<Drill, 'id' | 'title' | 'subject'>[];
  run(lab: Lab): Promise<readonly Finding[]>;
}

export function passed(detail: string, figures: Finding['figures'] = {}): Finding {
  return { outcome: 'passed', detail, figures };
}

export function failed(detail: string, figures: Finding['figures'] = {}): Finding {
  return { outcome: 'failed', detail, figures };
}

export function notRun(why: string): Finding {
  return { outcome: 'not-run', detail: why, figures: {} };
}

/** Passed where there is no problem; else the problems come first. */
export function judged(
  problems: readonly string[],
  detail: string,
  figures: Finding['figures'] = {},
): Finding {
  const outcome: Outcome = problems.length === 0 ? 'passed' : 'failed';
  return { outcome, detail: [...problems, detail].filter(one => one !== '').join('; '), figures };
}

export function actOf(drill: Drill): Act {
  return { drills: [drill], run: async lab => [await drill.run(lab)] };
}
