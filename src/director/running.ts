import { serviceKey } from '../cluster/naming.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Timed } from '../state/deadlines.js';
import type { Generation } from '../state/generation.js';
import { currentGeneration, generationPath, readGeneration } from '../state/generations.js';
import { readHealth } from '../state/health.js';
import type { FoundThere } from '../table/machine.js';
import type { Moment } from '../state/moment.js';
import { readOperator } from '../state/operator.js';
import { overlayAt } from '../state/overlay.js';
import { readMeasured } from '../state/polling.js';
import type { Files } from '../system/ports.js';
import { desired } from '../table/desired.js';
import type { Overlay } from '../table/overlay.js';
import type { Table } from '../table/table.js';
import { type Target, tableOf } from './target.js';

/** What runs, and what has been said and found of its servers. */
export interface Running extends Timed {
  readonly current: Generation | undefined;
  readonly overlay: Overlay;
}

/** Where something runs. */
export type Ran = Running & { readonly current: Generation };

/** @throws StateFailure */
export async function readRunning(files: Files, now: Moment, warn: (text: string) => void): Promise<Running> {
  const current = await currentGeneration(files);
  const operator = await readOperator(files);
  const health = await readHealth(files);
  const measured = await readMeasured(files);
  for (const { aside } of [health, measured]) {
    if (aside) warn(`${aside.why}; it is kept as ${aside.path}`);
  }
  const overlay = overlayAt({ operator, health: health.value, measured: measured.value }, now);
  return { current, operator, health: health.value, overlay };
}

/** By `serviceKey`: whether what runs has the service. lvsctl made it, or took it over. */
export function ownedBy(current: Generation | undefined): (key: string) => boolean {
  const keys = new Set(current?.cluster.services.map(({ virtual }) => serviceKey(virtual)));
  return key => keys.has(key);
}

/** The cluster as it should be now. What runs, and is not in it, goes. */
export function targetFor(
  cluster: Cluster,
  { current, overlay }: Pick<Running, 'current' | 'overlay'>,
): Target {
  return { wanted: desired(cluster, overlay), owned: ownedBy(current) };
}

/** What of the addresses and marks of all generations on the way was there before each. @throws StateFailure */
export async function foundBefore(files: Files, current: Generation): Promise<FoundThere> {
  let first = current;
  const addresses = new Set(current.found?.addresses);
  while (first.replaces !== null) {
    first = await readGeneration(files, first.replaces);
    for (const one of first.found?.addresses ?? []) addresses.add(one);
  }
  return { addresses: [...addresses], marks: first.found?.marks ?? null };
}

/**
 * What was there before the first generation: its services as they were, and those that it had taken away; what others
 * have made of their own services since stays.
 *
 * @throws StateFailure where a generation on the way back is absent or damaged
 */
export async function beforeLvsctl(files: Files, current: Generation, live: Table): Promise<Target> {
  let first = current;
  while (first.replaces !== null) first = await readGeneration(files, first.replaces);
  const owned = ownedBy(current);
  const there = new Set(live.services.map(({ key }) => serviceKey(key)));
  const table = tableOf(first.before, generationPath(first.number));
  const services = table.services.filter(({ key }) => owned(serviceKey(key)) || !there.has(serviceKey(key)));
  return { wanted: { ...table, services }, owned };
}
