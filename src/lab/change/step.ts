import type { Cluster } from '../../cluster/cluster.js';
import type { Service } from '../../cluster/service.js';
import { entrances } from '../../cluster/naming.js';
import { type Act, type Finding, judged, notRun } from '../drills/drill.js';
import { answeringOf } from '../drills/living.js';
import type { Lab } from '../lab.js';
import { watched } from '../outage.js';
import { type Answer, lossesOf, Watch } from '../watch.js';
import { successor } from './compare.js';
import { controls } from './control.js';
import { endAll, openAll, outlived } from './long-lived.js';
import { askingOf, MOST_ASKED, requestsFinding } from './requests.js';
import type { Stage } from './stage.js';

/** What came of a step. */
export interface Done {
  readonly problems: readonly string[];
  readonly lines: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Something that is done to a cluster that clients use. */
export interface Step {
  readonly id: string;
  readonly title: string;
  /** As the end of a sentence that begins with `while`. */
  readonly while: string;
  readonly before: Cluster;
  readonly after: Cluster;
  /** Whether what the step takes away is missed by nobody. */
  readonly mayGo: boolean;
  run(): Promise<Done>;
}

/** Milliseconds between two requests to one service; seconds that are watched before and after. */
const PAUSE = 250;
const CALM = 3;

/** The step, what it cost each service in requests, and which long connections it cut. */
export function stepAct(stage: Stage, step: Step): Act {
  const { services } = step.before;
  const held = services.filter(isTcp);
  return {
    drills: [
      { id: step.id, title: step.title },
      ...services.map(one => ({
        id: `${step.id}-requests`,
        title: `${requestsTitle(step, one)} while ${step.while}`,
        subject: one.name,
      })),
      ...held.map(one => ({
        id: `${step.id}-connections`,
        title: `long connections live on while ${step.while}, but for those to servers that go`,
        subject: one.name,
      })),
    ],
    run: () => watchedStep(stage.lab.as(step.before), step, held),
  };
}

function requestsTitle({ mayGo, after }: Step, service: Service): string {
  const next = successor(service, after);
  if (mayGo && next === undefined) return 'it goes, as it came,';
  const changes = next !== undefined && next.scheduler !== service.scheduler;
  return changes
    ? 'requests are lost for a moment at most, its scheduler being changed,'
    : 'no request is lost';
}

async function watchedStep(lab: Lab, step: Step, held: readonly Service[]): Promise<Finding[]> {
  const { services } = step.before;
  const living = await answeringOf(lab, watched(services, MOST_ASKED));
  const connections = await openAll(lab, living);
  const targets = [...living.map(one => one.match), ...controls(lab)];
  const watch = await Watch.start(lab.client, targets, PAUSE);
  let answers: readonly Answer[] = [];
  let begin = 0;
  let done: Done;
  try {
    await lab.pause(CALM);
    begin = await now(lab);
    done = await step.run().catch((error: unknown) => broken(error));
    await lab.pause(CALM);
  } finally {
    answers = await watch.stop();
  }
  const lastOf = await outlived(lab, connections, step.before, step.after);
  await endAll(lab);
  const asking = living.map(({ service }, index) => {
    const own = answers.filter(one => one.target === index);
    return askingOf(service, own, begin);
  });
  const past = answers.filter(one => one.target >= living.length && one.seconds >= begin);
  const control = lossesOf(past);
  const requests = services.map(service => {
    const one = asking.find(found => found.service === service);
    if (one) return requestsFinding(one, step.after, step.mayGo, control);
    return notRun(
      services.indexOf(service) < MOST_ASKED ? UNASKED : `only the first ${MOST_ASKED} are asked`,
    );
  });
  return [judged(done.problems, done.lines.join('\n'), done.figures), ...requests, ...held.map(lastOf)];
}

const UNASKED = 'it did not answer before, has no server with a weight, or is SCTP';

function broken(error: unknown): Done {
  return { problems: [error instanceof Error ? error.message : String(error)], lines: [], figures: {} };
}

/** The clock of a watch's answers. */
async function now(lab: Lab): Promise<number> {
  return Number.parseFloat(await lab.client.sh('cat /proc/uptime'));
}

function isTcp({ virtual }: Service): boolean {
  return entrances({ virtual })[0]!.protocol === 'tcp';
}
