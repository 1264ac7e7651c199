import { COLOUR, DRY_RUN, FILE, OUTPUT, REASON, STRICT, type Verb } from './verb.js';

/** What changes the kernel's table, or says what would. */
export const CHANGE: readonly Verb[] = [
  {
    name: 'plan',
    about: "show what would change in the kernel's table; exit 2 where something would",
    options: [
      FILE,
      { flags: '--foreign', about: 'name the services that are not in the description, too' },
      STRICT,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['plan', 'what the description would change in the running table'],
      ['plan -f new.yaml -o json', 'the same as data, with the commands for ipvsadm'],
    ],
    load: () => import('../plan.js'),
  },
  {
    name: 'apply',
    about: "bring the kernel's table to what the description wants, and keep that as what runs",
    options: [
      FILE,
      DRY_RUN,
      { flags: '--confirm <duration>', about: 'take it back after this time unless `lvsctl confirm` comes' },
      {
        flags: '--wait [duration]',
        about: 'let the connections of servers that go end first, at most for this time (default: 5m)',
      },
      { flags: '--prune', about: 'remove the services that are not in the description, too' },
      REASON,
      STRICT,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['apply', 'make the description run'],
      ['apply --confirm 60s --reason "two more servers"', 'the same, taken back by itself unless confirmed'],
    ],
    load: () => import('../apply.js'),
  },
  {
    name: 'confirm',
    about: 'keep what `apply --confirm` has made',
    options: [DRY_RUN, OUTPUT, COLOUR],
    examples: [['confirm', 'what runs holds for good']],
    load: () => import('../confirm.js'),
  },
  {
    name: 'rollback',
    about: 'make a former generation run again',
    args: [{ name: '[generation]', about: 'its number (default: the one before)' }],
    options: [DRY_RUN, REASON, OUTPUT, COLOUR],
    examples: [
      ['rollback', 'undo the last apply'],
      ['rollback 3 --dry-run', 'what going back to generation 3 would change'],
    ],
    load: () => import('../rollback.js'),
  },
  {
    name: 'history',
    about: 'show what has been applied, when, by whom and why',
    options: [
      { flags: '--show <generation>', about: 'the description of this generation instead' },
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['history', 'all generations, the newest first; * marks what runs'],
      ['history --show 3 > old.yaml', 'the description of generation 3'],
    ],
    load: () => import('../history.js'),
  },
];
