import type { Action, Change } from '../../install/change.js';
import type { Tree } from '../../install/tree.js';
import type { Style } from '../../view/style.js';
import { unifiedDiff } from '../../view/diff.js';

/** A tree with what has to happen to it. */
export interface Comparison {
  readonly tree: Tree;
  readonly changes: readonly Change[];
  /** Files of ours that are not rendered any more. */
  readonly leftovers: readonly string[];
}

const GLYPHS: Readonly<Record<Action, string>> = {
  create: '+',
  update: '~',
  mode: '~',
  replace: '~',
  unchanged: '=',
  foreign: '!',
  blocked: '!',
};

/** One line a change; files that stay are only counted. */
export function treeText({ tree, changes, leftovers }: Comparison, style: Style): string {
  const colours: Readonly<Record<string, (text: string) => string>> = {
    '+': style.green,
    '~': style.yellow,
    '!': style.red,
  };
  const kept = changes.filter(change => change.action === 'unchanged').length;
  const counts = [count(changes.length, 'file'), ...(kept > 0 ? [`${kept} unchanged`] : [])].join(', ');
  const lines = [`${style.bold(tree.name)}: ${counts}`];
  for (const change of changes) {
    if (change.action === 'unchanged') continue;
    const glyph = GLYPHS[change.action];
    const link = change.artifact.kind === 'link' ? ` -> ${change.artifact.target}` : '';
    lines.push(`  ${colours[glyph]!(glyph)} ${change.path}${link}${noteText(change)}`);
  }
  for (const path of leftovers)
    lines.push(`  ${style.yellow('?')} ${path}  (no longer rendered; remove it by hand)`);
  return `${lines.join('\n')}\n`;
}

function noteText({ action, artifact, reason, content }: Change): string {
  const notes = [
    ...(reason ? [reason] : []),
    ...(action === 'mode' ? ['mode only'] : []),
    ...(action === 'replace' ? ['as its package shipped it; kept beside'] : []),
    ...(artifact.kind === 'block' && !reason ? ['our part of it'] : []),
    ...(artifact.kind === 'key' && content === undefined ? ['made when it is written'] : []),
  ];
  return notes.length > 0 ? `  (${notes.join('; ')})` : '';
}

/** Unified diffs of all files that change; secrets are named, not shown. */
export function diffText({ tree, changes }: Comparison, style: Style): string {
  return changes.map(change => oneDiff(tree.root, change, style)).join('');
}

function oneDiff(root: string, change: Change, style: Style): string {
  const { action, artifact, content, present } = change;
  if (action === 'unchanged' || action === 'mode' || artifact.kind === 'link') return '';
  const path = root + change.path;
  if (artifact.kind === 'key' || (artifact.kind === 'file' && artifact.secret)) {
    return `${style.bold(path)}: secret, not shown\n`;
  }
  const before = present?.bytes ? new TextDecoder().decode(present.bytes) : '';
  return unifiedDiff(present ? path : '/dev/null', path, before, content ?? '', style);
}

export function treeJson({ tree, changes, leftovers }: Comparison): object {
  return {
    name: tree.name,
    root: tree.root === '' ? '/' : tree.root,
    files: changes.map(({ path, action, artifact, reason }) => ({
      path,
      action,
      kind: artifact.kind,
      ...(artifact.kind === 'link' ? { target: artifact.target } : {}),
      ...(artifact.kind === 'file' || artifact.kind === 'block'
        ? { mode: artifact.mode.toString(8).padStart(4, '0') }
        : {}),
      ...(reason ? { reason } : {}),
    })),
    leftovers,
  };
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
