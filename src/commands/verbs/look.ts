import { COLOUR, OUTPUT, type Verb } from './verb.js';

/** What looks, and changes nothing. */
export const LOOK: readonly Verb[] = [
  {
    name: 'show',
    about: "show the kernel's table with all that it holds, or its connections",
    options: [
      {
        flags: '--connections [client]',
        about: 'the connections instead, of all clients or the one with this address',
      },
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['show', 'services, servers, limits, time-outs, settings'],
      ['show --connections 192.0.2.7', 'the connections of one client'],
    ],
    load: () => import('../show.js'),
  },
];
