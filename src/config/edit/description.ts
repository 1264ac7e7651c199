import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../diagnostic/diagnostic.js';
import { Source } from '../../diagnostic/source.js';
import { readClassic } from '../classic/read.js';
import { type Form, type Located, valueAt } from '../located.js';
import { editClassic } from './classic.js';
import { type Edit, editPlain } from './edit.js';

/** A description that can be edited: its plain data, and how it is written. */
export async function locate(source: Source, form: Form): Promise<Located | undefined> {
  const { located } =
    form === 'classic' ? readClassic(source) : (await import('../yaml/read.js')).readYaml(source);
  return located;
}

/**
 * The text of a description after edits, one after the other. Nothing is believed: after each of them the text is read
 * again and has to say what was meant, no more and no less.
 *
 * @param source that is read without an error
 * @returns the text, or why it cannot be edited so
 */
export async function editDescription(
  source: Source,
  form: Form,
  edits: readonly Edit[],
): Promise<string | Diagnostic> {
  const yaml = form === 'yaml' ? await import('./yaml.js') : undefined;
  let at = source;
  for (const edit of edits) {
    const located = (await locate(at, form))!;
    const text = yaml ? yaml.editYaml(at, edit) : editClassic(located, edit);
    if (typeof text !== 'string') return text;
    const next = new Source(source.name, text);
    const again = await locate(next, form);
    const wanted = editPlain(located.raw, edit);
    if (!again || !isSame(again.raw, wanted, form)) {
      const { notEditable } = await import('./yaml.js');
      return notEditable(at, edit.at, located.span(edit.at));
    }
    at = next;
  }
  return at.text;
}

/** In the classic form a new service stands below those of its VIP. */
function isSame(found: unknown, wanted: unknown, form: Form): boolean {
  if (form === 'yaml') return isDeepStrictEqual(found, wanted);
  const inOrder = (raw: unknown): unknown => {
    const services = valueAt(raw, ['services']) as readonly { address?: unknown }[];
    const sorted = services.toSorted((a, b) => (String(a.address) < String(b.address) ? -1 : 1));
    return { ...(raw as object), services: sorted };
  };
  return isDeepStrictEqual(inOrder(found), inOrder(wanted));
}
