import type { Cluster } from '../cluster/cluster.js';
import { harmless, list } from '../diagnostic/quote.js';
import { findBlock } from '../install/block.js';
import { type Change, textOf } from '../install/change.js';
import type { Part } from '../install/host-trees.js';
import { compare, presentAt } from '../install/tree.js';
import type { Artifact, Output } from '../render/output.js';
import { provenance } from '../render/stamp.js';
import type { TargetName } from '../render/target-names.js';
import { onFile } from '../state/failure.js';
import type { Files, Ports } from '../system/ports.js';
import type { Daemon, FilesChange, RenewedFile } from '../table/renewed.js';
import { handWork, readers } from './readers.js';
import { runs } from './reload.js';

/** What of this host's files a cluster asks for: what is to be rendered, and how. */
export interface Rendering {
  readonly parts: readonly Part[];
  /** @throws KernelFailure where a template cannot be used */
  readonly fill: (outputs: readonly Output[], origin: string) => Promise<readonly Artifact[]>;
}

/** Nothing where this host is no part of the cluster. Templates are loaded only where something is filled. */
export type Render = (cluster: Cluster) => Promise<Rendering>;

export interface Asking {
  readonly ports: Ports;
  readonly render: Render;
}

/** What another cluster changes of this host's rendered files. */
export interface Renewal {
  /** What the plan shows and the intent keeps. */
  readonly change: FilesChange;
  /** What `writeRenewed` writes. */
  readonly changes: readonly Change[];
  /** Files that should say something else, and are not written: others' own. */
  readonly left: readonly string[];
  /** What somebody has to know or to do, a sentence each. */
  readonly notes: readonly string[];
}

export interface Question {
  readonly cluster: Cluster;
  /** What the line of origin names. */
  readonly origin: string;
  /** What runs; undefined where nothing does. */
  readonly from?: Cluster | undefined;
  /** Targets whose files are all made, though none of them may be here: a daemon that is to be put to work. */
  readonly also?: readonly TargetName[];
}

export const NOTHING_RENEWED: Renewal = {
  change: { files: [], units: false, reloads: [] },
  changes: [],
  left: [],
  notes: [],
};

/** `ours`: as lvsctl wrote it; `edited`: and somebody changed it since; `absent`: not there, or for a part of a file: no such part; `key`: it stays. */
type State = 'ours' | 'edited' | 'absent' | 'other' | 'key';
interface Found extends Part {
  readonly state: State;
}

/**
 * What changes of this host's rendered files when another cluster runs. Those that are there and ours are renewed. One
 * that the cluster needs and what runs did not is made where a whole file of its target is ours, which says that the
 * target was configured here; one that somebody has removed stays away. Reads only.
 *
 * @throws KernelFailure where a template cannot be used; StateFailure where a file cannot be read
 */
export async function renewalFor(asking: Asking, question: Question): Promise<Renewal> {
  const { files } = asking.ports;
  const { cluster, from, origin, also = [] } = question;
  const rendering = await asking.render(cluster);
  const old = from && (await asking.render(from));
  const found = await survey(rendering.parts, files);
  const gone = await survey(without(old?.parts ?? [], rendering.parts), files);
  const here = new Set([...found, ...gone].flatMap(one => (isWholeAndOurs(one) ? [one.target] : [])));
  const isAnyEdited = found.some(({ state }) => state === 'edited');
  if (here.size + also.length === 0 && !isAnyEdited) return NOTHING_RENEWED;
  const isNew = pathTest(without(rendering.parts, old?.parts ?? rendering.parts));
  const wanted = found.filter(({ target, output, state }) => {
    if (state === 'absent') return also.includes(target) || (here.has(target) && isNew(output.path));
    return (
      ['ours', 'edited'].includes(state) || (state === 'other' && (here.has(target) || also.includes(target)))
    );
  });
  const changes = await comparison(asking, rendering, wanted, origin);
  const written = changes.filter(({ action, path }) => {
    if (action !== 'replace') return ['create', 'update', 'mode'].includes(action);
    return also.includes(targetOf(wanted, path));
  });
  const acts = written.map(({ path, present }) => ({
    path,
    act: present ? ('renew' as const) : ('make' as const),
  }));
  const change = await changeOf(asking.ports, acts, cluster);
  const left = changes.filter(one => one.action !== 'unchanged' && !written.includes(one));
  const same = old ? await unconcerned(rendering, old, left, origin) : new Set<string>();
  const notes = [
    ...left.flatMap(({ path, reason }) => (same.has(path) ? [] : [leftNote(path, reason)])),
    ...gone.flatMap(({ output, state }) =>
      state === 'ours' && output.kind !== 'block'
        ? [`${output.path} is needed no more, and stays: remove it by hand`]
        : [],
    ),
    ...missingNotes(rendering.parts, old?.parts, here, also),
    ...(await handWork(change.files, daemon => runs(asking.ports, daemon))),
  ];
  return { change, changes: written, left: left.map(({ path }) => path), notes };
}

/** The same files once more, as a cluster has them: what a killed run was about to write. @throws as `renewalFor` */
export async function renewalOf(
  asking: Asking,
  cluster: Cluster,
  origin: string,
  change: FilesChange,
): Promise<readonly Change[]> {
  const rendering = await asking.render(cluster);
  const isOf = pathTest(change.files);
  const parts = rendering.parts.filter(({ output }) => isOf(output.path));
  const changes = await comparison(asking, rendering, parts, origin);
  return changes.filter(({ action }) => ['create', 'update', 'mode', 'replace'].includes(action));
}

async function comparison(
  { ports: { files } }: Asking,
  rendering: Rendering,
  parts: readonly Part[],
  origin: string,
): Promise<Change[]> {
  if (parts.length === 0) return [];
  const artifacts = await rendering.fill(
    parts.map(one => one.output),
    origin,
  );
  return await onFile('the rendered files', () => compare({ name: '', root: '', artifacts }, files, origin));
}

async function survey(parts: readonly Part[], files: Files): Promise<Found[]> {
  const found: Found[] = [];
  for (const part of parts) found.push({ ...part, state: await stateAt(part.output, files) });
  return found;
}

async function stateAt(output: Output, files: Files): Promise<State> {
  if (output.kind === 'key') return 'key';
  const present = await onFile(output.path, () => presentAt(output.path, files));
  if (!present) return 'absent';
  const { entry, bytes } = present;
  if (output.kind === 'link')
    return entry.kind === 'link' && entry.target === output.target ? 'ours' : 'other';
  if (!bytes) return 'other';
  const text = textOf(bytes);
  if (output.kind !== 'block') return STATES[provenance(text)];
  const part = findBlock(text);
  if (!part) return 'absent';
  return part.intact ? 'ours' : 'other';
}

const STATES = { ours: 'ours', changed: 'edited', foreign: 'other' } as const;

function isWholeAndOurs({ state, output }: Found): boolean {
  return state === 'ours' && (output.kind === 'file' || output.kind === 'program');
}

function pathTest(all: readonly ({ readonly path: string } | Part)[]): (path: string) => boolean {
  const paths = new Set(all.map(one => ('output' in one ? one.output.path : one.path)));
  return path => paths.has(path);
}

function without(parts: readonly Part[], others: readonly Part[]): Part[] {
  const isOther = pathTest(others);
  return parts.filter(({ output }) => !isOther(output.path));
}

function targetOf(parts: readonly Part[], path: string): TargetName {
  return parts.find(({ output }) => output.path === path)!.target;
}

/** Of what stays as it is, the files that would have been the same before: they are no news. */
async function unconcerned(
  rendering: Rendering,
  old: Rendering,
  left: readonly Change[],
  origin: string,
): Promise<Set<string>> {
  if (left.length === 0) return new Set();
  const isLeft = pathTest(left);
  const texts = async ({ parts, fill }: Rendering): Promise<Map<string, string>> => {
    const outputs = parts.map(one => one.output).filter(({ path }) => isLeft(path));
    return new Map((await fill(outputs, origin)).map(one => [one.path, JSON.stringify(one)]));
  };
  const [before, after] = [await texts(old), await texts(rendering)];
  return new Set([...after].flatMap(([path, text]) => (before.get(path) === text ? [path] : [])));
}

/** These files, and who has to be told of them. @param cluster whose daemons read them */
export async function changeOf(
  ports: Ports,
  files: readonly RenewedFile[],
  cluster: Cluster,
): Promise<FilesChange> {
  const reloads: Daemon[] = [];
  for (const daemon of readers(files, cluster)) if (await runs(ports, daemon)) reloads.push(daemon);
  const units = files.some(({ path }) => path.startsWith('/etc/systemd/system/'));
  return { files, units, reloads };
}

function leftNote(path: string, reason = 'it is not ours'): string {
  return `${path} is not renewed: ${harmless(reason)}; \`lvsctl configure --diff --dry-run\` shows what it should say`;
}

/** Targets that come with the cluster, and of which nothing is here. */
function missingNotes(
  parts: readonly Part[],
  old: readonly Part[] | undefined,
  here: ReadonlySet<TargetName>,
  also: readonly TargetName[],
): string[] {
  if (!old) return [];
  const had = new Set(old.map(one => one.target));
  const come = [...new Set(parts.map(one => one.target))].filter(
    target => !had.has(target) && !here.has(target) && !also.includes(target),
  );
  if (come.length === 0) return [];
  return [`${list(come, 'and')}: nothing of it is on this host yet; \`lvsctl configure\` makes its files`];
}
