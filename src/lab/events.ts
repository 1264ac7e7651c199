import type { DrillResult } from './report.js';
import type { LabHost } from './topology.js';

/** What the lab's machine tells, one JSON object a line. */
export type LabEvent =
  /** Progress, in the field's words. */
  | { readonly event: 'step'; readonly text: string }
  /** A drill starts … */
  | { readonly event: 'begin'; readonly number: number; readonly of: number; readonly title: string }
  /** … and ends. */
  | ({ readonly event: 'end' } & DrillResult)
  /** The topology as it was built. */
  | { readonly event: 'hosts'; readonly hosts: readonly LabHost[] }
  /** The demo's story. */
  | { readonly event: 'say'; readonly text: string }
  /** The lab itself failed. */
  | { readonly event: 'failed'; readonly message: string };
