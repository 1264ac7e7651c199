import * as z from 'zod';
import { serviceLine, serverLine } from '../table/format.js';
import type { Table, TableService } from '../table/table.js';
import { serviceKey } from '../cluster/naming.js';
import type { Files } from '../system/ports.js';
import { readDocument, writeDocument } from './documents.js';
import { type Event, eventSchema, numbers } from './events.js';
import { onFile } from './failure.js';
import { tableLine, tableLines, type Trial, trialSchema } from './generation.js';
import { machineChange } from './machine.js';
import type { MachineChange } from '../table/machine.js';
import type { FilesChange } from '../table/renewed.js';
import type { Moment } from './moment.js';
import { type Operator, operatorSchema } from './operator.js';
import { INTENT } from './paths.js';
import { filesChange } from './renewed.js';
import { moment, number, serviceKey as serviceKeySchema, words } from './values.js';

/**
 * What is about to happen to the table, on the disk before it begins and until it has been read back. Whoever finds
 * one left looks at the table and ends what was begun.
 *
 * `apply`: `to` is a new generation, written after the intent. `return`: `to` is one that ran before (null: what was
 * there before lvsctl). `reconcile`: the table changes, and where it follows an operator what is kept of his words;
 * `from` is `to`.
 */
export interface Intent {
  readonly kind: 'apply' | 'return' | 'reconcile';
  readonly from: number | null;
  readonly to: number | null;
  /** The services that change. */
  readonly changes: readonly ServiceChange[];
  /** The time-outs where they change, as ipvsadm(8) `--set`. */
  readonly timeouts?: { readonly before: string; readonly after: string };
  /** What operators will have said once the table follows: table and file change together, or neither does. */
  readonly operator?: Operator;
  /** What becomes of the trial of the generation `to`. */
  readonly trial?: Trial;
  /** What the journal will say. */
  readonly events?: readonly Event[];
  /** What changes besides the table. A boot takes all of it. */
  readonly machine?: MachineChange;
  /** The rendered files that change. What they will say is a matter of the generation `to`. */
  readonly files?: FilesChange;
  readonly begun: Moment;
  /** Which verb. */
  readonly by: string;
}

/** One service's lines of ipvsadm(8), its own first; none where it is not in the table. */
interface ServiceChange {
  readonly service: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const intentSchema: z.ZodType<Intent> = z.strictObject({
  kind: z.enum(['apply', 'return', 'reconcile']),
  from: number.nullable(),
  to: number.nullable(),
  changes: z.array(z.strictObject({ service: serviceKeySchema, before: tableLines, after: tableLines })),
  timeouts: z.strictObject({ before: tableLine, after: tableLine }).exactOptional(),
  operator: operatorSchema.exactOptional(),
  trial: trialSchema.exactOptional(),
  events: z.array(eventSchema).exactOptional(),
  machine: machineChange.exactOptional(),
  files: filesChange.exactOptional(),
  begun: moment,
  by: words,
});

/** The services that differ between two tables, whose texts are canonical. */
export function changesBetween(before: Table, after: Table): ServiceChange[] {
  const [old, wanted] = [linesByService(before), linesByService(after)];
  return [...new Set([...old.keys(), ...wanted.keys()])].flatMap(service => {
    const change = { service, before: old.get(service) ?? [], after: wanted.get(service) ?? [] };
    return isSame(change.before, change.after) ? [] : [change];
  });
}

function linesByService({ services }: Table): Map<string, readonly string[]> {
  return new Map(services.map(service => [keyOf(service), linesOf(service)]));
}

function keyOf({ key }: TableService): string {
  // The matches of a mark are no part of its identity.
  return serviceKey(key.kind === 'address' ? key : { ...key, match: [] });
}

function linesOf(service: TableService): string[] {
  return [serviceLine('-A', service), ...service.servers.map(one => serverLine('-a', service.key, one))];
}

/** The order of the servers means nothing: the kernel has its own. */
function isSame(lines: readonly string[], others: readonly string[]): boolean {
  return lines.length === others.length && new Set([...lines, ...others]).size === lines.length;
}

/** What the table shows of what was begun. */
export type Progress = 'nothing' | 'part' | 'all';

/** How far an intent has come, by the live table: only the services that it names count. */
export function progress({ changes }: Intent, live: Table): Progress {
  const there = linesByService(live);
  const is = (which: 'before' | 'after'): boolean =>
    changes.every(change => isSame(there.get(change.service) ?? [], change[which]));
  if (is('after')) return 'all';
  return is('before') ? 'nothing' : 'part';
}

/**
 * What ends an intent that was left: bring the table to `to` and say that this runs, or bring it to `from`.
 *
 * An apply of which nothing has reached the table, or whose boot has ended, never was: a machine that went down during
 * an apply comes up as it was before. One that was begun is finished, since adds and edits come first and everything
 * had been checked; a trial still ends by itself. A way back is always finished.
 *
 * @param written whether the generation `to` is on the disk
 * @param current the generation that runs, as the disk says
 */
export function recovery(
  intent: Intent,
  found: {
    readonly live: Table;
    readonly now: Moment;
    readonly written: boolean;
    readonly current: number | undefined;
  },
): 'complete' | 'undo' {
  if (intent.kind !== 'apply' || found.current === intent.to) return 'complete';
  if (!found.written || intent.begun.boot !== found.now.boot) return 'undo';
  return progress(intent, found.live) === 'nothing' ? 'undo' : 'complete';
}

/** The way back of what an operator said: a table to bring about, and nothing to keep. */
export function turnedRound(whole: Intent): Intent {
  const { operator: _unsaid, trial: _untried, changes, timeouts, ...intent } = whole;
  const turned = timeouts && { before: timeouts.after, after: timeouts.before };
  return {
    ...intent,
    events: [takenBack(whole)],
    ...(turned ? { timeouts: turned } : {}),
    changes: changes.map(({ service, before, after }) => ({ service, before: after, after: before })),
  };
}

/** What the journal says where it is not done. */
export function takenBack({ by, from, to }: Intent): Event {
  return { event: 'taken-back', cause: `lvsctl ${by}`, ...(from === to ? {} : numbers(to, from)) };
}

/** @throws StateFailure */
export async function readIntent(files: Files): Promise<Intent | undefined> {
  return await readDocument(files, INTENT, intentSchema);
}

/** @throws StateFailure */
export async function writeIntent(files: Files, intent: Intent): Promise<void> {
  await writeDocument(files, INTENT, intent);
}

/** @throws StateFailure */
export async function removeIntent(files: Files): Promise<void> {
  await onFile(INTENT, () => files.remove(INTENT));
}
