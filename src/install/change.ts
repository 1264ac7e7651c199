import type { Artifact } from '../render/output.js';
import { provenance, sameButOrigin } from '../render/stamp.js';
import type { Entry } from '../system/ports.js';
import { findBlock, withBlock } from './block.js';

/** What is at an artifact's path now. */
export interface Present {
  readonly entry: Entry;
  /** Of a file. */
  readonly bytes?: Uint8Array;
}

export type Action =
  | 'create'
  | 'update'
  /** The content is right, the mode is not. */
  | 'mode'
  | 'unchanged'
  /** As its Debian package shipped it: replaced, and kept beside. */
  | 'replace'
  /** Someone else's, or edited: replaced only by force, and kept beside. */
  | 'foreign'
  /** Nothing can be put there. */
  | 'blocked';

export interface Change {
  readonly path: string;
  readonly action: Action;
  readonly artifact: Artifact;
  /** The whole content that the file is to have; undefined for a link, and for a key that a dry run may not make. */
  readonly content: string | undefined;
  readonly present?: Present;
  /** Why it is foreign or blocked. */
  readonly reason?: string;
}

/** What has to happen at one path. Pure: `isShipped` says whether a foreign file is as its package shipped it. */
export function decide(
  artifact: Artifact,
  present: Present | undefined,
  origin: string,
  isShipped: (path: string, content: Uint8Array) => boolean,
): Change {
  const path = artifact.path;
  const content = wanted(artifact, present, origin);
  const change = (action: Action, reason?: string): Change => ({
    path,
    action,
    artifact,
    content,
    ...(present ? { present } : {}),
    ...(reason === undefined ? {} : { reason }),
  });
  if (!present) return change('create');
  if (present.entry.kind === 'folder') return change('blocked', 'a folder is there');
  if (artifact.kind === 'link') {
    if (present.entry.kind === 'link' && present.entry.target === artifact.target) return change('unchanged');
    return change('foreign', 'something else is there');
  }
  if (present.entry.kind !== 'file' || !present.bytes) return change('foreign', 'it is no regular file');
  const text = textOf(present.bytes);
  if (artifact.kind === 'block' && !isExact(text, present.bytes)) return change('blocked', 'it is not UTF-8');
  if (content !== undefined && holds(artifact, text, content)) {
    const mode = artifact.kind === 'key' ? 0o600 : artifact.mode;
    // Of a file that is not all ours the mode is its owner's affair.
    return change(artifact.kind === 'block' || present.entry.mode === mode ? 'unchanged' : 'mode');
  }
  if (artifact.kind === 'key') {
    return content === undefined ? change('unchanged') : change('foreign', 'it holds another key');
  }
  if (artifact.kind === 'block') {
    const found = findBlock(text);
    return found && !found.intact ? change('foreign', 'our part of it was edited') : change('update');
  }
  const origins = provenance(text);
  if (origins === 'ours') return change('update');
  if (isShipped(path, present.bytes)) return change('replace');
  return change(
    'foreign',
    origins === 'changed' ? 'it was edited since lvsctl wrote it' : 'lvsctl did not write it',
  );
}

/** Whether the text is as good as the wanted one. */
function holds({ kind }: Artifact, text: string, content: string): boolean {
  if (kind === 'file') return sameButOrigin(text, content) || text === content;
  // An editor may have ended the key with a line end.
  return (kind === 'key' ? text.trim() : text) === content;
}

/** All characters of a file, a byte order mark among them; what is no text becomes replacement characters. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Whether the text can be written again without a change to the bytes that it came from. */
function isExact(text: string, bytes: Uint8Array): boolean {
  return Buffer.compare(Buffer.from(text), bytes) === 0;
}

function wanted(artifact: Artifact, present: Present | undefined, origin: string): string | undefined {
  if (artifact.kind === 'link') return undefined;
  if (artifact.kind !== 'block') return artifact.content;
  const text = present?.bytes ? textOf(present.bytes) : '';
  const found = findBlock(text);
  // The same part from a description of another name stays as it is.
  if (found?.intact && found.content === artifact.content) return text;
  return withBlock(text, artifact.content, origin);
}
