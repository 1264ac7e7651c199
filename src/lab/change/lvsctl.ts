import type { Host, Lab } from '../lab.js';

/** What came of a verb on a director. */
export interface Deed {
  /** Why it was not done; empty where it was. */
  readonly problems: readonly string[];
  /** The lines of its plan, its summary among them. */
  readonly lines: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Lines of a plan that a report shows. */
const MOST_LINES = 30;
/** Seconds that a verb may take on a busy machine, which is emulated. */
const PATIENCE = 300;
const OUTPUT = '/tmp/lvsctl';

/**
 * Runs lvsctl on a director that was set up.
 *
 * @param line the verb with its words, as a shell reads them
 * @param done exit codes that are no failure
 */
export async function lvsctl(
  lab: Lab,
  director: Host,
  line: string,
  done: readonly number[] = [0],
): Promise<Deed> {
  const begin = lab.elapsed();
  // By itself, since a host is not waited for so long.
  await director.sh(
    `rm -f ${OUTPUT}.status
     (setsid sh -c 'lvsctl "$@" >${OUTPUT}.out 2>${OUTPUT}.err; echo $? >${OUTPUT}.status' sh ${line} &) </dev/null >/dev/null 2>&1`,
  );
  let status = '';
  const hasEnded = async (): Promise<boolean> => {
    status = (await director.run(`cat ${OUTPUT}.status`)).stdout.trim();
    return status !== '';
  };
  await lab.until(`lvsctl on ${director.name} has ended`, hasEnded, PATIENCE);
  const took = Math.round((lab.elapsed() - begin) / 100) / 10;
  const plan = await director.sh(`cat ${OUTPUT}.out`);
  const lines = plan.split('\n').filter(one => one.trim() !== '');
  const figures = { ...planFigures(plan), took };
  if (done.includes(Number(status))) return { problems: [], lines: shortened(lines), figures };
  const words = (await director.sh(`cat ${OUTPUT}.err`)).trim().split('\n').slice(-6).join('\n');
  const problem = `lvsctl on ${director.name} ended with ${status}: ${words}`;
  return { problems: [problem], lines: shortened(lines), figures };
}

/** Counts of changes from a plan's summary; none where there is none. */
function planFigures(text: string): Record<string, number> {
  if (/^nothing to change$/m.test(text)) return { changes: 0 };
  const [, add, edit, remove] = /^(\d+) to add, (\d+) to change, (\d+) to remove$/m.exec(text) ?? [];
  return add === undefined ? {} : { changes: Number(add) + Number(edit) + Number(remove) };
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} lines more`];
}
