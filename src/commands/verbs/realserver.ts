import { VIP_PLACES } from '../../cluster/cluster.js';
import { STATES } from '../../realserver/agent/state.js';
import { COLOUR, DRY_RUN, FILE, OUTPUT, type Verb } from './verb.js';

/** What a real server does by itself. */
export const REAL_SERVER: readonly Verb[] = [
  {
    name: 'realserver-setup',
    about: 'make this host a real server: the VIPs, and no answer to ARP for them',
    options: [
      FILE,
      { flags: '--host <name>', about: 'this machine is the one of this name or address' },
      { flags: '--vip <address...>', about: 'without a description: these VIPs, and no others' },
      { flags: '--interface <name>', about: 'with --vip: where the clients are heard (default: found)' },
      {
        flags: '--vip-on <place>',
        about:
          'with --vip: as an address of lo, dummy0 or tunl0 (by ipip), or by the packet filter (default: lo)',
        choices: VIP_PLACES,
      },
      { flags: '--persist', about: 'at every boot, too, by the unit lvs-realserver' },
      { flags: '--undo', about: 'restore what was found, and take the unit away' },
      { flags: '--check', about: 'change nothing; exit 2 where something would change, and say what' },
      DRY_RUN,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['realserver-setup --persist', 'as the description says, now and at every boot'],
      ['realserver-setup --vip 192.0.2.100 --vip 2001:db8::100', 'without a description'],
      ['realserver-setup --check', 'whether all is in place'],
      ['realserver-setup --undo', 'all as it was before'],
    ],
    load: () => import('../realserver-setup.js'),
  },
  {
    name: 'uptimesrv',
    about: 'the load agent: tell the directors how busy this host is',
    options: [
      {
        flags: '--listen <place>',
        about: 'ADDRESS:PORT, [IPV6]:PORT or *:PORT (default: all addresses, port 2357)',
      },
      {
        flags: '--allow <address...>',
        about: "answer only these, and this host (default: the description's directors)",
      },
      {
        flags: '--busy-file <path>',
        about: 'the application says how busy it is, in the first line of this file: MICROSECONDS [WORKERS]',
      },
      {
        flags: '--busy-command <command>',
        about: 'the same by the first line that this shell command prints',
      },
      {
        flags: '--state <word>',
        about: 'what the answers say from now on, until the next boot; returns at once',
        choices: STATES,
      },
      FILE,
      DRY_RUN,
      COLOUR,
    ],
    examples: [
      ['uptimesrv', 'answers the directors of the description'],
      ['uptimesrv --listen 192.0.2.11:2357 --allow 192.0.2.1 192.0.2.2', 'the same without a description'],
      ['uptimesrv --busy-file /run/app/busy', 'where the processors are not what limits the application'],
      ['uptimesrv --state drain', 'no new connections for this host, please'],
      ['uptimesrv -n', 'what it would say, and to whom'],
    ],
    load: () => import('../uptimesrv.js'),
  },
];
