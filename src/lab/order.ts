import type { Described } from './change/stage.js';

/** What the program inside the machine is to do; order.json of the job. */
export type Order =
  | { readonly what: 'rehearse' }
  /** The cluster is that of both; trees/old and trees/next are those of each. */
  | { readonly what: 'change'; readonly old: Described; readonly next: Described; readonly node: string }
  | { readonly what: 'story' }
  /** Without commands the machine has a terminal. */
  | { readonly what: 'shell'; readonly commands: string | null };

/** The loader that a Node may need which is newer than the machine: its name, as `ldd` has it, beside Node in the job. */
export const LOADER = 'ld-linux-x86-64.so.2';
