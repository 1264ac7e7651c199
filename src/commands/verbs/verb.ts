import type { Run } from '../context.js';

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
  /** Its words are another program's, and it reads them itself, options too; of these `-h` is none for help. */
  readonly raw?: boolean;
  /** Command lines without `lvsctl`, each with what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  readonly load: () => Promise<{ readonly run: Run }>;
}

export const FILE: OptionSpec = {
  flags: '-f, --file <path>',
  about: 'the description; - for standard input (default: /etc/lvsctl/lvs.yaml, else /etc/lvsctl/lvs.conf)',
};
export const OUTPUT: OptionSpec = {
  flags: '-o, --output <form>',
  about: 'form of the result',
  choices: ['text', 'json'],
};
export const STRICT: OptionSpec = { flags: '--strict', about: 'take warnings for errors' };
export const REASON: OptionSpec = { flags: '--reason <text>', about: 'why, for the history' };
export const DRY_RUN: OptionSpec = {
  flags: '-n, --dry-run',
  about: 'change nothing, say what would be done',
};
export const COLOUR: OptionSpec = {
  flags: '--no-color',
  about: 'no colours, also with NO_COLOR and where no terminal is',
};

export const LOCAL: OptionSpec = {
  flags: '--local',
  about: 'also on a standby director, whose table alone it then changes',
};
