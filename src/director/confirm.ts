import type { Generation } from '../state/generation.js';
import { confirmed } from '../state/generations.js';
import { StateFailure } from '../state/failure.js';
import { forgetFirstFiles } from '../state/first-files.js';
import { forgetGone } from './forget-gone.js';
import { type Door, say } from './door.js';
import type { Running } from './running.js';
import { settleDue } from './settle.js';
import { tidy } from './tidy.js';

/** The generation that waits, confirmed; not yet on the disk. @throws StateFailure where nothing waits */
export function confirmable(
  { current }: Pick<Running, 'current'>,
  { stamp }: Pick<Door, 'stamp'>,
): Generation {
  if (current) return confirmed(current, stamp.now);
  throw new StateFailure(
    'absent',
    'nothing waits to be confirmed: nothing has been applied, or it has been taken back',
  );
}

/** What waits holds for good. @throws StateFailure where nothing waits any more */
export async function confirm(door: Door, author: string): Promise<Generation> {
  const running = await settleDue(door, error => {
    // What is to be taken back must not be kept because that fails.
    throw error;
  });
  const held = confirmable(running, door);
  const event = { event: 'confirmed', cause: author, after: `generation ${held.number}` } as const;
  await say(door, held.number, { trial: held.trial, events: [event] });
  await tidy(door, async () => {
    await forgetGone(door, held);
    await forgetFirstFiles(door.ports.files);
  });
  return held;
}
