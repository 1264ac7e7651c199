import { COLOUR, DRY_RUN, LOCAL, OUTPUT, type OptionSpec, REASON, type Verb } from './verb.js';

const SERVICE = 'its name, or VIP:port/protocol, [v6]:port/protocol, fwmark:N';
const SERVER = 'its address or a name of hosts, with its port or without';
const PLACE = [
  { name: '[service]', about: SERVICE },
  { name: '[server]', about: SERVER },
] as const;

const ALL: OptionSpec = { flags: '--all <server>', about: 'this server in every service that has it' };
const EXPIRES: OptionSpec = { flags: '--expires <duration>', about: 'it ends by itself after this time' };

/** What an operator says of the servers of the cluster that runs. */
export const OPERATE: readonly Verb[] = [
  {
    name: 'drain',
    about: 'give a server no new connections; those that it has go on',
    args: PLACE,
    options: [
      ALL,
      { flags: '--wait', about: 'wait until its connections have ended' },
      { flags: '--timeout <duration>', about: 'wait no longer than this; exit 1 where some are left then' },
      { flags: '--at <time>', about: 'begin then: 02:00, "2026-11-21 02:00" (local time) or +2h' },
      EXPIRES,
      { flags: '--force', about: 'also where a service then has no server left' },
      REASON,
      LOCAL,
      DRY_RUN,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['drain web 192.0.2.11 --wait --timeout 10m', 'nobody is left on it when this returns with 0'],
      [
        'drain --all web1 --at 02:00 --expires 2h --reason "new kernel"',
        'the host in every service, tonight',
      ],
    ],
    load: () => import('../drain.js'),
  },
  {
    name: 'undrain',
    about: 'take a drain back, also one that is only planned',
    args: PLACE,
    options: [
      ALL,
      {
        flags: '--slow-start <duration>',
        about: 'let the weight rise in this time; 0s for none (default: slow_start of the service)',
      },
      REASON,
      LOCAL,
      DRY_RUN,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['undrain web 192.0.2.11', 'the server takes connections again'],
      ['undrain --all web1 --slow-start 5m', 'the host in every service, little by little'],
    ],
    load: () => import('../undrain.js'),
  },
  {
    name: 'weight',
    about: 'set the weight of a server, until it is auto again or expires',
    args: [
      { name: 'service', about: SERVICE },
      { name: 'server', about: SERVER },
      { name: 'weight', about: '0 to 65535; auto: the measured weight, else the configured one' },
    ],
    options: [EXPIRES, REASON, LOCAL, DRY_RUN, OUTPUT, COLOUR],
    examples: [
      ['weight web web1 5 --expires 1h', 'for an hour, whatever is measured'],
      ['weight web web1 auto', 'as if nobody had set it'],
    ],
    load: () => import('../weight.js'),
  },
  {
    name: 'clear',
    about: "take all that is ours out of the kernel's table, and nothing else",
    options: [DRY_RUN, REASON, OUTPUT, COLOUR],
    examples: [
      ['clear -n', 'what would go, and how many connections with it'],
      ['clear', 'an empty cluster runs; rollback brings the former one back'],
    ],
    load: () => import('../clear.js'),
  },
];
