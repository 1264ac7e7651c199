import type { Files } from '../system/ports.js';

/** A program, and the Debian package that brings it. */
export interface Need {
  readonly program: string;
  readonly debianPackage: string;
}

/** The list lab/needs: a program and a package a line; `#` begins a comment. */
export function parseNeeds(text: string): Need[] {
  const lines = text.split('\n').filter(line => /^[^#\s]/.test(line));
  return lines.map(line => {
    const [program = '', debianPackage = ''] = line.split(/\s+/);
    return { program, debianPackage };
  });
}

/** A user's PATH often lacks the folders where mke2fs is. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The packages, each once, of the programs that are in none of the folders of `path`, nor where root has its own. */
export async function missingPackages(needs: readonly Need[], path: string, files: Files): Promise<string[]> {
  const folders = [...path.split(':').filter(folder => folder.startsWith('/')), ...MORE_FOLDERS];
  const missing = new Set<string>();
  for (const { program, debianPackage } of needs) {
    if (!(await isIn(folders, program, files))) missing.add(debianPackage);
  }
  return [...missing];
}

async function isIn(folders: readonly string[], program: string, files: Files): Promise<boolean> {
  for (const folder of folders) {
    // A folder that may not be looked into has no program for us either.
    if (await files.look(`${folder}/${program}`).catch(() => undefined)) return true;
  }
  return false;
}

/** The line that installs them, for a shell. */
export function installLine(packages: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get ${installWords(packages).join(' ')}`;
}

/** The words for apt-get. */
export function installWords(packages: readonly string[]): string[] {
  return ['install', '-y', '--no-install-recommends', ...packages];
}
