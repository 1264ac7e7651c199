import type { Setting } from '../../render/director/duties.js';
import { shellQuote } from '../../render/engine.js';
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
