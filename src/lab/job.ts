import type { Cluster } from '../cluster/cluster.js';
import type { Artifact } from '../render/output.js';
import { LOADER, type Order } from './order.js';
import { type TarEntry, tarOf } from './tar.js';

/** What the machine is given, besides the files that it shares with the host. */
export interface JobParts {
  readonly cluster: Cluster;
  readonly order: Order;
  /** As `configure --out` writes them: one for each director, one for all real servers. */
  readonly trees: readonly { readonly name: string; readonly artifacts: readonly Artifact[] }[];
  /** What the Node of this host is called; its file and its libraries are added by boot.sh. */
  readonly node: string;
  /** Of all files, seconds since 1970. */
  readonly time: number;
}

/**
 * The tar that the machine starts with: `run`, cluster.json, order.json, trees/.
 *
 * Node runs with the loader and the libraries of the host that it comes from where they are there: it may be linked
 * against newer ones than the machine has.
 */
export function jobOf({ cluster, order, trees, node, time }: JobParts): Uint8Array {
  const file = (path: string, content: string, mode = 0o644): TarEntry => ({
    kind: 'file',
    path,
    mode,
    content,
  });
  return tarOf(
    [
      file('run', runScript(node), 0o755),
      file('cluster.json', JSON.stringify(cluster)),
      file('order.json', JSON.stringify(order)),
      ...trees.flatMap(({ name, artifacts }) =>
        artifacts.map(one => entryOf(`trees/${name}${one.path}`, one)),
      ),
    ],
    time,
  );
}

function runScript(node: string): string {
  const quoted = `'./${node.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh
exec 2>&1
if [ -x ./${LOADER} ]; then set -- ./${LOADER} --library-path .; fi
exec "$@" ${quoted} lab-guest.mjs
`;
}

function entryOf(path: string, artifact: Artifact): TarEntry {
  switch (artifact.kind) {
    case 'link':
      return { kind: 'link', path, target: artifact.target };
    case 'key':
      return { kind: 'file', path, mode: 0o600, content: artifact.content ?? '' };
    case 'file':
    case 'block':
      return { kind: 'file', path, mode: artifact.mode, content: artifact.content };
  }
}

/** What `ldd` says that a program is linked with: paths of files, the loader among them. */
export function librariesOf(ldd: string): string[] {
  return [...ldd.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(match => match[1]!);
}
