import type { Watcher } from '../../doctor/examine.js';
import type { Context } from '../context.js';
import { Progress } from '../lab/progress.js';

/** Shows on a terminal which checks are under way; elsewhere nothing. */
export function watcher(context: Context): { readonly see: Watcher; readonly end: () => void } {
  if (!context.errTerminal) return { see: () => {}, end: () => {} };
  const progress = new Progress(context);
  return {
    see: checks => progress.doing(`looking at ${checks.join(', ')}`),
    end: () => progress.end(),
  };
}
