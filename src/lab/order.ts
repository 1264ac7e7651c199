/** What the program inside the machine is to do; order.json of the job. */
export type Order =
  | { readonly what: 'rehearse' }
  | { readonly what: 'story' }
  /** Without commands the machine has a terminal. */
  | { readonly what: 'shell'; readonly commands: string | null };
