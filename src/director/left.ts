import { StateFailure } from '../state/failure.js';
import type { Generation } from '../state/generation.js';
import { readGeneration } from '../state/generations.js';
import type { Intent } from '../state/intent.js';
import type { Door } from './door.js';
import { overlayWith } from './judge.js';
import type { Files } from '../system/ports.js';
import { withHeld } from './keepalived/held.js';
import { withHolds } from './keepalived/holds.js';
import { readRunning, targetFor } from './running.js';
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

async function checkedTarget(
  { ports, stamp }: Door,
  intent: Intent,
  side: 'from' | 'to',
): Promise<Target | undefined> {
  const { files } = ports;
  const generation = await generationOf(files, intent[side]);
  if (generation?.cluster.checker !== 'keepalived') return undefined;
  const kept = await readRunning(files, stamp.now, () => {});
  // What is out and was not meant to be before the run that was killed, keepalived has taken out.
  const current = side === 'from' ? generation : await generationOf(files, intent.from);
  const { held = new Set<string>() } = await withHeld(ports, { ...kept, current });
  const operator = (side === 'to' ? intent.operator : undefined) ?? kept.operator;
  const overlay = withHolds(overlayWith(kept, operator, stamp.now), held);
  return targetFor(generation.cluster, { ...kept, current: generation, overlay });
}

/** Undefined also where it is gone: an apply that is taken back has removed its own. */
async function generationOf(files: Files, number: number | null): Promise<Generation | undefined> {
  if (number === null) return undefined;
  return await readGeneration(files, number).catch((error: unknown) => {
    if (error instanceof StateFailure) return undefined;
    throw error;
  });
}
