/** What lvsctl asks of the machine. Everything that has a side effect goes through one of these four. */
export interface Ports {
  readonly runner: Runner;
  readonly files: Files;
  readonly net: Net;
  readonly clock: Clock;
}

export interface RunResult {
  /** Undefined where the program did not start or was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The program does not exist or may not be run. */
  readonly missing: boolean;
  readonly timedOut: boolean;
}

export interface Runner {
  /**
   * Runs a program without a shell, with LC_ALL=C, and waits. Never throws for what the program does.
   *
   * @param options.timeout milliseconds after which it is ended
   */
  run(
    program: string,
    args: readonly string[],
    options?: { readonly input?: string; readonly timeout?: number },
  ): Promise<RunResult>;

  /**
   * Runs a program as `run` does, and hands on each line that it prints, standard error's too where the program is told
   * so, as soon as it comes.
   *
   * @param options.terminal gives it this process's terminal instead: no lines come then
   * @param options.signal ends the program, with SIGTERM first
   */
  follow(
    program: string,
    args: readonly string[],
    line: (text: string) => void,
    options?: {
      readonly input?: string | Uint8Array;
      readonly terminal?: boolean;
      readonly environment?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
    },
  ): Promise<RunResult>;
}

export type Entry =
  | { readonly kind: 'file'; readonly mode: number; readonly size: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder' | 'other' };

/** Failures are Node's errors with their `code` (ENOENT, EACCES, ENOSPC, …). Paths are absolute. */
export interface Files {
  /** Undefined where there is nothing at the path; does not follow a link at its end. */
  look(path: string): Promise<Entry | undefined>;
  /** At most `most` bytes, where given: also a device without end can be asked. */
  read(path: string, most?: number): Promise<Uint8Array>;
  /** The names in a folder, sorted; none where it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** Atomically: temporary file, fsync, rename, fsync of the folder, which is made where it is missing. */
  replace(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  /** Atomically, too. */
  link(path: string, target: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
}

export interface Net {
  /** What `uname -n` says. */
  hostName(): string;
  /** All addresses of this host's interfaces, loopback included. */
  addresses(): readonly string[];
}

export interface Clock {
  now(): Date;
  /** Milliseconds since some moment; never steps. */
  elapsed(): number;
  /** @param milliseconds how long */
  sleep(milliseconds: number): Promise<void>;
}
