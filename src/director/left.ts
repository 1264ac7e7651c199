import { StateFailure } from '../state/failure.js';
import type { Generation } from '../state/generation.js';
import { readGeneration } from '../state/generations.js';
import type { Intent } from '../state/intent.js';
import type { Door } from './door.js';
import { overlayWith } from './judge.js';
import type { Files } from '../system/ports.js';
import { withHeld } from './keepalived/held.js';
import { withHolds } from './keepalived/holds.js';
import { readTable } from './kernel.js';
import { readRunning, type Running, targetFor } from './running.js';
import { serverPlace } from '../table/identity.js';
import { type Target, targetOf } from './target.js';

/** What an intent that was left leads to, and what it comes from. */
interface LeftTargets {
  readonly after: () => Promise<Target>;
  readonly before: () => Promise<Target>;
}

/**
 * The table is what the intent's lines say, which is all that nobody else has changed since. Where keepalived has a part
 * in it, servers may have died and returned since: there the clusters decide, with what operators say on each side, and
 * what keepalived holds down now. Its track files follow from the same.
 */
export function leftTargets(door: Door, intent: Intent): LeftTargets {
  return {
    after: async () => (await checkedTarget(door, intent, 'to')) ?? targetOf(intent, 'after'),
    before: async () => (await checkedTarget(door, intent, 'from')) ?? targetOf(intent, 'before'),
  };
}

async function checkedTarget(door: Door, intent: Intent, side: 'from' | 'to'): Promise<Target | undefined> {
  const { ports, stamp } = door;
  const { files } = ports;
  const generation = await generationOf(files, intent[side]);
  if (generation?.cluster.checker !== 'keepalived') return undefined;
  const kept = await readRunning(files, stamp.now, () => {});
  const held = await heldNow(door, kept, generation, side === 'to' ? intent.from : undefined);
  const operator = (side === 'to' ? intent.operator : undefined) ?? kept.operator;
  const overlay = withHolds(overlayWith(kept, operator, stamp.now), held);
  const goal = targetFor(generation.cluster, { ...kept, current: generation, overlay });
  // A service that only the other side has is ours, too, and keepalived takes none away while it does not run.
  const touched = new Set(intent.changes.map(({ service }) => service));
  return { ...goal, owned: key => touched.has(key) || goal.owned(key) };
}

/**
 * What keepalived has taken out: what is out and was not meant to be before the run that was killed; and of what that run
 * has brought, since it came with its weight, what is at 0.
 *
 * @param from the generation before it, where it leads to another one
 */
async function heldNow(
  { ports }: Door,
  kept: Running,
  generation: Generation,
  from: number | null | undefined,
): Promise<ReadonlySet<string>> {
  const heldIn = async (current: Generation | undefined): Promise<ReadonlySet<string>> =>
    (await withHeld(ports, { ...kept, current })).held ?? new Set();
  const held = await heldIn(generation);
  if (from === undefined) return held;
  const { services } = await readTable(ports);
  const there = new Set(services.flatMap(({ key, servers }) => servers.map(one => serverPlace(key, one))));
  const before = await heldIn(await generationOf(ports.files, from));
  return new Set([...before, ...[...held].filter(at => there.has(at))]);
}

/** Undefined also where it is gone: an apply that is taken back has removed its own. */
async function generationOf(files: Files, number: number | null): Promise<Generation | undefined> {
  if (number === null) return undefined;
  return await readGeneration(files, number).catch((error: unknown) => {
    if (error instanceof StateFailure) return undefined;
    throw error;
  });
}
