import type * as z from '../diagnostic/zod.js';
import type { Cluster } from '../cluster/cluster.js';
import { type Diagnostic, diagnostic, hasErrors, inOrder } from '../diagnostic/diagnostic.js';
import { Source } from '../diagnostic/source.js';
import { buildCluster } from './build/cluster.js';
import type { Context, PortNames } from './build/context.js';
import { checkCluster } from './checks/all.js';
import { Subject } from './checks/subject.js';
import { readClassic } from './classic/read.js';
import { decode } from './decode.js';
import { type Marks, readRules } from './import/rules.js';
import { reportIssues } from './issues.js';
import type { Form, Located } from './located.js';
import { Report } from './report.js';
import { description, type RawDescription } from './schema/description.js';

export interface Reading {
  /** Present exactly where there are no errors. */
  readonly cluster?: Cluster;
  readonly diagnostics: readonly Diagnostic[];
}

/** More than this many problems help nobody. */
const MOST_DIAGNOSTICS = 100;

/**
 * A description → the cluster, or all that is wrong with it. Never throws for what is in the file.
 *
 * @param bytes the file, at most 8 MiB of UTF-8
 * @param name what messages call it; its ending chooses the form: .yaml, .yml, .conf, else the first line
 * @param form where it is known
 */
export async function readDescription(
  bytes: Uint8Array,
  name: string,
  ports: PortNames,
  form?: Form,
): Promise<Reading> {
  const decoded = decode(bytes, name);
  if ('problem' in decoded) return { diagnostics: [decoded.problem] };
  const source = new Source(name, decoded.text);
  const { located, diagnostics } =
    (form ?? formOf(name, source.text)) === 'classic'
      ? readClassic(source)
      : // The YAML library is a fifth of the start-up time: only for who needs it.
        (await import('./yaml/read.js')).readYaml(source);
  return located ? judge(located, diagnostics, ports) : { diagnostics: limited(diagnostics, source) };
}

/**
 * Rules of ipvsadm, a saved table → a cluster of which they are the table, or all that no description can say.
 *
 * @param marks what gets each firewall mark
 */
export function readTableRules(
  bytes: Uint8Array,
  name: string,
  ports: PortNames,
  marks: Marks = new Map(),
): Reading {
  const decoded = decode(bytes, name);
  if ('problem' in decoded) return { diagnostics: [decoded.problem] };
  const source = new Source(name, decoded.text);
  const { located, diagnostics } = readRules(source, ports, marks);
  return located ? judge(located, diagnostics, ports) : { diagnostics: limited(diagnostics, source) };
}

/** `.yaml`, `.yml` are YAML, `.conf` is classic; else the first line that says anything decides. */
export function formOf(name: string, text: string): Form {
  if (/\.ya?ml$/i.test(name)) return 'yaml';
  if (/\.conf$/i.test(name)) return 'classic';
  const first = /^[ \t]*([^\s#].*)$/m.exec(text)?.[1] ?? '';
  return /^(---|%YAML|[{"']|[^\s:]+:(\s|$))/.test(first) ? 'yaml' : 'classic';
}

function judge(located: Located, found: readonly Diagnostic[], ports: PortNames): Reading {
  const report = new Report(located);
  const issues = issuesOf(located.raw);
  if (!issues) return { diagnostics: [countless(located.source)] };
  reportIssues(issues, report);
  const usable = typeof located.raw === 'object' && located.raw !== null && !Array.isArray(located.raw);
  if (!usable) return { diagnostics: limited([...found, ...report.diagnostics], located.source) };
  const context: Context = { report, ports, places: new WeakMap() };
  // What the schema refused has been taken out of the raw description; the rest still has the schema's types.
  const cluster = buildCluster(located.raw as RawDescription, context);
  checkCluster(new Subject(cluster, report, context.places));
  const diagnostics = limited([...found, ...report.diagnostics], located.source, report.omitted);
  if (!hasErrors(diagnostics) && cluster.services.length === 0 && located.form === 'classic') {
    const help = 'lvshost <VIP>, then service <protocol> <port> <scheduler> { … }';
    const empty = diagnostic('empty-description', {
      message: 'there is no service in this file',
      source: located.source,
      help,
    });
    return { diagnostics: [empty, ...diagnostics] };
  }
  return { ...(hasErrors(diagnostics) ? {} : { cluster }), diagnostics };
}

/** What the schema refuses; undefined where it is so much that zod, which spreads lists of issues, cannot hold it. */
function issuesOf(raw: unknown): readonly z.core.$ZodIssue[] | undefined {
  try {
    return description.safeParse(raw).error?.issues ?? [];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function countless(source: Source): Diagnostic {
  return diagnostic('too-many-errors', { message: 'there is hardly a value in it that can be used', source });
}

function limited(diagnostics: readonly Diagnostic[], source: Source, omitted = 0): Diagnostic[] {
  const ordered = inOrder(diagnostics);
  if (ordered.length <= MOST_DIAGNOSTICS) return ordered;
  const errors = ordered.filter(one => one.severity === 'error');
  const kept = inOrder(
    [...errors, ...ordered.filter(one => one.severity !== 'error')].slice(0, MOST_DIAGNOSTICS),
  );
  const more = ordered.length + omitted - MOST_DIAGNOSTICS;
  const message = more === 1 ? 'one more problem is not shown' : `${more} more problems are not shown`;
  const severity = errors.length > MOST_DIAGNOSTICS ? 'error' : 'hint';
  return [...kept, diagnostic('too-many-errors', { message, severity, source })];
}
