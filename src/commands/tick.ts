import { tick } from '../director/tick.js';
import type { Run } from './context.js';
import { EXIT } from './exit.js';
import { enter, visitor, waker } from './visit.js';

export const run: Run = async context => {
  await enter(context, visitor(context, 'tick', 'program'), door => tick(door, waker(context)));
  return EXIT.done;
};
