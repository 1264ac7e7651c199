import type { Artifact } from '../render/output.js';
import { provenance } from '../render/stamp.js';
import type { Entry, Files } from '../system/ports.js';
import { type Change, decide, type Present, textOf } from './change.js';
import { conffileTest } from './conffiles.js';

/** A host's files, and where they are to be: below `root`, which is empty for this very host. */
export interface Tree {
  readonly name: string;
  readonly root: string;
  readonly artifacts: readonly Artifact[];
}

/** What has to happen for each file of a tree, in its order. Reads only. */
export async function compare(tree: Tree, files: Files, origin: string): Promise<Change[]> {
  let isShipped: ((path: string, content: Uint8Array) => boolean) | undefined;
  const changes: Change[] = [];
  for (const artifact of tree.artifacts) {
    const present = await presentAt(tree.root + artifact.path, files);
    const first = decide(artifact, present, origin, () => false);
    if (first.action === 'foreign' && tree.root === '') {
      // dpkg's list is large; only for who needs it.
      isShipped ??= await conffileTest(files);
      changes.push(decide(artifact, present, origin, isShipped));
    } else changes.push(first);
  }
  return changes;
}

export async function presentAt(path: string, files: Files): Promise<Present | undefined> {
  const entry: Entry | undefined = await files.look(path);
  if (!entry) return undefined;
  return entry.kind === 'file' ? { entry, bytes: await files.read(path) } : { entry };
}

/** Files of ours below a tree's root, or at the places that lvsctl knows, which are not rendered any more. */
export async function leftovers(tree: Tree, places: readonly string[], files: Files): Promise<string[]> {
  const wanted = new Set(tree.artifacts.map(one => one.path));
  const candidates = tree.root === '' ? places : await walk(tree.root, '', files);
  const found: string[] = [];
  for (const path of new Set(candidates)) {
    if (wanted.has(path)) continue;
    const present = await presentAt(tree.root + path, files);
    if (!present?.bytes) continue;
    if (provenance(textOf(present.bytes)) !== 'foreign') found.push(path);
  }
  return found;
}

async function walk(root: string, folder: string, files: Files): Promise<string[]> {
  const found: string[] = [];
  for (const name of await files.list(root + folder)) {
    const path = `${folder}/${name}`;
    const entry = await files.look(root + path);
    if (entry?.kind === 'folder') found.push(...(await walk(root, path, files)));
    else if (entry?.kind === 'file' && !name.endsWith('.lvsctl-old')) found.push(path);
  }
  return found;
}
