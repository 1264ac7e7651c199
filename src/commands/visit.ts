import type { Visitor } from '../director/door.js';
import type { Waker } from '../director/timer.js';
import { PATIENCE } from '../state/lock.js';
import type { Context } from './context.js';

/** Whoever typed the verb, before the door to the kernel's table. */
export function visitor(context: Context, verb: string, by: keyof typeof PATIENCE = 'person'): Visitor {
  const { ports, pid, errStyle } = context;
  return {
    ports,
    verb,
    pid,
    patience: PATIENCE[by],
    echo: line => context.err(`${line}\n`),
    warn: text => context.err(`${errStyle.yellow('warning')}: ${text}\n`),
  };
}

export function waker({ program, pid }: Context): Waker {
  return { program, pid };
}
