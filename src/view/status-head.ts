import type { Step } from '../table/plan.js';
import { harmless } from '../diagnostic/quote.js';
import type { Style } from './style.js';
import { timeText } from './times.js';
import { oneLine } from './why.js';

/**
 * How a description's file stands to what runs.
 *
 * `wording`: another text of the same cluster. `differs`: `lines` of the table would change, none where it is about
 * something else. `unapplied`: nothing runs. `unusable`: it is no description, or cannot be read.
 */
export type FileState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'same' | 'wording' | 'unapplied'; readonly name: string }
  | { readonly kind: 'differs'; readonly name: string; readonly lines: number }
  | { readonly kind: 'unusable'; readonly name: string; readonly why: string };

/** What is to come by itself. Times are ISO 8601. */
export interface Coming {
  readonly what: string;
  readonly due: string;
  /** Its time has come, and nothing has settled it. What it does counts as done. */
  readonly overdue: boolean;
  readonly generation?: number;
  readonly service?: string;
  readonly server?: string;
}

/** What holds for the whole director. */
export interface StatusHead {
  readonly host: string;
  readonly now: Date;
  /** Its part among the directors, in words, where it can be known. */
  readonly role?: string;
  /** The checker of what runs, where it has to run here; `problem`: that it does not, and what helps. */
  readonly checker?: { readonly name: string; readonly running: boolean; readonly problem?: string };
  readonly generation?: {
    readonly number: number;
    readonly made: string;
    readonly author: string;
    readonly by: string;
    readonly reason?: string;
    /** Until when it has to be confirmed. */
    readonly until?: string;
  };
  readonly file: FileState;
  /** A change that has begun, and is not through or was killed. */
  readonly underway?: { readonly by: string; readonly since: string };
  /** The first first. */
  readonly coming: readonly Coming[];
}

/** So many of what is to come are named to people. */
const NAMED = 5;

/** The lines above the table, each below its title. */
export function headText(head: StatusHead, drift: readonly Step[], style: Style): string[] {
  const at = (iso: string): string => timeText(iso, head.now);
  const { generation, underway, role, checker } = head;
  const rows: [string, string][] = [
    ['director', `${harmless(head.host)}${role === undefined ? '' : `, ${role}`}`],
  ];
  if (generation) {
    const { number, author, made, by, reason, until } = generation;
    const why = reason === undefined ? '' : `: ${oneLine(reason)}`;
    rows.push(['generation', `${number}, by ${oneLine(author)} at ${at(made)} (${oneLine(by)})${why}`]);
    if (until !== undefined)
      rows.push(['', style.yellow(`taken back at ${at(until)} unless \`lvsctl confirm\` comes before`)]);
  } else rows.push(['generation', 'none: nothing has been applied, so nothing in the table is ours']);
  if (checker?.problem !== undefined) rows.push(['checker', style.yellow(checker.problem)]);
  if (underway)
    rows.push([
      'change',
      style.yellow(
        `begun by \`lvsctl ${oneLine(underway.by)}\` at ${at(underway.since)}; the next run ends it if that one has died`,
      ),
    ]);
  if (generation) rows.push(['table', tableText(drift, head.file, style)]);
  for (const step of drift) if (step.service === undefined) rows.push(['', timeoutsText(step)]);
  rows.push(['file', fileText(head.file, style)]);
  const named = head.coming.slice(0, NAMED);
  for (const [index, one] of named.entries())
    rows.push([index === 0 ? 'to come' : '', `${at(one.due)}  ${comingText(one)}`]);
  const more = head.coming.length - named.length;
  if (more > 0) rows.push(['', `and ${more} more`]);
  return rows.map(([title, text]) => `${style.bold(title.padEnd(10))}  ${text}`);
}

function tableText(drift: readonly Step[], file: FileState, style: Style): string {
  if (drift.length === 0) return 'as it should be';
  const mends =
    file.kind === 'same' || file.kind === 'wording'
      ? '`lvsctl apply` mends it'
      : 'the next change by lvsctl mends it';
  return style.yellow(`differs from what should be in it in ${lines(drift.length)}: ${mends}`);
}

function timeoutsText({ differences }: Step): string {
  return `timeouts ${differences.map(({ name, before, after }) => `${name} ${before ?? 'none'}, should be ${after ?? 'none'}`).join(', ')}`;
}

function fileText(file: FileState, style: Style): string {
  if (file.kind === 'absent') return 'none';
  const name = harmless(file.name);
  switch (file.kind) {
    case 'same':
      return `${name} is what runs`;
    case 'wording':
      return `${name} is what runs, in other words`;
    case 'unapplied':
      return `${name} has not been applied`;
    case 'differs': {
      const where = file.lines > 0 ? `in ${lines(file.lines)} of the table` : 'in what is outside the table';
      return style.yellow(`${name} differs from what runs, ${where}: \`lvsctl plan\` shows it`);
    }
    case 'unusable':
      return style.yellow(`${name} cannot be compared with what runs: ${harmless(file.why)}`);
  }
}

const COMING: Readonly<Record<string, string>> = {
  revert: 'is taken back unless it is confirmed',
  'drain-begins': 'is drained',
  'drain-ends': 'is no longer drained',
  'weight-ends': 'loses the weight that was set',
  'slow-start': 'gets more of its weight',
  'recheck-ends': 'returns, unless mon finds it dead again',
  leaves: 'is removed, whatever connections it has',
  tells: 'is told of what has happened to servers since the last message',
};

function comingText({ what, generation, service, server, overdue }: Coming): string {
  const nowhere = what === 'tells' ? 'whom notify names' : 'what was let go';
  const place = service === undefined ? nowhere : `${service} → ${server}`;
  const who = generation === undefined ? place : `generation ${generation}`;
  const late = overdue ? ' (overdue: `lvsctl tick` has not run)' : '';
  return `${who} ${COMING[what] ?? what}${late}`;
}

function lines(count: number): string {
  return `${count} ${count === 1 ? 'line' : 'lines'}`;
}
