import { throughDoor } from '../director/door.js';
import { tick } from '../director/tick.js';
import type { Run } from './context.js';
import { EXIT } from './exit.js';
import { visitor, waker } from './visit.js';

export const run: Run = async context => {
  await throughDoor(visitor(context, 'tick', 'program'), door => tick(door, waker(context)));
  return EXIT.done;
};
