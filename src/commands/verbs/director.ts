import { COLOUR, type Verb } from './verb.js';

/** What a director does by itself: at boot, by its timer. */
export const DIRECTOR: readonly Verb[] = [
  {
    name: 'tick',
    about: 'settle what has come due, and set the timer for what comes next; its timer runs it',
    options: [COLOUR],
    examples: [['tick', 'take back what was not confirmed in time']],
    load: () => import('../tick.js'),
  },
];
