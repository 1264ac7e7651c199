import { COLOUR, DRY_RUN, OUTPUT, type Verb } from './verb.js';

/** What a director does by itself: at boot, by its timer. */
export const DIRECTOR: readonly Verb[] = [
  {
    name: 'director',
    about: 'make this host the active director of what runs, or no more one, or say whether it is',
    args: [
      {
        name: 'what',
        about: 'start; stop; status: running (exit 0) or stopped (exit 3)',
        choices: ['start', 'stop', 'status'],
      },
    ],
    options: [
      {
        flags: '--standby',
        about: 'start only what a standby needs too: no addresses, no sending of connections',
      },
      { flags: '--host <name>', about: 'this machine is the director of this name or address' },
      DRY_RUN,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['director start', 'marks, settings, table, then addresses, with drains and weights as they were'],
      ['director status', 'the word, and on standard error what is missing'],
    ],
    load: () => import('../director.js'),
  },
  {
    name: 'tick',
    about: 'settle what has come due, and set the timer for what comes next; its timer runs it',
    options: [COLOUR],
    examples: [['tick', 'take back what was not confirmed in time']],
    load: () => import('../tick.js'),
  },
];
