import type { Stamp } from '../../state/operator.js';
import { serviceKey } from '../../cluster/naming.js';
import type { Ports } from '../../system/ports.js';
import { quieten, writeBatch } from '../batch.js';
import type { Door } from '../door.js';
import { serverPlace } from '../../table/identity.js';
import { place } from '../../table/overlay.js';
import type { Step } from '../../table/plan.js';
import { placeOf } from '../ask.js';
import { readTable } from '../kernel.js';
import { refusal } from '../refusal.js';
import { type CheckedTarget, planOf, type Target } from '../target.js';
import { askKeepalived, type Keepalived } from './ask.js';
import { findKeepalived, reload, watchOf } from './daemon.js';
import { heldIn } from './held.js';
import { removeStale, trackLine, wrongTracks, writeTracks } from './tracks.js';

/** Milliseconds that it is waited for: a killed checker is started anew after a second. */
const PATIENCE = 6000;
/** Milliseconds between two looks at it. */
const PAUSE = 200;
/** Milliseconds in which it reads a configuration, some thousand servers on a slow machine. */
const LONGEST = 60_000;

/** Whether keepalived has been told all that it is to know. */
export async function isChecked({ files }: Ports, { tracks }: CheckedTarget): Promise<boolean> {
  if ((await wrongTracks(files, tracks)).size > 0) return false;
  const checker = (await findKeepalived(files))?.checker;
  return checker === undefined || (await watchOf(files, checker)) === 'kept';
}

/**
 * Brings the table to a target in which keepalived has a part. The track files come first: whenever keepalived reads
 * them, it has what the table is about to have, and whatever ends this run, the next change that keepalived makes of a
 * server is the right one. What it does by itself within a quarter of a second is not waited for: ipvsadm writes the
 * same. Then both are compared, until they agree: a server that dies meanwhile must not be brought back.
 *
 * @throws StateFailure, KernelFailure
 */
export async function bringChecked(door: Door, goal: Target, checked: CheckedTarget): Promise<void> {
  const { ports, echo } = door;
  const wrong = await wrongTracks(ports.files, checked.tracks);
  for (const [name, text] of wrong) echo(trackLine(name, text));
  await writeTracks(ports.files, wrong);
  let keepalived = await settled(door);
  if (wrong.size > 0) tellOnce(door, keepalived, checked);
  if (checked.isRenewed) keepalived = await renewed(door, adapted(goal, checked, keepalived), checked);
  let said: readonly string[] = [];
  let before = '';
  for (;;) {
    const now = adapted(goal, checked, keepalived);
    const left = planOf(await readTable(ports), now).steps;
    if (left.length === 0) break;
    const lines = left.map(({ line }) => line).join('\n');
    // Where the same is left, nobody has changed his mind: it was refused, or somebody else writes.
    if (lines === before) throw refusal(left, said);
    before = lines;
    tellOnce(door, keepalived, checked);
    said = await writeBatch(door, left, now.dead);
    keepalived = await askKeepalived(ports);
  }
  await removeStale(ports.files, checked.tracks);
}

/**
 * Has keepalived read its configuration, which it changes the table by. All that comes and changes is there before, so
 * that it finds nothing to do; what goes has weight 0 by then, so that no connection is being made that it cuts.
 */
async function renewed(door: Door, now: Target, checked: CheckedTarget): Promise<Keepalived> {
  const { ports } = door;
  const daemon = await findKeepalived(ports.files);
  if (!daemon) return await askKeepalived(ports);
  const { steps } = planOf(await readTable(ports), now);
  const said = await quieten(door, steps, now.dead);
  if (said.length > 0) await refuseWhatIsLeft(ports, now, steps, said);
  tellToRead(door);
  await reload(ports, daemon);
  const { clock } = ports;
  const since = clock.elapsed();
  let isLong = false;
  for (;;) {
    const keepalived = await askKeepalived(ports);
    if (hasRead(keepalived, checked)) return keepalived;
    const waited = clock.elapsed() - since;
    if (waited > LONGEST) {
      door.warn(
        'keepalived has not read its configuration yet, or not understood it: its log has the reason',
      );
      return keepalived;
    }
    if (waited > PATIENCE && !isLong) {
      isLong = true;
      door.warn(
        `keepalived is still reading its configuration: it is waited for, ${LONGEST / 1000} s at most`,
      );
    }
    await clock.sleep(PAUSE);
  }
}

/** What the kernel refuses keepalived must not be told to do. What has come out of date meanwhile is no refusal. */
async function refuseWhatIsLeft(
  ports: Ports,
  now: Target,
  before: readonly Step[],
  said: readonly string[],
): Promise<void> {
  const lines = new Set(before.map(({ line }) => line));
  const left = planOf(await readTable(ports), now).steps.filter(
    one => lines.has(one.line) && !one.change.kind.startsWith('remove'),
  );
  if (left.length > 0) throw refusal(left, said);
}

/** Whether keepalived has the servers that it should have, at the weights that they should have. */
function hasRead(keepalived: Keepalived, { cluster, wantedWith }: CheckedTarget): boolean {
  if (keepalived.state === 'absent') return true;
  if (keepalived.state !== 'answers') return false;
  const weights = new Map(
    wantedWith(new Set()).services.flatMap(({ key, servers }) =>
      servers.map(one => [serverPlace(key, one), one.weight] as const),
    ),
  );
  return cluster.services.every(service => {
    if (service.servers.length === 0) return true;
    const judged = keepalived.judgements.get(serviceKey(service.virtual));
    const places = new Set(service.servers.map(server => place(placeOf({ service, server }))));
    if (judged?.size !== places.size) return false;
    return [...judged].every(([at, { weight }]) => weights.get(at) === Math.min(65_535, Math.max(0, weight)));
  });
}

/** The target as it is while keepalived holds down what it holds down now. */
function adapted(goal: Target, { wantedWith }: CheckedTarget, keepalived: Keepalived): Target {
  if (!('judgements' in keepalived) || !keepalived.judgements) return goal;
  return { ...goal, wanted: wantedWith(heldIn(keepalived.judgements)) };
}

/** keepalived, once it follows the track files and can be asked, or as it is after some seconds. */
async function settled(door: Door): Promise<Keepalived> {
  const { ports } = door;
  const { clock } = ports;
  const since = clock.elapsed();
  let keepalived = await askKeepalived(ports);
  if (keepalived.state === 'blind') {
    tellToRead(door);
    await reload(ports, keepalived);
  }
  while (isUnsettled(keepalived) && clock.elapsed() - since < PATIENCE) {
    await clock.sleep(PAUSE);
    keepalived = await askKeepalived(ports);
  }
  return keepalived;
}

function tellToRead({ echo }: Door): void {
  echo('kill -s HUP "$(cat /run/keepalived.pid)"');
}

function isUnsettled({ state }: Keepalived): boolean {
  return state === 'blind' || state === 'starting';
}

const told = new WeakSet<Stamp>();

const TROUBLES: Readonly<Record<Exclude<Keepalived['state'], 'answers'>, string>> = {
  absent: 'keepalived does not run here: the table changes, and nobody checks its servers',
  starting: 'keepalived has no checker at the moment: the table changes without it',
  blind: 'keepalived does not follow the track files: it does not know of this change',
  silent: 'keepalived does not say which servers are alive: those that it may hold down stay as they are',
};

/** What keeps keepalived from its part. A director that starts comes before it. */
function tellOnce({ stamp, verb, warn }: Door, { state }: Keepalived, { isAway }: CheckedTarget): void {
  if (state === 'absent' && isAway) return;
  if (state === 'answers' || told.has(stamp) || verb.startsWith('director ')) return;
  told.add(stamp);
  warn(TROUBLES[state]);
}
