import type { Described } from './change/stage.js';

/** What the program inside the machine is to do; order.json of the job. */
export type Order =
  /** `acting`: with mon, whose alerts run lvsctl. */
  | { readonly what: 'rehearse'; readonly acting?: Acting }
  /** The cluster is that of both; trees/old and trees/next are those of each. */
  | { readonly what: 'change'; readonly old: Described; readonly next: Described; readonly node: string }
  | { readonly what: 'story' }
  /** Without commands the machine has a terminal. */
  | { readonly what: 'shell'; readonly commands: string | null; readonly acting?: Acting };

/** What it takes to have lvsctl on the directors. */
export interface Acting {
  /** Of the file with the description: it says which form the text has. */
  readonly file: string;
  readonly text: string;
  /** What the Node in the job is called. */
  readonly node: string;
}

/** The loader that a Node may need which is newer than the machine: its name, as `ldd` has it, beside Node in the job. */
export const LOADER = 'ld-linux-x86-64.so.2';
