import { TARGETS } from '../../render/target-names.js';
import { COLOUR, FILE, OUTPUT, STRICT, type Verb } from './verb.js';

/** What reads a description, and makes files of it. */
export const DESCRIBE: readonly Verb[] = [
  {
    name: 'validate',
    about: 'check a description and show all that is wrong with it',
    options: [FILE, STRICT, OUTPUT, COLOUR],
    examples: [
      ['validate -f lvs.conf', 'all problems of the file, with place and advice'],
      ['validate -f cluster.yaml --strict -o json', 'for a pipeline: warnings fail, too'],
    ],
    load: () => import('../validate.js'),
  },
  {
    name: 'configure',
    about: 'make the files that each machine of the cluster needs',
    options: [
      FILE,
      {
        flags: '--out <dir>',
        about: 'write below this folder, one tree a director and one for all real servers',
      },
      { flags: '--host <name>', about: 'only for this machine: a name or address of the description' },
      { flags: '--target <name...>', about: 'only the files of these', choices: TARGETS },
      { flags: '--diff', about: 'show what changes in each file' },
      { flags: '--check', about: 'write nothing; exit 2 where something would change' },
      { flags: '-n, --dry-run', about: 'write nothing, say what would be done' },
      {
        flags: '--force',
        about: 'replace files that are not ours, or were edited; each is kept as NAME.lvsctl-old',
      },
      { flags: '--fragment', about: 'put only our part into an existing keepalived.conf or mon.cf' },
      STRICT,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['configure --out files', 'all files of all machines, to look at and to copy'],
      ['configure --dry-run --diff', 'what would change on this machine'],
      ['configure', "this machine's files, in their places"],
      ['configure --out files --host midas --target keepalived', 'one program of one machine'],
    ],
    load: () => import('../configure.js'),
  },
];
