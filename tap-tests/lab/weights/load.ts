import { Random } from '../../../src/weights/simulator/random.js';
import { SPEEDS } from './policies.js';

/** One request: seconds from the start, and seconds of work at a speed of 1. */
export interface Due {
  readonly at: number;
  readonly work: number;
}

/** What clients ask, from the start on. */
export interface Demand {
  readonly seed: number;
  /** Of what all servers can do together. */
  readonly load: number;
  /** Requests a second. */
  readonly rate: number;
  /** Seconds: of all; at the beginning, in which requests are so rare that equal weights overload nobody. */
  readonly length: number;
  readonly calm: number;
}

/** Of what all servers can do together, while it is calm. */
const CALM = 0.2;

/** Seconds at a speed of 1 that a request takes in the mean. */
export function meanWork({ load, rate }: Demand): number {
  return (load * SPEEDS.reduce((sum, one) => sum + one, 0)) / rate;
}

/** Poisson arrivals, exponential work; the same for each policy, as the seed decides. */
export function requestsOf(demand: Demand): Due[] {
  const [arrivals, works] = [1, 2].map(salt => new Random(demand.seed * 7919 + salt)) as [Random, Random];
  const found: Due[] = [];
  const mean = meanWork(demand);
  for (let at = 0; ; ) {
    const isCalm = at < demand.calm;
    at += arrivals.exponential(1 / (isCalm ? (demand.rate * CALM) / demand.load : demand.rate));
    if (at >= demand.length) return found;
    found.push({ at, work: works.exponential(mean) });
  }
}

/** As arrivals.pl reads it. */
export function fileOf(requests: readonly Due[]): string {
  return requests.map(({ at, work }) => `${at.toFixed(3)} ${work.toFixed(4)}\n`).join('');
}

/** What became of a request. */
export interface Ended {
  /** Seconds since the start of the first, when it was due. */
  readonly due: number;
  readonly took: number;
  /** Seconds after it was due that it was sent. */
  readonly late: number;
  /** The host that answered; undefined where none did. */
  readonly by: string | undefined;
  /** Where none did: `refused`, `reset` or `silent`. */
  readonly lost?: string;
}

/** What arrivals.pl says, by the machine's clock. @throws Error where it says anything else */
export function parseEnded(text: string): Ended[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [, due, took, by, late] = /^(\d+\.\d+) (\d+\.\d+) (\S+) (\d+\.\d+)$/.exec(line) ?? [];
      if (due === undefined) throw new Error(`arrivals.pl says ${line}`);
      return {
        due: Number(due),
        took: Number(took),
        late: Number(late),
        ...(by!.startsWith('-') ? { by: undefined, lost: by!.slice(1) } : { by }),
      };
    });
}
