import type { Files, Ports } from '../../system/ports.js';

/** A keepalived that runs on this machine. */
export interface Daemon {
  /** The process that is told to reload. */
  readonly parent: number;
  /** The one that checks the servers and writes the table; absent where it has just died, or nothing is to be checked. */
  readonly checker?: number;
  /** Whether a stop leaves the table as it is (`-I`, `--dont-release-ipvs`). */
  readonly keepsTable: boolean;
}

/** Debian's places of keepalived's own files; `-p` and `-c` move them. */
const PARENT = '/run/keepalived.pid';
const CHECKER = '/run/checkers.pid';

/** Undefined where none runs. */
export async function findKeepalived(files: Files): Promise<Daemon | undefined> {
  const parent = await living(files, PARENT);
  if (parent === undefined) return undefined;
  const checker = await living(files, CHECKER);
  const words = (await textOf(files, `/proc/${parent}/cmdline`)).split('\0');
  return {
    parent,
    ...(checker === undefined ? {} : { checker }),
    keepsTable: words.some(one => one === '--dont-release-ipvs' || /^-[a-zA-Z]*I/.test(one)),
  };
}

/** Whether its checker should be there, and is about to: killed, it is started anew after a second or more. */
export async function isChecking(files: Files): Promise<boolean> {
  return (await textOf(files, CHECKER)) !== '';
}

/** How keepalived runs here: not at all, without checking any server, or as a checker does. */
export async function stateOfKeepalived(files: Files): Promise<'absent' | 'idle' | 'checks'> {
  const daemon = await findKeepalived(files);
  if (!daemon) return 'absent';
  return daemon.checker !== undefined || (await isChecking(files)) ? 'checks' : 'idle';
}

/** The process that a file names, where that is a keepalived: kill -9 leaves the file, and others get the number. */
async function living(files: Files, path: string): Promise<number | undefined> {
  const pid = Number.parseInt(await textOf(files, path), 10);
  if (!(pid > 0)) return undefined;
  return (await textOf(files, `/proc/${pid}/comm`)).startsWith('keepalived') ? pid : undefined;
}

async function textOf(files: Files, path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await files.read(path, 65_536));
  } catch {
    return '';
  }
}

/**
 * Whether a checker follows the track files. It begins to when it reads its configuration, where their folder is there
 * (`never`: it was not), and ends when that folder is removed (`lost`), whatever takes its place.
 */
export async function watchOf(files: Files, checker: number): Promise<'never' | 'lost' | 'kept'> {
  const folder = `/proc/${checker}`;
  for (const name of await files.list(`${folder}/fd`).catch(() => [])) {
    const entry = await files.look(`${folder}/fd/${name}`).catch(() => undefined);
    if (entry?.kind !== 'link' || entry.target !== 'anon_inode:inotify') continue;
    return /^inotify /m.test(await textOf(files, `${folder}/fdinfo/${name}`)) ? 'kept' : 'lost';
  }
  return 'never';
}

/** As its unit's `ExecReload=` does it. @returns whether it could be told */
export async function reload({ runner }: Pick<Ports, 'runner'>, { parent }: Daemon): Promise<boolean> {
  return (await runner.run('sh', ['-c', 'kill -s HUP "$1"', 'sh', String(parent)])).exitCode === 0;
}
