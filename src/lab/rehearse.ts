import { bringUp } from './bring-up.js';
import type { Act, Finding } from './drills/drill.js';
import { failed, notRun } from './drills/drill.js';
import { drillsOf } from './drills/drills.js';
import type { LabEvent } from './events.js';
import type { Lab } from './lab.js';

/**
 * Brings a cluster up whose trees are installed, and runs the drills that fit it.
 *
 * @param tell is given each event as it happens; the drills' results are all in `end` events
 */
export async function rehearse(lab: Lab, tell: (event: LabEvent) => void): Promise<void> {
  const plans = lab.hosts.map(one => one.plan);
  const up: Act = {
    drills: [{ id: 'up', title: 'the cluster comes up, started as its units do' }],
    run: async () => [await comesUp(lab, tell)],
  };
  await play(lab, up, drillsOf(lab.cluster, plans), tell);
}

/** Runs the first act, and the others if it passed: without it they could say nothing. */
export async function play(
  lab: Lab,
  first: Act,
  others: readonly Act[],
  tell: (event: LabEvent) => void,
): Promise<void> {
  const of = [first, ...others].reduce((sum, act) => sum + act.drills.length, 0);
  const counter = { number: 0, of };
  const findings = await playAct(lab, tell, counter, first);
  const isGood = findings.every(one => one.outcome === 'passed');
  for (const act of others) {
    const run = (): Promise<Finding[]> =>
      Promise.resolve(act.drills.map(() => notRun('the cluster did not come up')));
    await playAct(lab, tell, counter, isGood ? act : { ...act, run });
  }
}

async function comesUp(lab: Lab, tell: (event: LabEvent) => void): Promise<Finding> {
  const done: string[] = [];
  await bringUp(lab, text => {
    done.push(text);
    tell({ event: 'step', text });
  });
  return { outcome: 'passed', detail: done.join('; '), figures: {} };
}

/** Runs an act and tells of it. Whatever is thrown is a failure of its drills, and no reason to end. */
async function playAct(
  lab: Lab,
  tell: (event: LabEvent) => void,
  counter: { number: number; readonly of: number },
  act: Act,
): Promise<readonly Finding[]> {
  const begin = (index: number): void => {
    const { title, subject } = act.drills[index]!;
    const words = subject === undefined ? title : `${subject}: ${title}`;
    tell({ event: 'begin', number: ++counter.number, of: counter.of, title: words });
  };
  begin(0);
  const start = lab.elapsed();
  const findings = await act.run(lab).catch((error: unknown) => act.drills.map(() => failed(reason(error))));
  const seconds = Math.round((lab.elapsed() - start) / 100) / 10;
  for (const [index, { id, title, subject }] of act.drills.entries()) {
    if (index > 0) begin(index);
    const finding = findings[index] ?? failed('nothing was found out');
    tell({ event: 'end', id, title, ...(subject === undefined ? {} : { subject }), ...finding, seconds });
  }
  return findings;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
