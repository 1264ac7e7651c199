import type { Ports } from '../system/ports.js';
import type { Style } from '../view/style.js';

/** What a command is given besides its arguments. */
export interface Context {
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
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** All of standard input, up to this many bytes. */
  stdin(most: number): Promise<Uint8Array>;
  /** Whether the user has asked to stop. */
  interrupted(): boolean;
}

/** The values of the options that a verb declares, by their long names in camel case. */
export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export type Run = (context: Context, args: readonly string[], options: Options) => Promise<number>;
