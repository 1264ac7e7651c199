import { type Act, type Doer, perform } from '../director/host/act.js';
import { KernelFailure } from '../director/failure.js';
import { shellQuote } from '../render/engine.js';
import { KINDS } from './codes.js';
import type { Finding } from './finding.js';
import { NotKnown } from './ask.js';

/** The commands that `--fix` runs, each once, in the order of the findings. */
export function safeActs(findings: readonly Finding[]): Act[] {
  const acts = findings.flatMap(({ code, mend = [] }) => (KINDS[code].safe ? mend : []));
  return acts.filter(({ line }, at) => acts.findIndex(other => other.line === line) === at);
}

/**
 * Runs them all; one that fails is told by `warn`, and keeps no other from being run.
 *
 * @param goOn asked before each; false ends it between two
 */
export async function mend(doer: Doer, acts: readonly Act[], goOn: () => boolean): Promise<void> {
  for (const act of acts) {
    if (!goOn()) return;
    try {
      await perform(doer, act);
    } catch (error) {
      if (!(error instanceof KernelFailure) && !(error instanceof NotKnown)) throw error;
      doer.warn(error.message);
    }
  }
}

/** A verb of lvsctl, by the very program that runs. */
export function lvsctl(program: readonly string[], ...words: readonly string[]): Act {
  const [node = 'lvsctl', ...script] = program;
  return { program: node, args: [...script, ...words], line: ['lvsctl', ...words.map(shellQuote)].join(' ') };
}
