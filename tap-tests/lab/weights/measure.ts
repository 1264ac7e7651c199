import { readFileSync } from 'node:fs';
import { note } from '../notes.js';
import { parseTables } from '../reliability/observed.js';
import { type Course, courseOf, type Figures, type Round, sharesOf, timesOf } from './figures.js';
import { type Demand, type Ended, fileOf, parseEnded, requestsOf } from './load.js';
import { type Policy, serverAddress, serverName, SPEEDS, VIP } from './policies.js';
import { doneBy, type Done, slowDown, type Stage, startLoad, startPolicy, withStages } from './stage.js';

export interface Plan extends Omit<Demand, 'length'> {
  /** Seconds: until weights have settled and are measured; of measuring; that a client waits. */
  readonly warmUp: number;
  readonly measured: number;
  readonly patience: number;
  readonly policies: readonly Policy[];
  /** Whether the fastest server becomes half as fast when the measuring begins. */
  readonly isSlowed: boolean;
}

/** All policies side by side, each with a cluster of its own, under the same requests. */
export async function measure(plan: Plan): Promise<Round> {
  const { seed, load, rate, warmUp, measured, patience, policies, isSlowed } = plan;
  const demand = { ...plan, length: warmUp + measured + patience };
  const requests = requestsOf(demand);
  let round: Round | undefined;
  await withStages(policies, async stages => {
    const { lab } = stages[0]!;
    for (const stage of stages) {
      await startLoad(stage, fileOf(requests), patience);
      await startPolicy(stage);
    }
    await lab.pause(warmUp);
    const change = uptime();
    if (isSlowed) await Promise.all(stages.map(slowDown));
    const [before, idleBefore] = [await allDone(stages), processors()];
    await lab.pause(measured);
    const [after, idleAfter] = [await allDone(stages), processors()];
    await lab.pause(patience + 5);
    const found: Figures[] = [];
    const courses: Course[] = [];
    for (const [index, stage] of stages.entries()) {
      const { name, role } = stage.policy;
      const { begin, ended } = await endedOf(stage, requests[0]!.at);
      // Each began a moment after the one before: with the same requests, but for the step, which comes to all at once.
      const from = isSlowed ? change - begin : warmUp;
      const to = warmUp + measured;
      const due = requests.filter(({ at }) => at >= from && at < to).length;
      const times = timesOf(ended, from, to, patience);
      for (const { due: at, late, lost } of ended.filter(one => one.lost !== undefined).slice(0, 5))
        note(
          `${name}: lost (${lost}) ${(at - from).toFixed(2)} s after the measuring began, sent ${late} s late`,
        );
      // A hundredth of a second is what the machine's clock is read to.
      if (Math.abs(due - times.requests) > 1)
        throw new Error(`${name}: of ${due} requests ${times.requests} have ended`);
      found.push({
        name,
        role,
        ...worked(before[index]!, after[index]!),
        ...times,
        shares: sharesOf(ended, from, to, SPEEDS.map(serverName)),
        weights: await weightsOf(stage),
      });
      const window = { from: from - BEFORE, to, slice: SLICE, patience };
      if (isSlowed) courses.push({ name, role, points: courseOf(ended, from, window) });
      await tell(stage);
    }
    const idle = (idleAfter.idle - idleBefore.idle) / (idleAfter.all - idleBefore.all);
    round = { seed, load, rate, seconds: measured, policies: found, courses, idle };
  });
  return round!;
}

/** Seconds by the machine's clock. */
function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

/** Seconds of a course before the change. */
const BEFORE = 60;
/** Seconds of a slice of a course. */
const SLICE = 15;

async function allDone(stages: readonly Stage[]): Promise<Done[][]> {
  const found: Done[][] = [];
  for (const { servers } of stages) found.push(await Promise.all(servers.map(doneBy)));
  return found;
}

async function endedOf(
  { client }: Stage,
  first: number,
): Promise<{ readonly begin: number; readonly ended: Ended[] }> {
  const ended = parseEnded(await client.sh('cat /run/requests.out'));
  const begin = Math.min(...ended.map(({ due }) => due)) - first;
  return { begin, ended: ended.map(one => ({ ...one, due: one.due - begin })) };
}

function worked(before: readonly Done[], after: readonly Done[]): Pick<Figures, 'busy' | 'answeredLate'> {
  const gone = (what: (one: Done) => number): number[] =>
    after.map((one, index) => what(one) - what(before[index]!));
  const seconds = gone(one => one.at);
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  return {
    busy: gone(one => one.busy).map((busy, index) => busy / seconds[index]!),
    answeredLate: (sum(gone(one => one.late)) / sum(gone(one => one.served))) * 1000,
  };
}

/** What the kernel has at last. */
async function weightsOf({ director }: Stage): Promise<number[]> {
  const [last] = parseTables(await director.sh('tail -n 1 /var/log/table.out'));
  return SPEEDS.map(
    speed => last?.weights.get(`${VIP.address}:${VIP.port}>${serverAddress(speed)}:${VIP.port}`) ?? 0,
  );
}

/** Hundredths of a second of all processors of the machine. */
function processors(): { readonly idle: number; readonly all: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const times = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { idle: times[3]! + times[4]!, all: times.reduce((sum, one) => sum + one, 0) };
}

/** What the poller has understood, and how often each agent's answer was what. */
const ANSWERS = `awk '$1 ~ /:${VIP.port}$/ { n[$2]++ } END { for (one in n) print one, n[one] }' /var/log/poll.out`;

async function tell({ policy, director }: Stage): Promise<void> {
  if (policy.by !== 'capacity') return;
  note(`${policy.name}:\n${await director.sh(`lvsctl weights explain 2>&1; ${ANSWERS}`)}`);
}
