import type { Damage } from '../../state/journal-reader.js';
import type { Context } from '../context.js';
import { visitor } from '../visit.js';

/** So many damaged lines are named; after a disk's failure there may be thousands. */
const MOST_NAMED = 10;

/** Warns of the journal's lines that are passed over. */
export function teller(
  context: Context,
  verb: string,
): { damaged(found: readonly Damage[]): void; end(): void } {
  const { warn } = visitor(context, verb);
  let count = 0;
  let more = 0;
  return {
    damaged(found) {
      for (const { path, line } of found) {
        if (++count > MOST_NAMED) more++;
        else warn(`${path}: line ${line} is damaged: it is passed over`);
      }
    },
    end() {
      if (more > 0) warn(`${more} more damaged lines are passed over`);
      more = 0;
    },
  };
}
