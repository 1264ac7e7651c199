import { type Act, type Doer, perform } from '../director/host/act.js';
import { KernelFailure } from '../director/failure.js';
import { KINDS } from './codes.js';
import type { Finding } from './finding.js';
import { NotKnown } from './ask.js';

/** The commands that `--fix` runs, each once, in the order of the findings. */
export function safeActs(findings: readonly Finding[]): Act[] {
  const acts = findings.flatMap(({ code, mend = [] }) => (KINDS[code].safe ? mend : []));
  return acts.filter(({ line }, at) => acts.findIndex(other => other.line === line) === at);
}

/** Runs them all; one that fails keeps no other from being run. @returns how many failed, each told by `warn` */
export async function mend(doer: Doer, acts: readonly Act[]): Promise<number> {
  let failed = 0;
  for (const act of acts) {
    try {
      await perform(doer, act);
    } catch (error) {
      if (!(error instanceof KernelFailure) && !(error instanceof NotKnown)) throw error;
      failed++;
      doer.warn(error.message);
    }
  }
  return failed;
}

/** A verb of lvsctl, by the very program that runs. */
export function lvsctl(program: readonly string[], ...words: readonly string[]): Act {
  const [node = 'lvsctl', ...script] = program;
  return { program: node, args: [...script, ...words], line: ['lvsctl', ...words].join(' ') };
}
