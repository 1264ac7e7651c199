import { shellQuote } from '../../render/shell-quote.js';
import type { Service } from '../../cluster/service.js';
import type { Act, Finding } from '../drills/drill.js';
import { actOf, failed, judged, notRun, passed } from '../drills/drill.js';
import { neighbourAct } from '../drills/neighbours.js';
import { usedExpectationOf } from '../drills/shares.js';
import { trafficDrills } from '../drills/traffic.js';
import type { LabEvent } from '../events.js';
import { tableDifferences } from '../kernel-table.js';
import type { Lab } from '../lab.js';
import { play } from '../rehearse.js';
import { successor } from './compare.js';
import { lvsctl } from './lvsctl.js';
import { activeOne, change, pathOf, setUp, setUpServers, type Stage } from './stage.js';
import { type Done, stepAct } from './step.js';

/** How far a change has come: what rests on what was not done is not run. */
interface Progress {
  isApplied: boolean;
}

/**
 * Brings the old cluster up, makes the new one of it as an administrator would while clients use it, and takes that
 * back.
 *
 * @param tell is given each event as it happens; the drills' results are all in `end` events
 */
export async function rehearseChange(stage: Stage, tell: (event: LabEvent) => void): Promise<void> {
  const { lab } = stage;
  const up: Act = {
    drills: [{ id: 'up', title: 'the old cluster comes up, started as its units do' }],
    run: async () => {
      const done: string[] = [];
      await setUp(stage, text => {
        done.push(text);
        tell({ event: 'step', text });
      });
      return [passed(done.join('; '))];
    },
  };
  await play(lab, up, changeActs(stage), tell);
}

/** All that is found out about a change, in its order. */
export function changeActs(stage: Stage): Act[] {
  const { old, next } = stage;
  const progress: Progress = { isApplied: false };
  const after = (act: Act): Act => ({
    ...act,
    run: lab =>
      progress.isApplied
        ? act.run(lab.as(next.cluster))
        : Promise.resolve(act.drills.map(() => notRun('the new description was not applied'))),
  });
  const file = shellQuote(pathOf(next.file));
  const goers = old.cluster.services.filter(one => successor(one, next.cluster) === undefined);
  const acts: Act[] = [
    ...(old.cluster.checker === 'keepalived' ? [] : [beginning(stage)]),
    stepAct(stage, {
      id: 'apply',
      title: 'the new description is applied',
      while: 'the new description is applied',
      before: old.cluster,
      after: next.cluster,
      mayGo: false,
      run: async () => {
        const done = await carryOut(stage, 'next', `apply -f ${file} --reason rehearsal`);
        progress.isApplied = done.isDone;
        return done;
      },
    }),
    after(tableAct('table-new', 'the table of the active director is as the new description wants it')),
    after(neighbourAct(next.cluster)),
    ...trafficDrills(next.cluster, usedExpectationOf).map(actOf).map(after),
    after(
      stepAct(stage, {
        id: 'rollback',
        title: 'it is taken back',
        while: 'it is taken back',
        before: next.cluster,
        after: old.cluster,
        mayGo: true,
        run: () => carryOut(stage, 'old', 'rollback --reason rehearsal'),
      }),
    ),
    after(seenAs(stage, tableAct('table-old', 'the table is again as the old description wants it'))),
    ...backDrills(goers).map(one => after(seenAs(stage, one))),
  ];
  return acts.filter(one => one.drills.length > 0);
}

function seenAs({ old }: Stage, act: Act): Act {
  return { ...act, run: lab => act.run(lab.as(old.cluster)) };
}

/** Real servers first, as the guide says, and then the director. */
async function carryOut(
  stage: Stage,
  which: 'old' | 'next',
  verb: string,
): Promise<Done & { readonly isDone: boolean }> {
  const begin = stage.lab.elapsed();
  const servers = await setUpServers(stage, which);
  const took = Math.round((stage.lab.elapsed() - begin) / 1000);
  const changed = await change(stage, which, verb);
  const set = `real servers set up first, in ${took} s: ${servers.join(', ') || 'none'}`;
  return { ...changed, lines: [set, ...changed.lines] };
}

/** Who has never applied has nothing to go back to; and it shows that what runs is what is described. */
function beginning(stage: Stage): Act {
  return actOf({
    id: 'old-applied',
    title: 'to apply the old description changes nothing',
    async run(lab): Promise<Finding> {
      const words = `apply -f ${shellQuote(pathOf(stage.old.file))} --reason "before the rehearsal"`;
      const { problems, lines, figures } = await lvsctl(lab, await activeOne(lab), words);
      const more = problems.length === 0 && figures['changes'] !== 0 ? ['something was changed'] : [];
      return judged([...problems, ...more], lines.join('\n'), figures);
    },
  });
}

function tableAct(id: string, title: string): Act {
  return actOf({
    id,
    title,
    async run(lab: Lab): Promise<Finding> {
      const director = await activeOne(lab);
      const differences = await tableDifferences(lab.cluster, director);
      if (differences.length > 0) return failed(`wanted (-) and found (+): ${differences.join(' · ')}`);
      return passed(`that of ${director.name}`);
    },
  });
}

/** The services that the new description does not have are there again. */
function backDrills(goers: readonly Service[]): Act[] {
  const all = trafficDrills({ services: goers }, usedExpectationOf);
  return all.map(one => actOf({ ...one, id: 'back', title: 'it is back: every request is answered' }));
}
