import type { Cluster } from '../cluster/cluster.js';
import { presentAt } from '../install/tree.js';
import { onFile } from '../state/failure.js';
import { type FirstFile, forgetFirstFiles, readFirstFiles, writeFirstFiles } from '../state/first-files.js';
import type { Files, Ports } from '../system/ports.js';
import type { FilesChange, RenewedFile } from '../table/renewed.js';
import { eachBack, putOld, unmake } from './renew.js';
import { changeOf, type Renewal } from './renewal.js';

/**
 * Keeps what is about to change of the rendered files while nothing holds that a trial could go back to: what was there
 * before the first generation comes back with its table. Killed afterwards, the next trial keeps it anew.
 *
 * @param isFirst whether nothing runs: what is kept then is of a trial that has ended
 * @throws StateFailure
 */
export async function keepFirstFiles(
  files: Files,
  { files: all }: FilesChange,
  isFirst: boolean,
): Promise<void> {
  const kept = isFirst ? [] : await readFirstFiles(files);
  const known = new Set(kept.map(one => one.path));
  const added: FirstFile[] = [];
  for (const { path } of all) if (!known.has(path)) added.push(...(await firstFile(files, path)));
  if (added.length > 0) await writeFirstFiles(files, [...kept, ...added]);
  else if (isFirst) await forgetFirstFiles(files);
}

/** None for what is neither a file nor absent, which nothing takes the place of. */
async function firstFile(files: Files, path: string): Promise<readonly FirstFile[]> {
  const present = await onFile(path, () => presentAt(path, files));
  if (!present) return [{ path }];
  const { entry, bytes } = present;
  if (entry.kind !== 'file' || !bytes) return [];
  return [{ path, was: { mode: entry.mode, content: Buffer.from(bytes).toString('base64') } }];
}

/** What changes of them where nothing runs any more. @param trial what ran @throws StateFailure, KernelFailure */
export async function renewalToFirst(ports: Ports, trial: Cluster): Promise<Renewal> {
  const changed: RenewedFile[] = [];
  for (const one of await readFirstFiles(ports.files)) {
    if (!(await onFile(one.path, () => isAsFirst(ports.files, one))))
      changed.push({ path: one.path, act: 'renew' });
  }
  return { change: await changeOf(ports, changed, trial), changes: [], left: [], notes: [] };
}

async function isAsFirst(files: Files, { path, was }: FirstFile): Promise<boolean> {
  const present = await presentAt(path, files);
  if (!was || !present) return !was && !present;
  const { entry, bytes } = present;
  return entry.kind === 'file' && entry.mode === was.mode && bytesOf(was).equals(bytes!);
}

function bytesOf({ content }: NonNullable<FirstFile['was']>): Buffer {
  return Buffer.from(content, 'base64');
}

/**
 * Puts them back as they were, and removes what was made. What somebody has edited meanwhile stays.
 *
 * @returns what could not be put back, a sentence each
 * @throws StateFailure where it is not known how they were
 */
export async function putFirstFiles(files: Files): Promise<string[]> {
  const all = await readFirstFiles(files);
  return await eachBack(all.map(one => [one.path, () => putFirstFile(files, one)]));
}

async function putFirstFile(files: Files, one: FirstFile): Promise<string | undefined> {
  const { path, was } = one;
  if (await isAsFirst(files, one)) return undefined;
  if (!was) return await unmake(files, path);
  const like = (await files.look(path)) ? path : undefined;
  const bytes = bytesOf(was);
  return await putOld(files, path, { bytes, mode: was.mode }, () =>
    files.replace(path, bytes, was.mode, like),
  );
}
