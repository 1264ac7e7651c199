import { demo } from '../lab/demo.js';
import type { Run } from './context.js';
import { EXIT } from './exit.js';

export const run: Run = async context => {
  await demo(context);
  return EXIT.done;
};
