import { shellQuote } from '../render/shell-quote.js';
import type { Files } from '../system/ports.js';
import type { Lab } from './lab.js';
import { type Acting, LOADER } from './order.js';

/** On a director, where the scripts and units find it first. */
export const LVSCTL = '/usr/local/sbin/lvsctl';
/** What `recordAlerts` hands over to, and the description, before its ending. */
export const ACTING = '/usr/local/lib/lvsctl/start';
export const APPLIED = '/etc/lvsctl/lvs';

/** How the lvsctl that is in the job is started, as a shell reads it: with the Node and the loader beside it. */
export async function startOf(node: string, files: Files, folder: string): Promise<string> {
  const loader = `${folder}/${LOADER}`;
  const begin = (await files.look(loader)) ? [loader, '--library-path', folder] : [];
  return [...begin, `${folder}/${node}`, `${folder}/dist/main.js`].map(shellQuote).join(' ');
}

/** Puts lvsctl and the description on every director, also for when it is switched on again. */
export async function installActing(
  lab: Lab,
  { file, text, node }: Acting,
  files: Files,
  folder: string,
): Promise<void> {
  const tree = `${folder}/trees/.acting`;
  const start = await startOf(node, files, folder);
  const ending = /\.[a-z]+$/.exec(file)?.[0] ?? '';
  await files.replace(`${tree}${ACTING}`, `#!/bin/sh\nexec ${start} "$@"\n`, 0o755);
  await files.replace(`${tree}${APPLIED}${ending}`, text, 0o644);
  await lab.install(lab.role('director'), tree);
}
