import type { ExecutionContext } from 'ava';
import fc from 'fast-check';

/** The same cases on every run, unless LVSCTL_SEED asks for others. */
export const SEED = Number(process.env['LVSCTL_SEED'] ?? 20_070_401);

/** Checks a property; a failure names the seed, the path and the smallest counterexample. */
export async function holds<T>(
  t: ExecutionContext,
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
  runs = 100,
): Promise<void> {
  const result = await fc.check(
    fc.asyncProperty(arbitrary, async value => {
      await check(value);
    }),
    {
      seed: SEED,
      numRuns: runs,
    },
  );
  const why = result.errorInstance instanceof Error ? result.errorInstance.message : '';
  t.false(
    result.failed,
    result.failed ? `${why}\n${fc.defaultReportMessage(result)}\nLVSCTL_SEED=${SEED}` : '',
  );
}

/** What one property's check throws where it does not hold. */
export function expect(condition: boolean, what: () => string): asserts condition {
  if (!condition) throw new Error(what());
}

/**
 * Any that UTF-8 can carry, half of them of ASCII. fast-check's own units of all characters make a map of them when they
 * are merely named, which takes a second, and in the lab's emulated machine ten.
 */
export const character = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0x80, max: 0x10_ffff }))
  .filter(code => code < 0xd8_00 || code > 0xdf_ff)
  .map(code => String.fromCodePoint(code));

/** Text of any characters that UTF-8 can carry, line ends and controls among them. */
export const anyText = fc.oneof(
  fc.string({ unit: character, maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(...' \t\r\n\'"`\\$!#&|;<>(){}[]*?~=%-+,:@/._aZ0\u00a0\u2028\u202e'),
    maxLength: 60,
  }),
);

/** The elements, each kept or not, without two of one key. */
export function distinct<T>(
  elements: readonly T[],
  ...keys: readonly ((element: T) => string | undefined)[]
): T[] {
  const seen = new Set<string>();
  return elements.filter(element => {
    const own = keys
      .map((key, index) => [index, key(element)] as const)
      .filter(([, text]) => text !== undefined);
    const labels = own.map(([index, text]) => `${index} ${text}`);
    if (labels.some(label => seen.has(label))) return false;
    for (const label of labels) seen.add(label);
    return true;
  });
}
