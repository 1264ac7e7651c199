import type { Run } from './context.js';
import { EXIT, Failure } from './exit.js';

export const run: Run = async (context, [what, ...args], options) => {
  if (what === 'history') return await (await import('./weights/history.js')).run(context, args, options);
  if (options['since'] !== undefined)
    throw new Failure(EXIT.usage, '--since is for history: explain tells of now');
  return await (await import('./weights/explain.js')).run(context, args, options);
};
