import type { Ports, Terminal, TerminalListener } from '../system/ports.js';
import type { Style } from '../view/style.js';

/** The process around the commands, as main.ts finds it. */
export interface Surroundings {
  readonly ports: Ports;
  readonly version: string;
  /** The folder of package.json: templates and examples are below it. */
  readonly packageRoot: string;
  /** Relative paths of the command line start here. */
  readonly workingDirectory: string;
  /** Results. */
  out(text: string): void;
  /** All else. */
  err(text: string): void;
  /** Whether results, and all else, may have colours. */
  readonly outColour: boolean;
  readonly errColour: boolean;
  /** All of standard input, up to this many bytes. */
  stdin(most: number): Promise<Uint8Array>;
  /** Gives up a file that whoever started this has left open. */
  close(descriptor: number): void;
  /** Whether the user has asked to stop. */
  interrupted(): boolean;
  /** Acts, and does not end in its middle because nobody reads the output any more. */
  undisturbed<T>(act: () => Promise<T>): Promise<T>;
  /** Aborted when the user asks to stop. */
  readonly stop: AbortSignal;
  /** Whether standard input, and standard error, are terminals. */
  readonly inTerminal: boolean;
  readonly errTerminal: boolean;
  /** Takes the terminal that is standard input and output; absent where they are none, or one that cannot move its cursor. */
  readonly openTerminal?: (listener: TerminalListener) => Terminal;
  /** The file of the Node that runs this. */
  readonly node: string;
  /** What starts this program once more: Node, and its script. */
  readonly program: readonly string[];
  readonly pid: number;
  /** Who typed the command: the one before sudo, else the login. */
  readonly user: string;
  /** MON_ALERTTYPE, where mon has set it: what kind of alert this is. */
  readonly monAlertType?: string | undefined;
  /** PATH. */
  readonly searchPath: string;
  /** LVSCTL_LAB_ACCEL, where it is set: what lab/boot.sh is to run its machine with. */
  readonly labAccelerator?: string | undefined;
}

/** What a command is given besides its arguments. */
export interface Context extends Surroundings {
  readonly outStyle: Style;
  readonly errStyle: Style;
}

/** The values of the options that a verb declares, by their long names in camel case. */
export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export type Run = (context: Context, args: readonly string[], options: Options) => Promise<number>;
