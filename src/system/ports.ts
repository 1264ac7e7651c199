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
   * @param options.holding a lock that stays held until the program has ended, also where this process ends before it
   */
  run(
    program: string,
    args: readonly string[],
    options?: { readonly input?: string; readonly timeout?: number; readonly holding?: Lock },
  ): Promise<RunResult>;

  /**
   * Runs a program as `run` does, and hands on each line that it prints, standard error's too where the program is told
   * so, as soon as it comes.
   *
   * @param options.signal ends the program, with SIGTERM first
   */
  follow(
    program: string,
    args: readonly string[],
    line: (text: string) => void,
    options?: {
      readonly input?: string | Uint8Array;
      readonly signal?: AbortSignal;
    },
  ): Promise<RunResult>;
}

/** A program that runs beside this one and is talked with. It gets the end of its input when this one ends. */
export interface Companion {
  /** Bytes for its standard input. */
  tell(bytes: Uint8Array): void;
  /** Whether this program has to stay for what it says. At first it has not. */
  await(isAwaited: boolean): void;
}

/**
 * Starts one, with LC_ALL=C; what it complains about is this program's standard error.
 *
 * @param heard is given what it prints, in pieces as they come
 * @param ended is called once, with the reason, where it ends or did not start
 */
export type Accompany = (
  program: string,
  args: readonly string[],
  heard: (bytes: Uint8Array) => void,
  ended: (reason: string) => void,
) => Companion;

export type Entry =
  | { readonly kind: 'file'; readonly mode: number; readonly size: number }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'folder' | 'other' };

/** Failures are Node's errors with their `code` (ENOENT, EACCES, ENOSPC, …). Paths are absolute. */
export interface Files {
  /** Undefined where there is nothing at the path; does not follow a link at its end. */
  look(path: string): Promise<Entry | undefined>;
  /**
   * At most `most` bytes, where given: also a device without end can be asked, and a pipe.
   *
   * @param signal ends the waiting for who writes to a pipe, with an AbortError
   */
  read(path: string, most?: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** At most `most` bytes, at once, without another thread: of the kernel's own files alone, for which nobody waits. */
  readNow(path: string, most: number): Uint8Array;
  /** The bytes of a file from this one on, in pieces of at most a MiB, whatever becomes of its name meanwhile. */
  stream(path: string, from: number): AsyncIterable<Uint8Array>;
  /** The names in a folder, sorted; none where it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /**
   * Atomically: temporary file, fsync, rename, fsync of the folder, which is made where it is missing. Killed in
   * between, it leaves the temporary file, `.lvsctl-` and hexadecimal digits, and the old one.
   *
   * @param like a file that is there: the new one gets its owner and group
   */
  replace(path: string, content: string | Uint8Array, mode: number, like?: string): Promise<void>;
  /** Atomically, too. */
  link(path: string, target: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Makes a folder, and those above it, with this mode whatever the umask; one that is there keeps its own. */
  makeFolder(path: string, mode: number): Promise<void>;
  /**
   * Adds whole lines to the end of a file and syncs it. Several processes may do so at once. Where the last line is
   * without its end, because its writer died, the new ones start on a line of their own.
   *
   * @param lines each with its end
   * @param mode of a file that is made
   */
  append(path: string, lines: string, mode: number): Promise<void>;
  /** Removes a file or link, and syncs its folder; nothing where none is. */
  remove(path: string): Promise<void>;
  /** Gives a file another name, in place of what has that name. */
  rename(path: string, to: string): Promise<void>;
  /**
   * Locks a file, as flock(1) does, until it is released or this process ends, however it ends. The file is made where
   * it is missing, with mode 0600, since whoever may read it may lock it; its folder has to be there.
   *
   * @param note what the file says as long as it is locked: who holds it, for those who wait
   * @param wait milliseconds
   * @returns undefined where another holds it all that time
   * @throws an error with code ENOENT and path `flock` where that program is missing
   */
  lock(path: string, note: string, wait: number): Promise<Lock | undefined>;
}

export interface Lock {
  /** The open file that holds the lock, for `Runner.run`'s `holding`. */
  readonly descriptor: number;
  /** Once is enough; more does nothing. */
  release(): Promise<void>;
}

export interface Net {
  /** What `uname -n` says. */
  hostName(): string;
  /** All addresses of this host's interfaces, loopback included. */
  addresses(): readonly string[];
  /**
   * Says something to everyone who connects, and reads nothing, until it is told to stop.
   *
   * @throws an error with `code` and `place` where it cannot listen (EADDRINUSE, EACCES, EADDRNOTAVAIL, …)
   */
  serve(serving: Serving): Promise<void>;
  /**
   * Connects by TCP, says nothing, and listens until the other side has ended or said so much. Never throws for what
   * the other side does.
   *
   * @param options.timeout milliseconds for all of it
   * @param options.most bytes
   */
  hear(endpoint: Endpoint, options: { readonly timeout: number; readonly most: number }): Promise<Said>;
  /** Connects by TCP and ends. @returns the milliseconds that it took; undefined where nobody answered in this time */
  connect(endpoint: Endpoint, timeout: number): Promise<number | undefined>;
  /**
   * Asks by UDP, once. Never throws for what the other side does.
   *
   * @param options.isAnswer what else comes from there is passed over
   * @returns the milliseconds until the answer; undefined where none came in this time
   */
  ask(
    endpoint: Endpoint,
    question: Uint8Array,
    options: { readonly timeout: number; readonly isAnswer: (said: Uint8Array) => boolean },
  ): Promise<number | undefined>;
}

/** Where to listen: without an address on all of both families, or of IPv4 where there is no other. */
export interface Place {
  readonly address?: string;
  readonly port: number;
}

export interface Serving {
  /** Sockets that systemd has opened go before them: sd_listen_fds(3). */
  readonly places: readonly Place[];
  /** Called once, with what it listens on. */
  listening(places: readonly string[]): void;
  /**
   * @param peer the address of who has connected; IPv4 as such, whatever the socket
   * @returns undefined to break off without a word
   */
  answer(peer: string): Promise<string | undefined>;
  /** Somebody could not be answered: no descriptor is left, or the answer failed. */
  trouble(error: unknown): void;
  /** Ends it; whoever is being answered is broken off. */
  readonly signal: AbortSignal;
}

/** An address and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * What came, or why nothing did: an error's code such as ECONNREFUSED, `timeout`, or `nothing` where it was ended at once.
 * Where something came first, `broken` is that reason: whoever leaves the connection open may have said all the same.
 */
export type Said = { readonly text: string; readonly broken?: string } | { readonly silent: string };

export interface Clock {
  now(): Date;
  /** Milliseconds since some moment that all processes of this boot share, not before the boot; never steps. */
  elapsed(): number;
  /**
   * @param milliseconds how long
   * @param signal ends it early
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A terminal that has been taken for a whole screen. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  /** All of it at once. Resolves when the terminal has taken it. */
  write(text: string): Promise<void>;
  /** Gives it back as it was; a second time does nothing. */
  close(): void;
}

export interface TerminalListener {
  /** What was typed, as the terminal sends it; Ctrl-C is a key. */
  readonly keys: (text: string) => void;
  readonly resized: () => void;
}
