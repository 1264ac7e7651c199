import { quote } from '../diagnostic/quote.js';
import { EXIT, Failure } from './exit.js';

/** The number of a generation as it was typed. @throws Failure */
export function generationNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  const help = 'lvsctl history has the numbers';
  throw new Failure(EXIT.usage, `a generation is a number from 1, not ${quote(text)}`, help);
}
