import type { Runner } from '../system/ports.js';

/** Where the script of real servers and its planner are. */
export interface Script {
  readonly script: string;
  readonly planner: string;
}

/** What it is asked for; with `-n` it only prints what it would run. */
export type Order = readonly ['start' | 'stop', '-n'?] | readonly ['check'];

/** What it did and said. */
export interface Told {
  /** Undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  /** There is no shell. */
  readonly missing: boolean;
  /** Each command that it ran or would run, as it printed it, without the `# `. */
  readonly commands: readonly string[];
  /** All else, without the names of the script and of its settings. */
  readonly words: readonly string[];
}

/**
 * Settings and planner come as its tests have them, and both outputs in the order in which it writes. It waits for
 * another as long as any verb that a person has typed.
 */
const WRAPPER =
  'export LVSCTL_REALSERVER_CONF=- LVSCTL_PATIENCE=5 LVSCTL_REALSERVER_AWK="$1"; shift; exec sh "$@" 2>&1';

/**
 * Runs the script: the acts on a real server have this one implementation, with Node and without.
 *
 * @param settings its text; undefined where it is not to read any
 * @param echo is told each command as it is run
 * @param signal ends it, and it takes back what it did
 */
export async function runScript(
  runner: Runner,
  { script, planner }: Script,
  order: Order,
  settings: string | undefined,
  echo: (command: string) => void,
  signal: AbortSignal,
): Promise<Told> {
  const commands: string[] = [];
  const words: string[] = [];
  const heard = (line: string): void => {
    if (line.startsWith('# ')) {
      commands.push(line.slice(2));
      echo(line.slice(2));
    } else if (line !== '') words.push(line.replace(/^(realserver\.lvs\.dr: |the settings:\d+: )/, ''));
  };
  const { exitCode, missing } = await runner.follow(
    'sh',
    ['-c', WRAPPER, 'sh', planner, script, ...order.filter(word => word !== undefined)],
    heard,
    // Without the last line it would take them for torn.
    { ...(settings === undefined ? {} : { input: `${settings}# end\n` }), signal },
  );
  return { exitCode, missing, commands, words };
}
