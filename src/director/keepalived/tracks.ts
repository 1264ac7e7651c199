import type { Cluster } from '../../cluster/cluster.js';
import { trackNames, trackPath } from '../../render/keepalived/tracks.js';
import { PLACES } from '../../render/places.js';
import { FOLDER, READABLE } from '../../state/paths.js';
import { onFile, StateFailure } from '../../state/failure.js';
import type { Files } from '../../system/ports.js';
import { explain } from '../../table/explain.js';
import type { Overlay } from '../../table/overlay.js';
import type { RenewedFile } from '../../table/renewed.js';
import type { Target } from '../target.js';

/** What each track file has to say, by its name: what is added to the configured weight. */
export type Tracks = ReadonlyMap<string, number>;

/** Below 0 is 0, whatever the configured weight is, and another one of it that is about to be read. */
const DRAINED = -65_535;

/** What keepalived has to be told of the weights: those that the servers have while they are alive. */
export function tracksOf(cluster: Cluster, overlay: Overlay): Tracks {
  const nameOf = trackNames(cluster);
  return new Map(
    explain(cluster, overlay).flatMap(({ service, servers }) =>
      servers.map(({ server, remark, aliveWeight }) => {
        const offset = remark.drained ? DRAINED : aliveWeight - server.weight;
        return [nameOf(service, server), offset] as const;
      }),
    ),
  );
}

/** The files that do not say what they should, with what they should say. @throws StateFailure */
export async function wrongTracks(files: Files, wanted: Tracks): Promise<Map<string, string>> {
  const wrong = new Map<string, string>();
  await onFile(PLACES.tracks, async () => {
    const there = new Set(await files.list(PLACES.tracks));
    for (const [name, offset] of wanted) {
      const text = `${offset}\n`;
      if (!there.has(name) || (await textOf(files, trackPath(name))) !== text) wrong.set(name, text);
    }
  });
  return wrong;
}

/** Those that bringing a target about makes or renews. @throws StateFailure */
export async function tracksChange(
  files: Files,
  { checked }: Pick<Target, 'checked'>,
): Promise<readonly RenewedFile[]> {
  if (!checked) return [];
  const wrong = [...(await wrongTracks(files, checked.tracks)).keys()];
  return await onFile(PLACES.tracks, async () => {
    const there = new Set(await files.list(PLACES.tracks));
    return wrong.map(name => ({ path: trackPath(name), act: there.has(name) ? 'renew' : 'make' }));
  });
}

/** Undefined for what is no file, which is replaced as well. */
async function textOf(files: Files, path: string): Promise<string | undefined> {
  if ((await files.look(path))?.kind !== 'file') return undefined;
  return new TextDecoder().decode(await files.read(path, 64));
}

/**
 * Refuses what no weight can be told by. Found out only once it is begun, it would keep that from being taken back, too.
 *
 * @throws StateFailure
 */
export async function refuseFolders(files: Files, wanted: Tracks): Promise<void> {
  for (const path of [...(await wrongTracks(files, wanted)).keys()].map(trackPath)) {
    const found = await onFile(path, () => files.look(path));
    if (found?.kind !== 'folder') continue;
    throw new StateFailure(
      'damaged',
      `${path} is a folder, where keepalived looks for a weight; nothing is changed`,
      'move it away',
    );
  }
}

/** @throws StateFailure */
export async function writeTracks(files: Files, wrong: ReadonlyMap<string, string>): Promise<void> {
  await onFile(PLACES.tracks, () => files.makeFolder(PLACES.tracks, FOLDER));
  for (const [name, text] of wrong) {
    const path = trackPath(name);
    await onFile(path, () => files.replace(path, text, READABLE));
  }
}

/**
 * Removes files of servers that are no more, after keepalived has read its configuration anew: until then a file that
 * goes gives its server the configured weight.
 *
 * @throws StateFailure
 */
export async function removeStale(files: Files, wanted: Tracks): Promise<void> {
  await onFile(PLACES.tracks, async () => {
    for (const name of await files.list(PLACES.tracks)) {
      if (wanted.has(name)) continue;
      const path = trackPath(name);
      // A folder is somebody else's, and no weight.
      if ((await files.look(path))?.kind !== 'folder') await files.remove(path);
    }
  });
}

/** The same as commands, for people. */
export function trackLine(name: string, text: string): string {
  return `echo ${text.trim()} >${trackPath(name)}`;
}
