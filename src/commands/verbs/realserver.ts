import { VIP_PLACES } from '../../cluster/cluster.js';
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
];
