import type { Door } from '../door.js';
import { type Act, perform } from './act.js';

/** A part of a start or stop. What it does depends on what the parts before it have left. */
export interface Stage {
  /** The commands that it would be, as the machine is now. */
  readonly lines: () => Promise<readonly string[]>;
  readonly carryOut: (door: Door) => Promise<void>;
}

/** One that is these commands; the first that fails ends it. */
export function stage(plan: () => Promise<readonly Act[]>): Stage {
  return {
    lines: async () => (await plan()).map(({ line }) => line),
    carryOut: async door => {
      for (const act of await plan()) await perform(door, act);
    },
  };
}
