import { COLOUR, DRY_RUN, FILE, OUTPUT, REASON, type Verb } from './verb.js';

/** What an apply after an edit may have. */
const APPLY = [
  FILE,
  DRY_RUN,
  {
    flags: '--confirm <duration>',
    about: 'take it back after this time unless `lvsctl confirm` comes; the file keeps the edit',
  },
  {
    flags: '--wait [duration]',
    about: 'let the connections of what goes end first, at most for this time (default: 5m)',
  },
  { flags: '--force', about: 'also where a service is left without a server that takes connections' },
  { flags: '--local', about: 'also on a standby director, whose file and table alone it then changes' },
  REASON,
  OUTPUT,
  COLOUR,
] as const;

/** What edits the description, and applies it. */
export const EDIT: readonly Verb[] = [
  {
    name: 'server',
    about: 'add or remove a server of a service: in the description, and in what runs',
    args: [
      { name: 'action', about: 'what to do', choices: ['add', 'remove'] },
      { name: 'service', about: 'its name or VIP:PORT/PROTOCOL' },
      { name: 'server', about: 'an address or a name of hosts, with or without a port' },
    ],
    options: [{ flags: '--weight <number>', about: 'the weight of a server that is added' }, ...APPLY],
    examples: [
      ['server add web 192.0.2.13 --weight 2', 'one more server of the service web'],
      ['server remove web 192.0.2.11 --wait', 'one less, once its connections are through'],
    ],
    load: () => import('../server.js'),
  },
  {
    name: 'service',
    about: 'add, change or remove a service: in the description, and in what runs',
    args: [
      { name: 'action', about: 'what to do', choices: ['add', 'set', 'remove'] },
      { name: 'service', about: 'its name or VIP:PORT/PROTOCOL; the name of one that is added' },
      {
        name: '[word...]',
        about:
          'add: ADDRESS:PORT[/PROTOCOL]; set: KEY=VALUE, the keys as in YAML; without VALUE the key goes',
      },
    ],
    options: [
      { flags: '--scheduler <name>', about: 'the scheduler of a service that is added' },
      { flags: '--server <server...>', about: 'its servers: ADDRESS[:PORT][=WEIGHT]' },
      ...APPLY,
    ],
    examples: [
      ['service add mail 192.0.2.100:25 --server 192.0.2.21 --server 192.0.2.22=2', 'one more service'],
      ['service set web scheduler=mh flags=[mh-port] check.interval=2s', 'other values for its keys'],
      ['service set web persistence=', 'without persistence'],
      ['service remove mail --wait 10m', 'one less, once its connections are through'],
    ],
    load: () => import('../service.js'),
  },
];
