import type { Cluster } from '../cluster/cluster.js';
import type { Tracks } from './keepalived/tracks.js';
import { serviceKey } from '../cluster/naming.js';
import { Source } from '../diagnostic/source.js';
import { damaged } from '../state/documents.js';
import type { Intent } from '../state/intent.js';
import { INTENT } from '../state/paths.js';
import { type Plan, planTable } from '../table/plan.js';
import { parseRules } from '../table/parse/rules.js';
import type { FilesChange } from '../table/renewed.js';
import type { Table } from '../table/table.js';

/** A table to bring about. */
export interface Target {
  readonly wanted: Table;
  /** By `serviceKey`: whether a service that is not wanted is ours to remove. */
  readonly owned: (key: string) => boolean;
  /** Servers, by `place`, that have no connections worth a delay. */
  readonly dead?: ReadonlySet<string>;
  /** Where keepalived is the checker. */
  readonly checked?: CheckedTarget;
}

/** What keepalived, which writes into the table as well, is to have. */
export interface CheckedTarget {
  readonly cluster: Cluster;
  readonly tracks: Tracks;
  /** Its configuration has just changed on the disk. */
  readonly isRenewed?: boolean;
  /** It does not run yet, and is started once the table is as it should be. */
  readonly isAway?: boolean;
  /** The table to bring about while these servers, by `place`, are held down. */
  readonly wantedWith: (held: ReadonlySet<string>) => Table;
}

/** These services as the table has them: those that it lacks go, all others stay as they are. */
export function target(table: Table, touched: ReadonlySet<string>): Target {
  const services = table.services.filter(({ key }) => touched.has(serviceKey(key)));
  return { wanted: { ...table, services }, owned: key => touched.has(key) };
}

/** What an intent says the table was, or should be. @throws StateFailure where it says no table */
export function targetOf({ changes, timeouts }: Intent, when: 'before' | 'after'): Target {
  const lines = changes.flatMap(change => change[when]);
  const table = tableOf(timeouts ? [...lines, timeouts[when]] : lines, INTENT);
  return target(table, new Set(changes.map(({ service }) => service)));
}

/**
 * A table from kept lines; without `--set` among them it leaves the time-outs as they are.
 *
 * @param path of the file that keeps them
 * @throws StateFailure where they are no table
 */
export function tableOf(lines: readonly string[], path: string): Table {
  const source = new Source(path, lines.map(line => `${line}\n`).join(''));
  const { services, timeouts, diagnostics } = parseRules(source);
  const [problem] = diagnostics;
  if (problem) throw damaged(path, problem.message);
  return { services, timeouts: timeouts ?? { tcp: 0, tcpFin: 0, udp: 0 } };
}

/** The same where rendered files have changed with it. */
export function renewedTarget(target: Target, change: FilesChange | undefined): Target {
  return change?.reloads.includes('keepalived') ? readAnew(target) : handedOver(target, change);
}

/** The same for what a killed run has left: keepalived may have been started since, and have read any of it. */
export function leftTarget(target: Target, change: FilesChange | undefined): Target {
  return change ? readAnew(handedOver(target, change)) : target;
}

function handedOver(target: Target, change: FilesChange | undefined): Target {
  const { first = [], last = [] } = change?.handover ?? {};
  const isAway = [...first, ...last].some(({ unit }) => unit === 'keepalived');
  return target.checked && isAway ? { ...target, checked: { ...target.checked, isAway } } : target;
}

function readAnew(target: Target): Target {
  return target.checked ? { ...target, checked: { ...target.checked, isRenewed: true } } : target;
}

/** What leads from the live table to a target. */
export function planOf(live: Table, { wanted, owned }: Target): Plan {
  return planTable(live, wanted, { owned });
}
