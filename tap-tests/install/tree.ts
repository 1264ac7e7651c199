import type { Change } from '../../src/install/change.js';
import { compare, type Tree } from '../../src/install/tree.js';
import { write } from '../../src/install/write.js';
import type { Artifact } from '../../src/render/output.js';
import { stamp } from '../../src/render/stamp.js';
import type { Files } from '../../src/system/ports.js';

export const ORIGIN = 'lvs.conf';

export function file(path: string, content: string, mode = 0o644): Artifact {
  return { kind: 'file', path, mode, content: stamp(content, ORIGIN), secret: false };
}

export function block(path: string, content: string): Artifact {
  return { kind: 'block', path, mode: 0o644, content, secret: false };
}

export function tree(...artifacts: Artifact[]): Tree {
  return { name: 'midas', root: '', artifacts };
}

/** `PATH: ACTION` for each, with the reason where there is one. */
export function said(changes: readonly Change[]): string[] {
  return changes.map(({ path, action, reason }) => `${path}: ${action}${reason ? ` (${reason})` : ''}`);
}

/** What has to happen, done. */
export async function install(one: Tree, files: Files): Promise<string[]> {
  const changes = await compare(one, files, ORIGIN);
  await write(one, changes, files);
  return said(changes);
}
