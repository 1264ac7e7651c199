import type * as z from '../diagnostic/zod.js';
import { didYouMean, quote } from '../diagnostic/quote.js';
import { type Path, valueAt } from './located.js';
import type { Report } from './report.js';
import type { Refusal } from './schema/scalar.js';

type Issue = z.core.$ZodIssue;

/**
 * The schema's issues as diagnostics. What they complain of is taken out of the raw description, so that the rest of
 * it can still be checked; elements of lists leave a hole, so that the others keep their places.
 */
export function reportIssues(issues: readonly Issue[], report: Report): void {
  const { raw } = report.located;
  const removals: Path[] = [];
  for (const issue of issues) {
    for (const path of reportIssue(issue, [], report)) removals.push(path);
  }
  for (const path of removals) {
    report.spoil(path);
    remove(raw, path);
  }
}

/** Returns the paths that are no good. */
function reportIssue(issue: Issue, base: Path, report: Report): Path[] {
  const path = [...base, ...(issue.path as Path)];
  const value = valueAt(report.located.raw, path);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    for (const key of issue.keys) reportUnknownKey(key, path, known, report);
    return issue.keys.map(key => [...path, key]);
  }
  if (issue.code === 'invalid_union') {
    // The branch that was meant: the last one where a list or map is given, else the first.
    const collection = typeof value === 'object' && value !== null;
    const branch = (collection ? issue.errors.at(-1) : issue.errors[0]) ?? [];
    return branch.flatMap(inner => reportIssue(inner, path, report));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.flatMap(inner => {
      const { code, allowed } = refusalOf(inner);
      const message = `${quote(path.at(-1))} cannot be a key here: it must be ${allowed}`;
      report.add(code, path, { message, part: 'key' });
      return [path];
    });
  }
  const missing = value === undefined;
  const refusal = refusalOf(issue);
  const key = report.located.label(path);
  if (missing) {
    report.add('missing-key', path, { message: `${key} is missing: it must be ${refusal.allowed}` });
    return [path];
  }
  const quotes = report.located.form === 'yaml' ? quotesHelp(value, refusal) : undefined;
  report.add(refusal.code, path, {
    message: `${key} cannot be ${quote(value)}: it must be ${refusal.allowed}`,
    help: suggestion(value, refusal.vocabulary) ?? refusal.why?.(value) ?? quotes ?? refusal.help,
  });
  return [path];
}

function suggestion(value: unknown, vocabulary: readonly string[] | undefined): string | undefined {
  const similar = typeof value === 'string' && vocabulary ? didYouMean(value, vocabulary) : undefined;
  return similar && `did you mean ${quote(similar)}?`;
}

/** In YAML a text may look like a number, and a number like a text. */
function quotesHelp(value: unknown, { accepts }: Refusal): string | undefined {
  if (!accepts) return undefined;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return accepts(`${value}`) ? 'put it into quotes: a text is wanted' : undefined;
  if (typeof value !== 'string' || !/^(\d+|true|false)$/.test(value)) return undefined;
  return accepts(JSON.parse(value.replace(/^0+(?=\d)/, ''))) ? 'leave the quotes out' : undefined;
}

function reportUnknownKey(key: string, path: Path, known: readonly string[], report: Report): void {
  const similar = report.isFull ? undefined : didYouMean(key, known);
  const place = path.length === 0 ? 'at the top level' : `in ${report.located.label(path)}`;
  const special =
    key === '<<'
      ? 'YAML 1.2 has no merge keys; what services share goes into `defaults`'
      : /^[0-9a-f:]+:$/i.test(key)
        ? 'an address that ends with a colon needs quotes'
        : undefined;
  report.add('unknown-key', [...path, key], {
    message: `there is no key ${quote(key)} ${place}`,
    help: special ?? (similar ? `did you mean ${quote(similar)}?` : `known here: ${known.join(', ')}`),
    part: 'key',
  });
}

function refusalOf(issue: Issue): Refusal {
  if (issue.code === 'custom') return issue.params as unknown as Refusal;
  if (issue.code === 'invalid_type')
    return { code: 'wrong-type', allowed: KINDS[issue.expected] ?? issue.expected };
  if (issue.code === 'too_small') return { code: 'bad-value', allowed: 'a list with at least one element' };
  return { code: 'bad-value', allowed: issue.message };
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list',
};

function remove(raw: unknown, path: Path): void {
  const holder = valueAt(raw, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof holder !== 'object' || holder === null || last === undefined) return;
  if (Array.isArray(holder)) holder[last as number] = undefined;
  else delete (holder as Record<string, unknown>)[last as string];
}
