import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { pages, read, ROOT } from './documents.js';

/** What GitHub makes of a heading. */
function anchor(heading: string): string {
  const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return words.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

function anchorsOf(page: string): string[] {
  const text = read(page).replace(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(match => anchor(match[1]!));
}

for (const page of pages()) {
  test(`the links of ${page} lead somewhere`, t => {
    const text = read(page).replace(/^```[\s\S]*?^```$/gm, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]!);
    const broken = links.filter(link => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path, heading] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path!);
      return !existsSync(ROOT + target) || (heading !== undefined && !anchorsOf(target).includes(heading));
    });
    t.deepEqual(broken, []);
  });
}
