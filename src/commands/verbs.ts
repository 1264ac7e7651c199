import { TARGETS } from '../render/target-names.js';
import type { Run } from './context.js';

export interface OptionSpec {
  /** As commander reads it: `-f, --file <path>`. */
  readonly flags: string;
  readonly about: string;
  readonly choices?: readonly string[];
}

export interface Verb {
  readonly name: string;
  readonly about: string;
  readonly args?: readonly {
    readonly name: string;
    readonly about: string;
    readonly choices?: readonly string[];
  }[];
  readonly options: readonly OptionSpec[];
  /** Command lines without `lvsctl`, each with what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  readonly load: () => Promise<{ readonly run: Run }>;
}

const FILE: OptionSpec = {
  flags: '-f, --file <path>',
  about: 'the description; - for standard input (default: /etc/lvsctl/lvs.yaml, else /etc/lvsctl/lvs.conf)',
};
const OUTPUT: OptionSpec = {
  flags: '-o, --output <form>',
  about: 'form of the result',
  choices: ['text', 'json'],
};
const STRICT: OptionSpec = { flags: '--strict', about: 'take warnings for errors' };
const REASON: OptionSpec = { flags: '--reason <text>', about: 'why, for the history' };
const DRY_RUN: OptionSpec = { flags: '-n, --dry-run', about: 'change nothing, say what would be done' };
const COLOUR: OptionSpec = {
  flags: '--no-color',
  about: 'no colours, also with NO_COLOR and where no terminal is',
};

/** Every verb: help, completion, the manual's test and the dispatch are made from this table. */
export const VERBS: readonly Verb[] = [
  {
    name: 'validate',
    about: 'check a description and show all that is wrong with it',
    options: [FILE, STRICT, OUTPUT, COLOUR],
    examples: [
      ['validate -f lvs.conf', 'all problems of the file, with place and advice'],
      ['validate -f cluster.yaml --strict -o json', 'for a pipeline: warnings fail, too'],
    ],
    load: () => import('./validate.js'),
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
    load: () => import('./configure.js'),
  },
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
    load: () => import('./plan.js'),
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
    load: () => import('./apply.js'),
  },
  {
    name: 'confirm',
    about: 'keep what `apply --confirm` has made',
    options: [DRY_RUN, OUTPUT, COLOUR],
    examples: [['confirm', 'what runs holds for good']],
    load: () => import('./confirm.js'),
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
    load: () => import('./rollback.js'),
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
    load: () => import('./history.js'),
  },
  {
    name: 'tick',
    about: 'settle what has come due, and set the timer for what comes next; its timer runs it',
    options: [COLOUR],
    examples: [['tick', 'take back what was not confirmed in time']],
    load: () => import('./tick.js'),
  },
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
    load: () => import('./show.js'),
  },
  {
    name: 'import',
    about: 'turn something else into a description in YAML',
    args: [
      {
        name: 'form',
        about:
          "what is read: lvs.conf, the classic form; ipvsadm, a saved table; kernel, this machine's table",
        choices: ['lvs.conf', 'ipvsadm', 'kernel'],
      },
      { name: '[file]', about: 'the file; - or nothing for standard input' },
    ],
    options: [
      {
        flags: '--match <entries>',
        about: 'what gets firewall marks, which a table does not say: MARK=ADDRESS:PORT/PROTOCOL,…',
      },
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['import lvs.conf /etc/lvs/lvs.conf > lvs.yaml', 'the same cluster as YAML'],
      ['import kernel > lvs.yaml', 'a description of what runs on this director'],
      ['import ipvsadm /etc/ipvsadm.rules > lvs.yaml', 'a description of a saved table'],
    ],
    load: () => import('./import.js'),
  },
  {
    name: 'completion',
    about: 'print the completion for a shell',
    args: [{ name: 'shell', about: 'the shell', choices: ['bash'] }],
    options: [COLOUR],
    examples: [['completion bash > /etc/bash_completion.d/lvsctl', 'for all users']],
    load: () => import('./completion.js'),
  },
  {
    name: 'lab',
    about: 'a cluster in a virtual machine, to rehearse it before it is real',
    args: [
      {
        name: 'what',
        about:
          'demo: the example cluster at work, told as a story; rehearse: boot the described cluster and run drills on it; shell: a prompt with that cluster up',
        choices: ['demo', 'rehearse', 'shell'],
      },
    ],
    options: [
      FILE,
      { flags: '--report <path>', about: "write the rehearsal's report to this file, as one page of HTML" },
      { flags: '--install', about: 'install the Debian packages that the lab lacks' },
      STRICT,
      OUTPUT,
      COLOUR,
    ],
    examples: [
      ['lab demo', 'ARP wrong and right, requests balanced, a server and a director that die'],
      ['lab rehearse -f lvs.conf --report lvs.html', 'whether the cluster does what it should'],
      ['lab shell -f lvs.conf', 'look around in it; `host NAME` enters a host'],
    ],
    load: () => import('./lab.js'),
  },
];
