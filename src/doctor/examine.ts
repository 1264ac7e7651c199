import { KernelFailure } from '../director/failure.js';
import { failureText, StateFailure } from '../state/failure.js';
import { NotKnown } from './ask.js';
import type { Check } from './check.js';
import type { Diagnosis, Finding, Unknown } from './finding.js';
import type { Patient } from './patient.js';

/** So many at a time: a director has work to do besides. */
const AT_A_TIME = 4;

/** Who is told which checks are under way. */
export type Watcher = (checks: readonly string[]) => void;

type Answer = { readonly findings: readonly Finding[] | undefined } | { readonly unknown: Unknown };

/**
 * Carries out the checks side by side. What one cannot find out is part of the answer.
 *
 * @param goOn asked before each; false leaves out the rest
 */
export async function examine(
  checks: readonly Check[],
  patient: Patient,
  watch: Watcher = () => {},
  goOn: () => boolean = () => true,
): Promise<Diagnosis> {
  const answers: Answer[] = [];
  const begun = new Set<number>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < checks.length && goOn()) {
      const at = next++;
      begun.add(at);
      watch([...begun].map(one => checks[one]!.name));
      answers[at] = await answerOf(checks[at]!, patient);
      begun.delete(at);
      watch([...begun].map(one => checks[one]!.name));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return {
    findings: answers.flatMap(one => ('findings' in one ? (one.findings ?? []) : [])),
    passed: checks.flatMap(({ name }, at) => {
      const answer = answers[at];
      return answer && 'findings' in answer && answer.findings?.length === 0 ? name : [];
    }),
    unknown: answers.flatMap(one => ('unknown' in one ? one.unknown : [])),
  };
}

async function answerOf({ name, examine: look }: Check, patient: Patient): Promise<Answer> {
  try {
    return { findings: await look(patient) };
  } catch (error) {
    const unknown = unknownBy(error);
    if (!unknown) throw error;
    return { unknown: { check: name, ...unknown } };
  }
}

/** Undefined for what nobody has foreseen. */
function unknownBy(error: unknown): Omit<Unknown, 'check'> | undefined {
  if (error instanceof StateFailure) return told(failureText(error), error.help);
  if (error instanceof NotKnown || error instanceof KernelFailure) return told(error.message, error.help);
  const { code, path, message } = error as NodeJS.ErrnoException;
  return code === undefined ? undefined : told(path === undefined ? message : `${path}: ${code}`);
}

function told(why: string, help?: string): Omit<Unknown, 'check'> {
  return { why, ...(help === undefined ? {} : { help }) };
}
