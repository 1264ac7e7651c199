import { ORDERS } from '../../view/orders.js';
import { EVENTS } from '../../state/event-names.js';
import { COLOUR, DRY_RUN, FILE, OUTPUT, type Verb } from './verb.js';

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
  {
    name: 'status',
    about: 'what runs, and for each server its weight, why it has that, and what it carries',
    args: [{ name: '[service]', about: 'only this one' }],
    options: [
      FILE,
      { flags: '--stats', about: 'instead, what services and servers have carried, in exact numbers' },
      { flags: '--rate', about: 'instead, what they carry a second' },
      {
        flags: '--prometheus <path>',
        about: "write a file for node_exporter's textfile collector; - for standard output",
      },
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['status', 'this director, its services and servers'],
      ['status web --stats', 'connections, packets and bytes of one service since it was added'],
      ['status --prometheus /var/lib/prometheus/node-exporter/lvsctl.prom', 'for monitoring, from cron'],
    ],
    load: () => import('../status.js'),
  },
  {
    name: 'top',
    about: 'the same live, on a terminal: what carries most first',
    options: [
      { flags: '--interval <duration>', about: 'from one reading to the next, such as 5s (default: 2s)' },
      { flags: '--sort <key>', about: 'what the first has most of', choices: ORDERS },
      COLOUR,
    ],
    examples: [['top --sort rate', 'the services and servers with the most new connections']],
    load: () => import('../top.js'),
  },
  {
    name: 'doctor',
    about: 'what of this director or real server is not as the cluster needs it, and what mends it',
    options: [
      FILE,
      { flags: '--host <name>', about: 'this machine is the one of this name or address' },
      { flags: '--only <check...>', about: 'only these checks' },
      { flags: '--all', about: 'show what is in order, too' },
      { flags: '--fix', about: 'run the commands that do no harm, then look again' },
      { flags: '-n, --dry-run', about: 'with --fix: only show them' },
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['doctor', 'what runs here, or the description in its usual place, is the measure'],
      ['doctor --fix --dry-run', 'the commands that would be run'],
      ['doctor --output json', 'for monitoring: exit 1 with an error, 0 without'],
    ],
    load: () => import('../doctor.js'),
  },
  {
    name: 'log',
    about: 'what has happened on this director, the newest last',
    options: [
      { flags: '--last <number>', about: 'only so many, the newest' },
      { flags: '--since <time>', about: 'only from then on: 02:00, 2026-11-21, "2026-11-21 02:00" or 2h' },
      { flags: '--until <time>', about: 'only up to then' },
      { flags: '--service <name>', about: 'only what concerns this service: its name or VIP:PORT/PROTOCOL' },
      { flags: '--server <name>', about: 'only what concerns this server: its address or a name of hosts' },
      { flags: '--event <name...>', about: 'only these', choices: Object.keys(EVENTS) },
      { flags: '--follow', about: 'go on with what happens, until Ctrl-C' },
      { flags: '--classic', about: 'hour, date, service, server and event alone' },
      { flags: '--rebuild', about: 'instead, put back what is lost or damaged of drains and dead servers' },
      DRY_RUN,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['log --since 02:00 --service web', 'what has happened to one service since two'],
      ['log --follow --event down up', 'servers that die and come back, as it happens'],
      ['log --rebuild --dry-run', 'what would be put back from the journal'],
    ],
    load: () => import('../log.js'),
  },
  {
    name: 'weights',
    about: 'why each measured weight is what it is, or how the weights have been',
    args: [
      {
        name: 'what',
        about:
          'explain: what the last poll found, and what came of it; history: the last hours as sparklines',
        choices: ['explain', 'history'],
      },
      { name: '[service]', about: 'only this one: its name, or VIP:port/protocol, fwmark:N' },
    ],
    options: [
      {
        flags: '--since <time>',
        about: 'history from then on: 02:00, 2026-11-21, "2026-11-21 02:00" or 2h (default: 6h)',
      },
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['weights explain web', 'for each server what its agent said, what is known, wanted and written'],
      ['weights history --since 24h', 'the weights of a day'],
    ],
    load: () => import('../weights.js'),
  },
];
