import { StateFailure } from '../state/failure.js';
import { readGeneration } from '../state/generations.js';
import type { Intent } from '../state/intent.js';
import type { Door } from './door.js';
import { overlayWith } from './judge.js';
import { withHeld } from './keepalived/held.js';
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
  const number = intent[side];
  if (number === null) return undefined;
  const generation = await readGeneration(files, number).catch((error: unknown) => {
    // An apply that is taken back has removed its own, and the lines say what was there before it.
    if (error instanceof StateFailure) return undefined;
    throw error;
  });
  if (generation?.cluster.checker !== 'keepalived') return undefined;
  const kept = await readRunning(files, stamp.now, () => {});
  const operator = (side === 'to' ? intent.operator : undefined) ?? kept.operator;
  const running = { ...kept, operator, current: generation };
  const overlay = overlayWith(running, operator, stamp.now);
  const checked = await withHeld(ports, { ...running, overlay });
  const target = targetFor(generation.cluster, checked);
  const isAsked = checked.keepalived && 'judgements' in checked.keepalived && checked.keepalived.judgements;
  if (isAsked) return target;
  // Nobody but the run that was killed has touched the table: its lines are exact, also about what is back from 0.
  const lines = targetOf(intent, side === 'to' ? 'after' : 'before');
  return { ...lines, ...(target.checked ? { checked: target.checked } : {}) };
}
