import type { Duties, Setting } from '../../render/director/duties.js';
import { shellQuote } from '../../render/shell-quote.js';
import type { Files } from '../../system/ports.js';
import type { Act } from './act.js';

const PROC_SYS = '/proc/sys/';

/** What a setting is; undefined where this kernel, as it is now, has none of the name. */
export async function readSetting(files: Files, path: string): Promise<string | undefined> {
  try {
    const bytes = await files.read(PROC_SYS + path, 4096);
    return new TextDecoder().decode(bytes).trim().replaceAll(/\s+/g, ' ');
  } catch {
    return undefined;
  }
}

/** Whether a director standing by leaves packets alone that the active one has balanced. */
const BACKUP_ONLY = 'net/ipv4/vs/backup_only';

/**
 * The settings of an active director. With heartbeat both sync daemons run there, and the kernel takes for a standby
 * whoever receives connections (`sysctl_backup_only` of ip_vs.h): it would balance nothing.
 */
export function settingsOfActive({
  failover,
  settings,
}: Pick<Duties, 'failover' | 'settings'>): readonly Setting[] {
  if (failover !== 'heartbeat') return settings;
  return settings.map(one => (one.path === BACKUP_ONLY ? { ...one, value: '0' } : one));
}

/** Of those the ones that a standby has otherwise. */
export function settingsOfStandby({
  failover,
  settings,
}: Pick<Duties, 'failover' | 'settings'>): readonly Setting[] {
  return failover === 'heartbeat' ? settings.filter(({ path }) => path === BACKUP_ONLY) : [];
}

/** Those that are not as they should be. */
export async function settingsToMake(files: Files, wanted: readonly Setting[]): Promise<Setting[]> {
  const found = await Promise.all(wanted.map(({ path }) => readSetting(files, path)));
  return wanted.filter(({ value }, index) => found[index] !== value.replaceAll(/\s+/g, ' '));
}

/** The shell opens the file: what is written below /proc/sys cannot be a file made elsewhere and renamed. */
export function makeSetting({ path, value }: Setting): Act {
  const file = PROC_SYS + path;
  return {
    program: 'sh',
    args: ['-c', 'printf "%s\\n" "$1" >"$2"', 'sh', value, file],
    line: `echo ${value.split(' ').map(shellQuote).join(' ')} > ${shellQuote(file)}`,
  };
}
