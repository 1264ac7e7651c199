import { planOf } from '../lab/scenarios/weights-proof.js';
import { type Figures, median, type Round } from '../lab/weights/figures.js';
import { expectedP99 } from '../lab/weights/expected.js';
import { type Policy, type SetName, SETS, SPEEDS } from '../lab/weights/policies.js';

/** The most that p99 may be, as a ratio to perfect weights under the same scheduler. */
const TARGET = 1.1;
/** How many times lower than with equal weights, where these overload the slowest server. */
const BETTER = 10;
/** Of the time: where a server is busy for longer, and clients give up, it has more to do than it can. */
const OVERLOADED = 0.97;

/** Milliseconds after they were due by which 99 of 100 requests have to be sent: else it is the machine that one measures. */
const ON_TIME = 200;

/** The medians of all rounds, of each policy. */
export function medians(all: readonly (readonly Figures[])[]): Figures[] {
  const [first = []] = all;
  return first.map(({ name, role }) => {
    const own = all.map(figures => figures.find(one => one.name === name)!);
    const of = (what: (one: Figures) => number): number => median(own.map(what));
    const each = (what: (one: Figures) => readonly number[]): number[] =>
      SPEEDS.map((_, index) => of(one => what(one)[index]!));
    return {
      name,
      role,
      requests: of(one => one.requests),
      lost: of(one => one.lost),
      mean: of(one => one.mean),
      p50: of(one => one.p50),
      p99: of(one => one.p99),
      shares: each(one => one.shares),
      busy: each(one => one.busy),
      weights: each(one => one.weights),
      sentLate: of(one => one.sentLate),
      answeredLate: of(one => one.answeredLate),
    };
  });
}

const HEAD = ['weights by', 'p50', 'p99', 'p99 computed', 'lost', 'requests by server, %', 'busy, %'];
const RULE = [':---', '---:', '---:', '---:', '---:', '---:', '---:'];

/** @param computed p99 by the name of a policy, in milliseconds, where it can be */
export function policyTable(
  figures: readonly Figures[],
  computed: ReadonlyMap<string, number> = new Map(),
): string {
  const rows = figures.map(({ name, p50, p99, lost, requests, shares, busy }) => [
    name,
    seconds(p50),
    seconds(p99),
    computed.has(name) ? seconds(computed.get(name)!) : '',
    lost === 0 ? '0' : `${((lost / requests) * 100).toFixed(1)} %`,
    shares.map(percent).join(' '),
    busy.map(percent).join(' '),
  ]);
  return [HEAD, RULE, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * Whether the machine was quiet enough for what is told of it to mean anything.
 *
 * @param figures medians, as all that is told
 * @param single those of each round
 */
export function verdictOfMachine(figures: readonly Figures[], single: readonly Figures[]): Found {
  const most = (all: readonly Figures[]): number => Math.max(...all.map(one => one.sentLate));
  const [latest, worst] = [most(figures), most(single)];
  const text = `99 of 100 requests were sent ${latest.toFixed(0)} ms or less after they were due in the median of the rounds, ${worst.toFixed(0)} ms in the worst; with a median of more than ${ON_TIME} the machine was too busy to tell`;
  return { text, isMet: latest <= ON_TIME };
}

interface Found {
  readonly text: string;
  readonly isMet: boolean;
}

const EQUAL = ['rr', 'wrr, equal weights', 'wlc, equal weights'];

function named(figures: readonly Figures[], name: string): Figures {
  const found = figures.find(one => one.name === name);
  if (!found) throw new Error(`nothing was measured of ${name}`);
  return found;
}

/** Where its clients give up, the slowest server gets more than it can ever do. */
function isOverloading({ busy, lost }: Figures): boolean {
  return busy[0]! >= OVERLOADED && lost > 0;
}

/** A line for each target, of the medians. */
export function verdictsOfLab(figures: readonly Figures[]): Found[] {
  const of = (name: string): Figures => named(figures, name);
  const near = ['wlc', 'wrr'].map(scheduler => {
    const ratio = of(`${scheduler}, capacity`).p99 / of(`${scheduler}, perfect weights`).p99;
    const text = `${scheduler}, capacity: p99 is ${ratio.toFixed(2)} times that of perfect weights; the target is ${TARGET.toFixed(2)}`;
    return { text, isMet: ratio <= TARGET };
  });
  const equal = EQUAL.map(of).filter(isOverloading);
  const better = equal.flatMap(old =>
    ['wlc, capacity', 'wrr, capacity'].map(name => {
      const times = old.p99 / of(name).p99;
      const text = `${name}: p99 is ${times.toFixed(1)} times lower than by ${old.name}, which overloads the slowest server; the target is ${BETTER}`;
      return { text, isMet: times >= BETTER };
    }),
  );
  return [...near, ...better];
}

/** What has no target: equal weights that are wrong, and by which nobody has to give up. */
function besideTargets(figures: readonly Figures[]): string[] {
  return EQUAL.map(name => named(figures, name))
    .filter(one => !isOverloading(one))
    .map(({ name, p99 }) => {
      const times = (p99 / named(figures, 'wlc, capacity').p99).toFixed(1);
      return `- ${name}: nobody gives up, so there is no target; its p99 is ${times} times that of wlc, capacity.`;
    });
}

/** The rounds that are there, of each set. */
export type Rounds = Readonly<Record<SetName, readonly Round[]>>;

/** The comparison under one load, ours first. */
export function compared({ ours, others }: Rounds): Figures[] {
  return [ours, others].flatMap(rounds => medians(rounds.map(({ policies }) => policies)));
}

/** What fixed weights come to where nothing but work takes time: the medians of the same rounds. */
export function computedOf(rounds: Rounds): ReadonlyMap<string, number> {
  const names = Object.keys(SETS) as SetName[];
  return new Map(
    names.flatMap(set =>
      SETS[set].flatMap((policy: Policy): [string, number][] => {
        const found = rounds[set].flatMap(({ seed }) => expectedP99(planOf(set, seed), policy) ?? []);
        return found.length > 0 ? [[policy.name, median(found)]] : [];
      }),
    ),
  );
}

/** What each policy came to in each round. */
export function singleOf(rounds: Rounds): Figures[] {
  return Object.values(rounds).flatMap(list => list.flatMap(({ policies }) => policies));
}

/** What docs/weights.md says of the lab. @param rounds at least one of each set */
export function labPart(rounds: Rounds): string {
  const figures = compared(rounds);
  const step = medians(rounds.step.map(({ policies }) => policies));
  const all = [...figures, ...step];
  const found = [...verdictsOfLab(figures), verdictOfMachine(all, singleOf(rounds))];
  const marks = found.map(({ text, isMet }) => `- ${text}: ${isMet ? 'pass' : '**FAIL**'}.`);
  const most = (what: (one: Figures) => number): string => Math.max(...all.map(what)).toFixed(0);
  const idle = Math.min(...Object.values(rounds).flatMap(list => list.map(one => one.idle)));
  return `${heading(rounds.ours)}, polled every 5 s:

![In the lab 99 of 100 requests are answered within](weights-lab.svg)

${policyTable(figures, computedOf(rounds))}

${[...marks, ...besideTargets(figures)].join('\n')}

${heading(rounds.step)}; then the fastest server becomes half as fast. From then on, under wlc:

${policyTable(step)}

![In the lab the largest server becomes half as fast](weights-lab-step.svg)

*p99 computed*: of the same requests, where nothing takes time but the work, and weights stay; what differs from it is the
machine's own. Answers were ${most(one => one.answeredLate)} ms late in the mean at the most, and its processors had nothing to do for
${percent(idle)} % of the time or more.`;
}

function heading(rounds: readonly Round[]): string {
  const [{ load, rate, seconds: measured }] = rounds as [Round];
  const runs = rounds.length === 1 ? 'a single run' : `medians of ${rounds.length} runs`;
  return `${load} of what they can do, ${rate} connections a second, ${runs} of ${measured} s`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function percent(share: number): string {
  return (share * 100).toFixed(0);
}
