import type { Cluster } from '../../cluster/cluster.js';
import { type Duties, sameDuties, type Setting } from '../../render/director/duties.js';
import { failureText } from '../../state/failure.js';
import { KernelFailure } from '../failure.js';
import type { FoundThere, MachineChange, PlacedAddress, Possessions } from '../../table/machine.js';
import type { Ports } from '../../system/ports.js';
import { type Doer, perform } from './act.js';
import { addressesToAdd, addressesToRemove, reachedBy, survey, type Surveyed } from './addresses.js';
import { announce } from './announce.js';
import { readAddresses } from './held.js';
import { loadMarks, marksHere, marksThere, removeMarks } from './marks.js';
import { makeSetting, readSetting, settingsOfActive, settingsToMake } from './settings.js';

/**
 * What this machine has to do in a cluster; undefined where it is no director in it. `addresses`: without settings and
 * marks, and without a template.
 */
export type Assign = (cluster: Cluster, only?: 'addresses') => Promise<Duties | undefined>;

/** Is told why templates cannot be used: then marks and settings stay as they are, and the rest changes all the same. */
export type WithoutTemplates = (why: KernelFailure) => void;

interface Asking {
  readonly ports: Ports;
  readonly assign: Assign;
}

/** Of the machine as it was before the first generation. */
export const NOTHING_FOUND: FoundThere = { addresses: [], marks: null };

/**
 * What changes on this machine besides the table when another cluster runs: the addresses of services that come or go,
 * on the active director alone, and everywhere marks, and the settings that come. What is so already is no change.
 *
 * @param from what runs; undefined where nothing does
 * @param to what is to run; undefined where nothing is
 * @param options.found what had been there before, and stays
 * @param options.left addresses of services that have gone, which go too
 * @param options.otherwise of who goes back to what has run, from which broken templates must not keep it
 * @throws KernelFailure; what `assign` throws
 */
export async function machineChange(
  asking: Asking,
  from: Cluster | undefined,
  to: Cluster | undefined,
  options: {
    readonly found?: FoundThere;
    readonly left?: readonly PlacedAddress[] | undefined;
    readonly otherwise?: WithoutTemplates | undefined;
  } = {},
): Promise<MachineChange | undefined> {
  const { ports } = asking;
  const { found = NOTHING_FOUND, left = [], otherwise } = options;
  const isSame = from !== undefined && to !== undefined && sameDuties(from, to);
  if (isSame && left.length === 0) return undefined;
  const [old, next] = isSame
    ? await dutiesOfBoth(asking, from, to, 'addresses')
    : await dutiesInAnyCase(asking, from, to, otherwise);
  if (!old && !next) return undefined;
  const addresses = await changedAddresses(ports, old, next, found, left);
  const marks = await changedMarks(ports, old?.marks, next ? (next.marks ?? null) : found.marks);
  const settings = await changedSettings(ports, old, next, addresses.active);
  const change = {
    before: { addresses: addresses.go, ...marks.before, settings: settings.before },
    after: { addresses: addresses.come, ...marks.after, settings: settings.after },
  };
  return isNone(change) ? undefined : change;
}

/** What a broken template keeps from changing, for people. */
export function staysText(why: KernelFailure): string {
  return `firewall marks and settings of this machine stay as they are: ${failureText(why)}; mend it, then \`lvsctl director start\` makes those of what runs`;
}

type Both = readonly [Duties | undefined, Duties | undefined];

async function dutiesOfBoth(
  { assign }: Asking,
  from: Cluster | undefined,
  to: Cluster | undefined,
  only?: 'addresses',
): Promise<Both> {
  return [from && (await assign(from, only)), to && (await assign(to, only))];
}

/** Of both the same: marks that only one of them tells would seem to come or to go. */
async function dutiesInAnyCase(
  asking: Asking,
  from: Cluster | undefined,
  to: Cluster | undefined,
  otherwise: WithoutTemplates | undefined,
): Promise<Both> {
  try {
    return await dutiesOfBoth(asking, from, to);
  } catch (error) {
    if (!otherwise || !(error instanceof KernelFailure) || error.problem !== 'template') throw error;
    otherwise(error);
    return await dutiesOfBoth(asking, from, to, 'addresses');
  }
}

function isNone({ before, after }: MachineChange): boolean {
  return (
    before.addresses.length + after.addresses.length + after.settings.length === 0 &&
    after.marks === undefined
  );
}

async function changedAddresses(
  ports: Ports,
  old: Duties | undefined,
  next: Duties | undefined,
  found: FoundThere,
  left: readonly PlacedAddress[],
): Promise<{ readonly go: PlacedAddress[]; readonly come: PlacedAddress[]; readonly active: boolean }> {
  const none = { go: [], come: [], active: false };
  const failover = (old ?? next)!.failover;
  // keepalived gives them, and takes them away.
  const all = [...(old?.addresses ?? []), ...(next?.addresses ?? []), ...left];
  if (all.length === 0) return none;
  if (failover === 'vrrp' || next?.failover === 'vrrp') return none;
  const present = await readAddresses(ports.runner);
  const had = survey([...(old?.addresses ?? []), ...left], present);
  const wanted = survey(next?.addresses ?? [], present);
  const isThere = ({ state }: Surveyed): boolean => state !== 'missing';
  // With heartbeat, or stopped by hand, it is whoever starts the director that brings the addresses.
  const active = had.length > 0 ? had.some(isThere) : failover === 'none' || wanted.some(isThere);
  if (!active) return none;
  const place = (one: Surveyed): string => `${one.address} ${one.interface}`;
  const isOf = (all: readonly Surveyed[]) => {
    const set = new Set(all.map(place));
    return (one: Surveyed): boolean => set.has(place(one));
  };
  const [stays, was] = [isOf(wanted), isOf(had)];
  const go = had.filter(one => isThere(one) && !stays(one) && !found.addresses.includes(one.address));
  const come = wanted.filter(one => one.state !== 'there' && !was(one));
  return { go: await placed(ports, go), come: await placed(ports, come), active };
}

async function placed({ runner }: Ports, all: readonly Surveyed[]): Promise<PlacedAddress[]> {
  const found: PlacedAddress[] = [];
  for (const { address, prefix, interface: device } of all)
    found.push({ address, prefix, interface: device ?? (await reachedBy(runner, address)) });
  return found;
}

interface ChangedMarks {
  readonly before?: { readonly marks: string | null };
  readonly after?: { readonly marks: string | null };
}

async function changedMarks(
  { runner }: Ports,
  old: string | undefined,
  wanted: string | null,
): Promise<ChangedMarks> {
  if (old === undefined && wanted === null) return {};
  if (old !== undefined && old === wanted) return {};
  const here = await marksHere(runner);
  if (here === wanted) return {};
  return { before: { marks: here }, after: { marks: wanted } };
}

async function changedSettings(
  { files }: Ports,
  old: Duties | undefined,
  next: Duties | undefined,
  active: boolean,
): Promise<Record<'before' | 'after', Possessions['settings']>> {
  const settingsOf = (duties: Duties | undefined): readonly Setting[] =>
    duties ? (active ? settingsOfActive(duties) : duties.settings) : [];
  const known = new Set(settingsOf(old).map(({ path, value }) => `${path} ${value}`));
  const new_ = settingsOf(next).filter(({ path, value }) => !known.has(`${path} ${value}`));
  const after = await settingsToMake(files, new_);
  const found = await Promise.all(
    after.map(async ({ path }) => ({ path, value: await readSetting(files, path) })),
  );
  const before = found.flatMap(({ path, value }) => (value === undefined ? [] : [{ path, value }]));
  return { before, after };
}

/**
 * What of a cluster's addresses and marks is on the machine already, and not by what runs.
 *
 * @param otherwise as of `machineChange`
 * @throws as `machineChange`
 */
export async function foundThere(
  asking: Asking,
  from: Cluster | undefined,
  cluster: Cluster,
  otherwise?: WithoutTemplates,
): Promise<FoundThere> {
  const { ports } = asking;
  if (from && sameDuties(from, cluster)) return NOTHING_FOUND;
  const [old, duties] = await dutiesInAnyCase(asking, from, cluster, otherwise);
  if (!duties) return NOTHING_FOUND;
  const ours = new Set(old?.addresses.map(one => one.address));
  const wanted = duties.failover === 'vrrp' ? [] : duties.addresses;
  const present = wanted.length > 0 ? await readAddresses(ports.runner) : [];
  const there = survey(wanted, present).filter(one => one.state !== 'missing' && !ours.has(one.address));
  return {
    addresses: there.map(one => one.address),
    marks: from || duties.marks === undefined ? null : await marksHere(ports.runner),
  };
}

/**
 * Brings a machine from one to the other, the table with it: what goes of the addresses goes before, what comes comes
 * after. A packet that finds the address but no table is answered with a reset. What is so already stays.
 *
 * @throws KernelFailure, and what `table` throws
 */
export async function around(
  doer: Doer,
  { before, after }: MachineChange,
  table: () => Promise<void>,
): Promise<void> {
  const { ports } = doer;
  const { runner, files } = ports;
  for (const one of await settingsToMake(files, after.settings)) await perform(doer, makeSetting(one));
  const going = survey(before.addresses, before.addresses.length > 0 ? await readAddresses(runner) : []);
  for (const act of addressesToRemove(going)) await perform(doer, act);
  await table();
  if (typeof after.marks === 'string') await perform(doer, loadMarks(after.marks));
  else if (after.marks === null && (await marksThere(runner))) await perform(doer, removeMarks);
  if (after.addresses.length === 0) return;
  const coming = survey(after.addresses, await readAddresses(runner));
  for (const act of await addressesToAdd(ports, coming)) await perform(doer, act);
  await announce(doer, coming);
}

/** The way back. */
export function reversed({ before, after }: MachineChange): MachineChange {
  return { before: after, after: before };
}
