import { didYouMean, list, quote } from '../diagnostic/quote.js';
import { KINDS } from '../doctor/codes.js';
import { CHECKS } from '../doctor/checks.js';
import type { Check } from '../doctor/check.js';
import { examine } from '../doctor/examine.js';
import type { Diagnosis } from '../doctor/finding.js';
import { mend, safeActs } from '../doctor/mend.js';
import { patientOf } from '../doctor/patient.js';
import { countOf, doctorJson, doctorText, type DoctorReport } from '../view/doctor.js';
import { jsonText } from '../view/json.js';
import type { Context, Options, Run } from './context.js';
import { type Admission, admit } from './doctor/admit.js';
import { watcher } from './doctor/watch.js';
import { EXIT, Failure } from './exit.js';

export const run: Run = async (context, _args, options) => {
  const checks = chosen(options['only'] as readonly string[] | undefined);
  const dry = options['dryRun'] === true;
  const fix = options['fix'] === true;
  if (dry && !fix) throw new Failure(EXIT.usage, '-n goes with --fix: without it nothing is changed anyway');
  const admission = await admit(context, options);
  const first = await look(context, admission, checks);
  if (!fix) return report(context, options, admission, first);
  const echo = (line: string): void => context.err(`# ${line.replaceAll('\n', '\n# ')}\n`);
  if (dry) {
    for (const { line } of safeActs(first.findings)) echo(line);
    return report(context, options, admission, first);
  }
  return report(context, options, admission, await fixed(context, admission, checks, first, echo));
};

/** What mends one thing may bring another to light: a table can be read only once its module is loaded. */
const ROUNDS = 3;

/** What is left counts, whatever the commands said of themselves; none is run twice. */
async function fixed(
  context: Context,
  admission: Admission,
  checks: readonly Check[],
  first: Diagnosis,
  echo: (line: string) => void,
): Promise<Diagnosis> {
  const warn = (text: string): void => context.err(`${context.errStyle.yellow('warning')}: ${text}\n`);
  // Without the time-outs of looking: what has begun to change something is not killed.
  const doer = { ports: context.ports, echo, warn };
  const done = new Set<string>();
  let diagnosis = first;
  for (let round = 0; round < ROUNDS; round++) {
    const acts = safeActs(diagnosis.findings).filter(({ line }) => !done.has(line));
    if (acts.length === 0) break;
    await context.undisturbed(() => mend(doer, acts, () => !context.interrupted()));
    for (const { line } of acts) done.add(line);
    diagnosis = await look(context, admission, checks);
  }
  return diagnosis;
}

function chosen(names: readonly string[] | undefined): readonly Check[] {
  if (names === undefined) return CHECKS;
  const known = CHECKS.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const similar = didYouMean(name, known);
    throw new Failure(
      EXIT.usage,
      `there is no check ${quote(name)}`,
      similar ? `did you mean ${similar}?` : `there are ${list(known, 'and')}`,
    );
  }
  return CHECKS.filter(({ name }) => names.includes(name));
}

async function look(context: Context, { caller }: Admission, checks: readonly Check[]): Promise<Diagnosis> {
  const watch = watcher(context);
  try {
    const diagnosis = await examine(checks, patientOf(caller), watch.see, () => !context.interrupted());
    // What a program says that Ctrl-C has ended is no finding.
    if (context.interrupted()) throw new Failure(EXIT.interrupted, 'interrupted: not all was looked at');
    return diagnosis;
  } finally {
    watch.end();
  }
}

function report(context: Context, options: Options, admission: Admission, diagnosis: Diagnosis): number {
  const { host, roles, judged } = admission;
  const whole: DoctorReport = { ...diagnosis, host, roles, judged, checks: CHECKS, kinds: KINDS };
  context.out(
    options['output'] === 'json'
      ? jsonText({ version: 1, ...doctorJson(whole) })
      : doctorText(whole, options['all'] === true, context.outStyle),
  );
  if (countOf(diagnosis.findings, KINDS, 'error') > 0) return EXIT.failed;
  return diagnosis.unknown.some(({ help }) => help === 'try as root') ? EXIT.notPermitted : EXIT.done;
}
