import type { Found } from '../cluster/find.js';
import { EXIT, Failure } from './exit.js';

/** What a word of the command line means. @throws Failure (64) where it means nothing, or too much */
export function found<T>(it: Found<T>): T {
  if (it.problem === undefined) return it.found;
  throw new Failure(EXIT.usage, it.problem, it.help);
}
