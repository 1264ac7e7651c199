import { tick } from '../director/tick.js';
import type { Run } from './context.js';
import { EXIT } from './exit.js';
import { visitor, waker } from './visit.js';

export const run: Run = async context => {
  await context.undisturbed(() => tick(visitor(context, 'tick', 'program'), waker(context)));
  return EXIT.done;
};
