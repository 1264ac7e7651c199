import { PLACES } from '../render/places.js';
import { readIfThere, writeKept } from '../state/documents.js';
import { PERSISTED } from '../state/paths.js';
import type { Files } from '../system/ports.js';

/** All that may be in the note: whatever else it names is not ours to remove. */
const OURS: readonly string[] = [
  PLACES.realServerScript,
  PLACES.realServerPlanner,
  PLACES.realServerSettings,
  PLACES.realServerUnit,
  PLACES.realServerDropIn,
];

/** The files that `--persist` made, where none was before. @throws StateFailure */
export async function readPersisted(files: Files): Promise<string[]> {
  const bytes = await readIfThere(files, PERSISTED);
  const noted = new TextDecoder().decode(bytes ?? new Uint8Array()).split('\n');
  return OURS.filter(path => noted.includes(`made=${path}`));
}

/** @throws StateFailure */
export async function writePersisted(files: Files, paths: readonly string[]): Promise<void> {
  const lines = OURS.filter(path => paths.includes(path)).map(path => `made=${path}\n`);
  const head = '# What lvsctl realserver-setup --persist made; --undo removes it.\n';
  await writeKept(files, PERSISTED, `${head}${lines.join('')}`);
}
