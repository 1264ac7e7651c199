import { serviceKey } from '../cluster/naming.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Timed } from '../state/deadlines.js';
import type { Generation } from '../state/generation.js';
import { currentGeneration, generationPath, readGeneration } from '../state/generations.js';
import { StateFailure } from '../state/failure.js';
import { type Alert, alertSchema, readHeard } from '../state/alert.js';
import type { Health } from '../state/health.js';
import { takeAll, type Taken } from '../state/inbox.js';
import { type Lingering, readLingering } from '../state/lingering.js';
import { isDue, type Moment } from '../state/moment.js';
import type { FoundThere } from '../table/machine.js';
import { type Notices, readNotices } from '../state/notices.js';
import { readOperator } from '../state/operator.js';
import { overlayAt } from '../state/overlay.js';
import type { Measured } from '../state/polling.js';
import { usableMeasured } from './usable-measured.js';
import { LINGERING, POLLING } from '../state/paths.js';
import type { Files } from '../system/ports.js';
import { desired } from '../table/desired.js';
import type { Overlay } from '../table/overlay.js';
import { withQuiet } from '../table/quiet.js';
import type { Table } from '../table/table.js';
import { withHolds, withoutHolds } from './keepalived/holds.js';
import { tracksOf } from './keepalived/tracks.js';
import { hear, type Hearing, hearRechecks } from './hear.js';
import { isMonThere } from './reload.js';
import { type Target, tableOf } from './target.js';
import { usableHealth } from './usable-health.js';

/** What runs, and what has been said and found of its servers. */
export interface Running extends Timed {
  readonly current: Generation | undefined;
  readonly measured: Measured | undefined;
  readonly notices: Notices;
  readonly overlay: Overlay;
  /** What keepalived holds down, by `place`: in the overlay, too. */
  readonly held?: ReadonlySet<string>;
  /** Of the generation that runs; `isOver` once it is to go. */
  readonly lingering?: Lingering & { readonly isOver: boolean };
  /** Alerts that wait and rechecks that are over, where there are any: they count as heard. */
  readonly waiting?: Waiting;
}

interface Waiting extends Hearing {
  readonly taken: readonly Taken<Alert>[];
  /** What the checkers had found before. */
  readonly before: Health;
}

/** Where alerts wait. */
export type Hearer = Running & { readonly waiting: Waiting };

/** Where something runs. */
export type Ran = Running & { readonly current: Generation };

/** Whoever holds the lock, and may put right what cannot be used. */
export interface Keeper {
  /** Puts a file aside. @returns where it is */
  readonly aside: (path: string) => Promise<string>;
  /** Puts this into the place of what is lost, or cannot be used, and that aside. @returns where it is */
  readonly restore: (health: Health, was: 'lost' | 'damaged') => Promise<string | undefined>;
}

/** @throws StateFailure */
export async function readRunning(
  files: Files,
  now: Moment,
  warn: (text: string) => void,
  keeper?: Keeper,
): Promise<Running> {
  // First: what is heard meanwhile is in the inbox still or in the file already, and may be in both.
  const { taken, damaged } = await takeAll(files, alertSchema);
  const current = await currentGeneration(files);
  const operator = await readOperator(files);
  const health = await usableHealth(files, now, warn, keeper);
  const measured = await usableMeasured(files);
  const lingering = await readLingering(files, current?.number);
  const notices = await readNotices(files);
  const heard = await readHeard(files);
  const renewable = [health, measured, lingering, notices, heard].flatMap(({ damage }) => damage ?? []);
  for (const { path, why } of [...renewable, ...damaged]) {
    const instead =
      path === POLLING && measured.value ? 'what the last poll came to counts' : 'it counts as empty';
    warn(`${why}; ${keeper ? `it is kept as ${await keeper.aside(path)}` : instead}`);
  }
  const before = health.value;
  const heardSoFar = hear(current?.cluster, taken, { health: before, heard: heard.value });
  const hearing = await withRechecks(files, current, heardSoFar, now);
  const isHeard = taken.length > 0 || hearing.health !== before;
  const found = hearing.health;
  const overlay = overlayAt({ operator, health: found, measured: measured.value }, now);
  const { value: leaves } = lingering;
  return {
    current,
    operator,
    health: found,
    measured: measured.value,
    notices: notices.value,
    overlay,
    ...(leaves ? { lingering: { ...leaves, isOver: isDue(leaves.due, now) } } : {}),
    ...(isHeard ? { waiting: { ...hearing, taken, before } } : {}),
  };
}

async function withRechecks(
  files: Files,
  current: Generation | undefined,
  heard: Hearing,
  now: Moment,
): Promise<Hearing> {
  if (!heard.health.dead.some(({ recheck }) => recheck)) return heard;
  const isAsking = current?.cluster.checker !== 'mon' || (await isMonThere(files));
  const { told, health } = hearRechecks(current, heard.health, now, isAsking);
  return { ...heard, told: [...heard.told, ...told], health };
}

/** By `serviceKey`: whether what runs has the service. lvsctl made it, or took it over. */
export function ownedBy(current: Generation | undefined): (key: string) => boolean {
  const keys = new Set(current?.cluster.services.map(({ virtual }) => serviceKey(virtual)));
  return key => keys.has(key);
}

/** The same, and what has been let go and stays for its connections. */
function ownedIn({ current, lingering }: Pick<Running, 'current' | 'lingering'>): (key: string) => boolean {
  const ours = ownedBy(current);
  return key => ours(key) || lingering?.services.includes(key) === true;
}

/**
 * The cluster as it should be now. What runs, and is not in it, goes; what has been let go stays for its connections,
 * where the cluster is the one that runs. Another one decides anew what lingers.
 */
export function targetFor(
  cluster: Cluster,
  running: Pick<Running, 'current' | 'overlay' | 'lingering'>,
): Target {
  const { current, overlay, lingering } = running;
  const owned = ownedIn(running);
  const dead = new Set([...overlay].flatMap(([at, remark]) => ((remark.dead ?? remark.held) ? at : [])));
  const isLeft = lingering && !lingering.isOver && cluster === current?.cluster;
  const left = isLeft ? tableOf(lingering.lines, LINGERING).services : [];
  const wantedBy = (by: Overlay): Table => {
    const table = desired(cluster, by);
    return left.length > 0 ? withQuiet(table, left).table : table;
  };
  const target = { wanted: wantedBy(overlay), owned, dead };
  if (cluster.checker !== 'keepalived') return target;
  const free = withoutHolds(overlay);
  const wantedWith = (held: ReadonlySet<string>): Table => wantedBy(withHolds(free, held));
  return { ...target, checked: { cluster, tracks: tracksOf(cluster, overlay), wantedWith } };
}

/**
 * What of the addresses and marks of all generations since another one was there before each. One that cannot be read
 * says nothing: that must not keep the others from being taken back.
 *
 * @param back the number of the other one; null: what was there before lvsctl
 */
export async function foundSince(
  files: Files,
  current: Generation,
  back: number | null,
): Promise<FoundThere> {
  const addresses = new Set<string>();
  let marks: string | null = null;
  for (let one: Generation | undefined = current; one; one = await before(files, one, back)) {
    for (const address of one.found?.addresses ?? []) addresses.add(address);
    marks = one.found?.marks ?? null;
  }
  return { addresses: [...addresses], marks };
}

async function before(
  files: Files,
  { replaces }: Generation,
  back: number | null,
): Promise<Generation | undefined> {
  if (replaces === null || replaces === back) return undefined;
  return await readGeneration(files, replaces).catch((error: unknown) => {
    if (error instanceof StateFailure) return undefined;
    throw error;
  });
}

/**
 * What was there before the first generation: its services as they were, and those that it had taken away; what others
 * have made of their own services since stays.
 *
 * @throws StateFailure where a generation on the way back is absent or damaged
 */
export async function beforeLvsctl(files: Files, running: Ran, live: Table): Promise<Target> {
  let first = running.current;
  while (first.replaces !== null) first = await readGeneration(files, first.replaces);
  const owned = ownedIn(running);
  const there = new Set(live.services.map(({ key }) => serviceKey(key)));
  const table = tableOf(first.before, generationPath(first.number));
  const services = table.services.filter(({ key }) => owned(serviceKey(key)) || !there.has(serviceKey(key)));
  return { wanted: { ...table, services }, owned };
}
