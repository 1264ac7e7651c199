import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { DirectorInput } from '../../src/render/output.js';
import { PLACES } from '../../src/render/places.js';
import { reader } from './readers.js';
import { bodyOf, renderDirector } from './rendered.js';

/** Interfaces must be there, or keepalived complains; without links or addresses they will do. */
const JUDGE = `
  keepalived=$1 interfaces=$2
  shift 2
  number=0
  for name in $interfaces; do
    ip link add name "$name" type veth peer name "wire$number"
    number=$((number + 1))
  done
  for file; do
    output=$("$keepalived" -t -f "$file" 2>&1)
    echo "$? $output" >"$file.said"
  done
`;

/** What the real keepalived has to say of each text, by its name; only those that it does not accept in silence. */
export function complaints(
  texts: Readonly<Record<string, string>>,
  interfaces: readonly string[] = ['eth0', 'eth1', 'eth2'],
): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'keepalived-'));
  try {
    const path = (index: number): string => join(folder, `${index}.conf`);
    const all = Object.entries(texts);
    for (const [index, [, text]] of all.entries()) writeFileSync(path(index), text);
    const own = process.getuid?.() === 0 ? '-n' : '-rn';
    const words = [
      own,
      'sh',
      '-c',
      JUDGE,
      'judge',
      reader('keepalived'),
      interfaces.join(' '),
      ...all.map((_, index) => path(index)),
    ];
    const { status, stderr } = spawnSync('unshare', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`no network namespace: ${stderr}`);
    const said = all.map(([name], index) => [name, readFileSync(`${path(index)}.said`, 'utf8')] as const);
    return Object.fromEntries(said.filter(([, words]) => words !== '0 \n'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** keepalived.conf of the first director. */
export function keepalivedConf(cluster: Cluster, changes: Partial<DirectorInput> = {}): string {
  return bodyOf(renderDirector(cluster, ['keepalived'], changes), cluster.keepalived.config);
}

/** The part of keepalived.conf that is ours where the rest is someone else's. */
export function keepalivedFragment(cluster: Cluster): string {
  return bodyOf(renderDirector(cluster, ['keepalived'], { fragment: () => true }), PLACES.keepalivedFragment);
}
