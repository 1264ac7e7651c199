import { readFileSync } from 'node:fs';
import { note } from '../notes.js';
import { parseTables } from '../reliability/observed.js';
import { courseOf, type Figures, type Round, sharesOf, timesOf } from './figures.js';
import { type Demand, type Ended, fileOf, parseEnded, requestsOf } from './load.js';
import { type Policy, serverAddress, serverName, SPEEDS, VIP } from './policies.js';
import { doneBy, type Done, slowDown, type Stage, startLoad, startPolicy, withStages } from './stage.js';

export interface Plan {
  readonly seed: number;
  /** Of what all servers can do together; after a step it is 15/11 of it. */
  readonly load: number;
  readonly loadAtStep: number;
  /** Requests a second, for each policy. */
  readonly rate: number;
  /** Seconds: until weights have settled and are measured, or a server is slowed; of measuring; that a client waits. */
  readonly warmUp: number;
  readonly measured: number;
  readonly patience: number;
  readonly policies: readonly Policy[];
  readonly atAStep: readonly Policy[];
}

/** All policies side by side, each with a cluster of its own, under the same requests. */
export async function measure(plan: Plan): Promise<Round> {
  const { seed, load, rate, warmUp, measured, patience, policies, atAStep } = plan;
  let round: Round | undefined;
  await withStages([...policies, ...atAStep], async stages => {
    const [usual, stepped] = [stages.slice(0, policies.length), stages.slice(policies.length)];
    const length = warmUp + measured + patience;
    const demand: Demand = { seed, load, rate, length };
    const demandAtStep: Demand = { ...demand, load: plan.loadAtStep };
    // Each begins a moment after the one before; the load has the time of the first.
    for (const stage of stages) {
      const isUsual = usual.includes(stage);
      await startLoad(stage, fileOf(requestsOf(isUsual ? demand : demandAtStep)), patience);
      await startPolicy(stage);
    }
    const { lab } = stages[0]!;
    await lab.pause(warmUp);
    const slowed = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    await Promise.all(stepped.map(slowDown));
    const before = await allDone(stages);
    const idleBefore = processors();
    await lab.pause(measured);
    const idleAfter = processors();
    const after = await allDone(stages);
    await lab.pause(patience + 5);
    const figures: Figures[] = [];
    const courses: Round['courses'][number][] = [];
    for (const [index, stage] of stages.entries()) {
      const isUsual = usual.includes(stage);
      const requests = requestsOf(isUsual ? demand : demandAtStep);
      const all = await endedOf(stage, requests[0]!.at);
      const change = isUsual ? warmUp : slowed - all.begin;
      const [from, to] = [change, Math.min(change + measured, length - patience)];
      const due = requests.filter(({ at }) => at >= from && at < to).length;
      figures.push({
        ...common(stage, before[index]!, after[index]!),
        ...timesOf(all.ended, from, to, patience),
        shares: sharesOf(all.ended, from, to, SPEEDS.map(serverName)),
        weights: await weightsOf(stage),
      });
      if (due !== figures.at(-1)!.requests)
        throw new Error(`${stage.policy.name}: of ${due} requests ${figures.at(-1)!.requests} have ended`);
      if (!isUsual) {
        const { name, role } = stage.policy;
        const window = { from: change - 60, to, slice: SLICE, patience };
        courses.push({ name, role, points: courseOf(all.ended, change, window) });
      }
      await tell(stage);
    }
    round = {
      seed,
      load,
      rate,
      seconds: measured,
      policies: figures.slice(0, policies.length),
      step: figures.slice(policies.length),
      courses,
      idle: (idleAfter.idle - idleBefore.idle) / (idleAfter.all - idleBefore.all),
    };
  });
  return round!;
}

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

function common(
  { policy }: Stage,
  before: readonly Done[],
  after: readonly Done[],
): Pick<Figures, 'name' | 'role' | 'busy' | 'answeredLate'> {
  const gone = (what: (one: Done) => number): number[] =>
    after.map((one, index) => what(one) - what(before[index]!));
  const seconds = gone(one => one.at);
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  return {
    name: policy.name,
    role: policy.role,
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

async function tell({ policy, director }: Stage): Promise<void> {
  if (policy.by !== 'capacity') return;
  note(`${policy.name}:\n${await director.sh('lvsctl weights explain 2>&1; cat /var/log/poll.out')}`);
}
