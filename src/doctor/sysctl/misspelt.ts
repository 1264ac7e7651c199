import { didYouMean, quote } from '../../diagnostic/quote.js';
import type { Files } from '../../system/ports.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { type Assignment, isAssignment, readSysctlLines, wildcard } from './files.js';

export const misspelt: Check = {
  name: 'sysctl-names',
  about: "the files of sysctl.d name the network's settings as the kernel does",
  async examine({ ports: { files } }) {
    const lines = (await readSysctlLines(files)).filter(isAssignment);
    const found = await Promise.all(lines.map(async one => strangeness(files, one)));
    return judgeNames(found.filter(one => one !== undefined));
  },
};

/** A line whose key the kernel does not have. */
export interface Strange {
  readonly line: Assignment;
  /** The first word of its path that is not there, after these, and what is there. */
  readonly after: readonly string[];
  readonly word: string;
  readonly instead: readonly string[];
}

/** Only those of the network: others are nobody's business here, and may be of another kernel. */
async function strangeness(files: Files, line: Assignment): Promise<Strange | undefined> {
  const words = line.path.split('/');
  // Half of a hostile path may lead elsewhere.
  if (line.path.includes('[') || words.some(one => one === '' || one === '.' || one === '..'))
    return undefined;
  if (words.length > 12) return undefined;
  const after: string[] = [];
  for (const word of words) {
    const instead = await files.list(['/proc/sys', ...after].join('/'));
    const isPattern = /[*?]/.test(word);
    // Whatever it stands for has the same names below it: interfaces and tables.
    const there = isPattern ? instead.find(one => wildcard(word).test(one)) : word;
    if (there === undefined) return undefined;
    if (!isPattern && !instead.includes(word)) return { line, after, word, instead };
    if (after.length === 0 && there !== 'net') return undefined;
    after.push(there);
  }
  return undefined;
}

/** Says nothing of a key that is like no other: it may be of a module that is not loaded. */
export function judgeNames(all: readonly Strange[]): Finding[] {
  return all.flatMap(({ line, after, word, instead }): Finding[] => {
    const at = `${line.file}:${line.line}`;
    const [subject, name] = [line.file, quote(line.key)];
    if (/^net\/ipv[46]\/(conf|neigh)$/.test(after.join('/'))) {
      const what = `${at}: there is no interface ${quote(word)}, so ${name} sets nothing`;
      return [
        {
          code: 'sysctl-no-interface',
          subject,
          what,
          help: `there are ${instead
            .filter(one => one !== 'all' && one !== 'default')
            .slice(0, 8)
            .join(', ')}`,
        },
      ];
    }
    const near = didYouMean(word, instead);
    if (near === undefined) return [];
    const right = line.path.split('/').with(after.length, near).join('/');
    const help = `write ${line.key.includes('/') && !line.key.includes('.') ? right : dotted(right)} instead, and run sysctl --system`;
    return [{ code: 'sysctl-misspelt', subject, what: `${at}: the kernel has no ${name}`, help }];
  });
}

/** A path as sysctl(8) prints it. */
function dotted(path: string): string {
  return path.replaceAll(/[./]/g, one => (one === '.' ? '/' : '.'));
}
