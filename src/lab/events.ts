import type { DrillResult } from './report.js';
import type { LabHost } from './topology.js';

/** What the program inside the machine says to the one outside: a line of JSON each. */
export type LabEvent =
  /** Progress, in the field's words: `6 hosts are up`. */
  | { readonly event: 'step'; readonly text: string }
  /** A drill starts. */
  | { readonly event: 'begin'; readonly number: number; readonly of: number; readonly title: string }
  /** And ends. */
  | ({ readonly event: 'end' } & DrillResult)
  /** The hosts as they were built. */
  | { readonly event: 'hosts'; readonly hosts: readonly LabHost[] }
  /** The demo's story: a heading, some lines, what a person would type on a host and what came of it. */
  | { readonly event: 'chapter'; readonly title: string }
  | { readonly event: 'say'; readonly text: string }
  | { readonly event: 'typed'; readonly host: string; readonly command: string; readonly output: string }
  /** From now on what runs is the user's, the terminal too. */
  | { readonly event: 'prompt' }
  /** What a program of the user's printed, a line. */
  | { readonly event: 'output'; readonly to: 'out' | 'err'; readonly text: string }
  /** All that was ordered is done; the status is that of the user's last command. */
  | { readonly event: 'done'; readonly status: number }
  /** The lab itself failed. */
  | { readonly event: 'failed'; readonly message: string };

/** A line of the machine's output as an event; undefined where something else printed it. */
export function parseEvent(line: string): LabEvent | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(line) as LabEvent;
  } catch {
    return undefined;
  }
}

/** An event as a line, without its end. */
export function eventLine({ event, ...rest }: LabEvent): string {
  return JSON.stringify({ event, ...rest });
}
