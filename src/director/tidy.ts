import { failureText, StateFailure } from '../state/failure.js';
import type { Door } from './door.js';

/** Tidies up after a change. The change itself stands, whatever fails here. */
export async function tidy({ warn }: Door, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    warn(`what is no longer needed stays on the disk: ${failureText(error)}`);
  }
}
