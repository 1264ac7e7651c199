import { COLOUR, DRY_RUN, FILE, LOCAL, OUTPUT, type Verb } from './verb.js';

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
    name: 'alert',
    about: 'what mon calls when a server dies or returns: the table follows at once',
    args: [
      { name: 'service', about: 'its name, or VIP:port/protocol, [v6]:port/protocol, fwmark:N' },
      { name: 'server', about: 'its address or a name of hosts, with its port or without' },
    ],
    options: [
      { flags: '-u', about: 'the server lives again; MON_ALERTTYPE goes before it where it is set' },
      { flags: '-t <seconds>', about: 'when mon found it, in seconds since 1970' },
      { flags: '-s <word>', about: "mon's name of the check; it, and the next two, mean nothing here" },
      { flags: '-g <word>', about: "mon's group" },
      { flags: '-h <hosts>', about: 'the hosts that failed' },
      { flags: '-a', about: 'somebody has acknowledged the failure: nothing changes' },
      { flags: '-D', about: 'somebody has switched the check off: nothing changes' },
      { flags: '-T', about: 'a trap has told of the failure' },
      { flags: '-O', about: 'a trap that should have come has not: a failure' },
      DRY_RUN,
      COLOUR,
    ],
    raw: true,
    examples: [
      ['alert web 192.0.2.11', 'as if mon had found this server dead'],
      ['alert -u web 192.0.2.11', 'and alive again'],
      ['alert --dry-run web 192.0.2.11', 'what its death would change'],
    ],
    load: () => import('../alert.js'),
  },
  {
    name: 'poll',
    about:
      "ask the real servers for their load, and bring the table to the weights that follow; cron's entry runs it",
    options: [
      { flags: '--once', about: 'a single poll (default)' },
      {
        flags: '--for <duration>',
        about: 'poll at the times of the schedule for so long: 55s of a minute of cron',
      },
      {
        flags: '--schedule <cron>',
        about: 'poll at these times, until it is stopped; a first of six fields is seconds',
      },
      LOCAL,
      FILE,
      DRY_RUN,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['poll', 'ask, weigh, and write what has changed'],
      [
        'poll --dry-run -f lvs.yaml',
        'what the described servers say, and the weights that they would have; changes nothing',
      ],
      ['poll --schedule "*/5 * * * * *"', 'every five seconds, as a unit'],
    ],
    load: () => import('../poll.js'),
  },
  {
    name: 'tick',
    about: 'settle what has come due, and set the timer for what comes next; its timer runs it',
    options: [COLOUR],
    examples: [['tick', 'take back what was not confirmed in time']],
    load: () => import('../tick.js'),
  },
];
