import type { Stamp } from '../../state/operator.js';
import type { Ports } from '../../system/ports.js';
import { writeBatch } from '../batch.js';
import type { Door } from '../door.js';
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
  if (wrong.size > 0) tellOnce(door, keepalived);
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
    tellOnce(door, keepalived);
    said = await writeBatch(door, left, now.dead);
    keepalived = await askKeepalived(ports);
  }
  await removeStale(ports.files, checked.tracks);
}

/** The target as it is while keepalived holds down what it holds down now. */
function adapted(goal: Target, { wantedWith }: CheckedTarget, keepalived: Keepalived): Target {
  if (!('judgements' in keepalived) || !keepalived.judgements) return goal;
  return { ...goal, wanted: wantedWith(heldIn(keepalived.judgements)) };
}

/** keepalived, once it follows the track files and can be asked, or as it is after some seconds. */
async function settled({ ports, echo }: Door): Promise<Keepalived> {
  const { clock } = ports;
  const since = clock.elapsed();
  let keepalived = await askKeepalived(ports);
  if (keepalived.state === 'blind') {
    echo('kill -s HUP "$(cat /run/keepalived.pid)"');
    await reload(ports, keepalived);
  }
  while (isUnsettled(keepalived) && clock.elapsed() - since < PATIENCE) {
    await clock.sleep(PAUSE);
    keepalived = await askKeepalived(ports);
  }
  return keepalived;
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
function tellOnce({ stamp, verb, warn }: Door, { state }: Keepalived): void {
  if (state === 'answers' || told.has(stamp) || verb.startsWith('director ')) return;
  told.add(stamp);
  warn(TROUBLES[state]);
}
