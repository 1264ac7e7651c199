/**
 * Every number of the weights' control, in one place. Times are milliseconds, shares are of 1.
 *
 * Chosen by the simulator (`npm run bench:weights`) on the scenarios that are marked there as used for it; docs/weights.md
 * shows what each does.
 */
export const CONSTANTS = {
  /** How fast what was measured of a capacity ages: connections balance by themselves under wlc and its like. */
  ageing: { byConnections: 120_000, byTurns: 300_000 },
  /**
   * How much faster or slower than here time may go by on a host before its clock is not believed: by so many times, and
   * this much besides, since a moment that is so long ago at the most; and of one that was not.
   */
  clock: { times: 1.25, slack: 60_000, span: 600_000, suspects: { slack: 15_000, span: 300_000 } },
  /** What is measured of a server before its weight is first moved. */
  enough: { polls: 2, completions: 100 },
  /**
   * When a capacity has changed: a window of so many completions that is off by more than `share` and `sigmas`, which are
   * longer where windows vary more; how fast that is learned of them, and up to how much.
   */
  change: {
    completions: 100,
    share: 0.12,
    sigmas: 3,
    times: 2,
    sigmasAtOnce: 6,
    spreadRate: 1 / 48,
    mostSpread: 4,
  },
  /** A backlog under turns: how much longer than the others' a server's queue may take, and how its weight falls. */
  backlog: { slack: 500, span: 10_000, polls: 3, least: 0.5 },
  /** What a slow answer to a connection costs of the weight, at the most. */
  latencyPenalty: 0.5,
  /** How far a weight moves in one poll, by the schedule's period. */
  slew: { share: 0.25, long: 60_000, shareOfLong: 0.5 },
  /** By how much of its share a weight has to be wrong before it is written; under turns more above the usual spread. */
  hysteresis: { turns: 0.05, connections: 0.1, table: 0.2, usualSpread: 2 },
  /** The least of the configured weight that a law leaves a server. */
  floor: 0.1,
  /** A silent agent: its weight is held, and then goes back to the configured one. */
  silence: { held: 600_000, back: 600_000 },
  /** Where fewer of a service's agents answer, nothing moves. */
  quorum: 0.5,
  /** Integers: the largest weight under turns, what a share may be above its target, and the largest under connections. */
  integers: { most: 32, above: 0.02, connections: 255, table: 63 },
} as const;
