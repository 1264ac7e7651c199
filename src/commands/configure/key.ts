import { randomBytes } from 'node:crypto';
import type { Cluster, Director } from '../../cluster/cluster.js';
import type { Files } from '../../system/ports.js';
import { EXIT, Failure, fileFailure } from '../exit.js';

interface KeyQuestion {
  readonly cluster: Cluster;
  /** Where the trees go; undefined in place. */
  readonly out: string | undefined;
  /** In place: which director this is. */
  readonly director: Director | undefined;
  readonly dryRun: boolean;
}

/**
 * The secret that both directors' heartbeats share: the one at `key_file`, or one already in a tree of the output,
 * or a new one of 256 bits. In place only the first director makes it; a dry run makes none (undefined).
 */
export async function failoverKey(question: KeyQuestion, files: Files): Promise<string | undefined> {
  const { cluster, out, director, dryRun } = question;
  const { keyFile } = cluster.failover;
  const trees = out === undefined ? [] : cluster.directors.map(one => `${out}/${one.name}${keyFile}`);
  for (const path of [keyFile, ...trees]) {
    const key = await readKey(path, files);
    if (key !== undefined) return key;
  }
  if (dryRun) return undefined;
  const [first] = cluster.directors;
  if (out === undefined && director?.name !== first?.name) {
    throw new Failure(
      EXIT.failed,
      `the failover key ${keyFile} is missing; ${first?.name ?? 'the first director'} makes it`,
      `copy it from there: scp -p ${first?.name ?? 'DIRECTOR'}:${keyFile} ${keyFile}`,
    );
  }
  return randomBytes(32).toString('hex');
}

async function readKey(path: string, files: Files): Promise<string | undefined> {
  try {
    if (!(await files.look(path))) return undefined;
    const key = new TextDecoder().decode(await files.read(path, 4096)).trim();
    if (/^[\x21-\x7e]{16,1024}$/.test(key)) return key;
  } catch (error) {
    throw fileFailure(`the failover key ${path} cannot be read`, error);
  }
  throw new Failure(
    EXIT.failed,
    `the failover key ${path} is no key: it has to be one word of 16 to 1024 printable characters`,
    'remove it, and a new one is made',
  );
}
