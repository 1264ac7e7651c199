import { isMap, isScalar } from 'yaml';
import { compose } from '../yaml/compose.js';
import { plainData } from '../yaml/data.js';
import { judgeDocument } from '../yaml/judge.js';
import { pairsOf } from '../yaml/place.js';
import { Source } from '../../diagnostic/source.js';
import { check, service } from '../schema/service.js';

/** The keys of a service that have keys of their own. */
const INNER: Readonly<Record<string, readonly string[]>> = {
  check: Object.keys(check.shape),
  persistence: ['timeout', 'netmask', 'engine'],
  fallback: ['address', 'port'],
};

/** Every key of a service that can be set, those within others with a dot. */
export const SETTABLE: readonly string[] = Object.keys(service.shape)
  .filter(key => key !== 'servers')
  .flatMap(key => [key, ...(INNER[key] ?? []).map(inner => `${key}.${inner}`)]);

/**
 * A value as it would stand behind its key in YAML, on one line: a scalar, or a list or map in brackets.
 *
 * @returns undefined where it is none, or where part of it would be a comment or an anchor
 */
export function readSetting(text: string): { readonly value: unknown } | undefined {
  if (/[\r\n]/.test(text)) return undefined;
  const line = `v: ${text.trim()}`;
  const { document, errors } = compose(line);
  if (errors.length > 0 || !document || !isMap(document.contents)) return undefined;
  const { targets, diagnostics, usable } = judgeDocument(new Source('value', line), document);
  const value = pairsOf(document.contents)[0]?.value;
  const isWhole = value?.range?.[0] === 3 && value.range[1] === line.trimEnd().length;
  if (!usable || diagnostics.length > 0 || !isWhole) return undefined;
  if (isScalar(value) && value.type?.startsWith('BLOCK_')) return undefined;
  return { value: plainData(value, targets) };
}
