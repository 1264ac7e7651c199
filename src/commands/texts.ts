import { join } from 'node:path';
import { didYouMean, quote } from '../diagnostic/quote.js';
import { TemplateError, type Texts } from '../render/engine.js';
import type { Context } from './context.js';

/** Where administrators put templates of their own: the same names, one folder. */
export const OWN_TEMPLATES = '/etc/lvsctl/templates';

/**
 * The packaged templates and programs, each overridden by one of the same name in /etc/lvsctl/templates.
 *
 * @throws TemplateError for one of a name that would never be used
 */
export async function loadTexts({ ports, packageRoot }: Context): Promise<Texts> {
  const { files } = ports;
  const found = new Map<string, { text: string; path: string }>();
  const load = async (folder: string, prefix: string): Promise<void> => {
    for (const name of await files.list(folder)) {
      // What editors leave beside a file.
      if (/^[.#]|~$|\.(bak|swp|orig|dpkg-\w+)$/.test(name)) continue;
      const path = join(folder, name);
      const entry = await files.look(path);
      if (entry?.kind === 'folder') await load(path, `${prefix}${name}/`);
      else if (entry)
        found.set(prefix + name, { path, text: new TextDecoder().decode(await files.read(path)) });
    }
  };
  await load(join(packageRoot, 'realserver'), 'realserver/');
  await load(join(packageRoot, 'templates'), '');
  const packaged = [...found.keys()];
  await load(OWN_TEMPLATES, '');
  for (const name of [...found.keys()].slice(packaged.length)) {
    const similar = didYouMean(name, packaged);
    const help = similar ? `; did you mean ${quote(similar)}?` : '';
    throw new TemplateError(`${OWN_TEMPLATES}/${name}: there is no template of this name${help}`);
  }
  return {
    text: name => found.get(name)?.text,
    where: name => found.get(name)?.path ?? name,
    isOwn: name => found.get(name)?.path.startsWith(`${OWN_TEMPLATES}/`) === true,
  };
}
