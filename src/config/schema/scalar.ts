import * as z from '../../diagnostic/zod.js';
import type { Code } from '../../diagnostic/codes.js';

/** What a scalar's refusal carries to where issues become diagnostics. */
export interface Refusal {
  readonly code: Code;
  /** Completes "it must be …". */
  readonly allowed: string;
  readonly vocabulary?: readonly string[];
  readonly help?: string;
  /** What exactly is wrong with a value, where that can be said. */
  readonly why?: (value: unknown) => string | undefined;
  /** Whether another value would do: a number where a text was given. */
  readonly accepts?: (value: unknown) => boolean;
}

interface Rule<T> extends Refusal {
  readonly accepts: (value: unknown) => value is T;
  /** What editors are told. */
  readonly json: Record<string, unknown>;
}

/** A schema of one value with our own code and words for what it refuses. */
export function scalar<T>(rule: Rule<T>): z.ZodType<T> {
  const { json, ...refusal } = rule;
  const { accepts } = rule;
  const missing = { code: 'missing-key', allowed: rule.allowed } satisfies Refusal;
  return z
    .any()
    .superRefine((value, context) => {
      if (accepts(value)) return;
      const params: Refusal = value === undefined ? missing : refusal;
      context.addIssue({ code: 'custom', message: rule.allowed, params: { ...params } });
    })
    .meta({ description: rule.allowed, ...json });
}

/** One of a closed list of words. */
export function word<T extends string>(words: readonly T[], code: Code = 'bad-value'): z.ZodType<T> {
  return scalar<T>({
    code,
    allowed: words.length === 1 ? words[0]! : `one of ${words.join(', ')}`,
    vocabulary: words,
    accepts: (value): value is T => (words as readonly unknown[]).includes(value),
    json: { enum: [...words] },
  });
}

/** Text of a certain form. */
export function text(
  rule: Omit<Rule<string>, 'accepts' | 'json'> & {
    readonly matches: (value: string) => boolean;
    readonly json?: Record<string, unknown>;
  },
): z.ZodType<string> {
  const { matches, json, ...refusal } = rule;
  return scalar<string>({
    ...refusal,
    accepts: (value): value is string => typeof value === 'string' && matches(value),
    json: { type: 'string', ...json },
  });
}

/** A whole number within bounds. */
export function integer(
  least: number,
  most: number,
  code: Code = 'bad-value',
  help?: string,
): z.ZodType<number> {
  return scalar<number>({
    code,
    allowed: `a whole number from ${least} to ${most}`,
    ...(help ? { help } : {}),
    accepts: (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
    json: { type: 'integer', minimum: least, maximum: most },
  });
}

export const truth = scalar<boolean>({
  code: 'bad-value',
  allowed: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
  json: { type: 'boolean' },
});

/**
 * A map with exactly these keys. The message of an unknown key is the list of the known ones: the mapper of issues
 * makes a suggestion from it.
 */
export function map<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, {
    error: issue => (issue.code === 'unrecognized_keys' ? known : undefined),
  });
}
