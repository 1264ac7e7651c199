import type { Destination } from './kernel.js';
import type { Power } from './machine.js';

/** Who sets the weights. */
export interface Policy {
  /** Before the first connection. */
  readonly start: (machines: readonly Power[]) => readonly number[];
  /** At each poll; undefined: they stay. */
  readonly poll: (view: View) => readonly number[] | undefined;
  /** At a change of the machines, for whoever knows all. */
  readonly know?: (machines: readonly Power[]) => readonly number[];
}

/** What can be seen at a poll. */
export interface View {
  readonly now: number;
  readonly period: number;
  readonly servers: readonly Seen[];
}

export interface Seen {
  readonly power: Power;
  readonly destination: Readonly<Destination>;
  /** Whether it is in the table. */
  readonly isThere: boolean;
  /** Of all processors, since the boot; undefined where the agent is silent. */
  readonly busy: number | undefined;
  readonly boot: number;
  readonly up: number;
  readonly load1: number;
  readonly running: number;
}
