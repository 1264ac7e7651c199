import { parseDuration } from '../../cluster/duration.js';

/** Milliseconds of a duration that the schema has accepted; undefined stays undefined. */
export function time(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
