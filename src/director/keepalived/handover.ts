import type { Cluster } from '../../cluster/cluster.js';
import { died, HEALTHY, writeHealth } from '../../state/health.js';
import { failureText, StateFailure } from '../../state/failure.js';
import { writeHeld } from '../../state/held.js';
import type { Moment } from '../../state/moment.js';
import { overlayAt } from '../../state/overlay.js';
import { recording } from '../../state/replay.js';
import { staging } from '../../state/staging.js';
import { place } from '../../table/overlay.js';
import type { Plan } from '../../table/plan.js';
import type { FilesChange, Handover } from '../../table/renewed.js';
import type { Files } from '../../system/ports.js';
import { stopsKeepalived } from '../checkers.js';
import { type Door, note } from '../door.js';
import { KernelFailure } from '../failure.js';
import type { Running } from '../running.js';
import type { Keepalived } from './ask.js';
import { type Daemon, findKeepalived } from './daemon.js';
import type { Checked } from './held.js';
import { withHolds, withoutHolds } from './holds.js';

/** Another cluster, and whether it is to be tried. */
interface Wished {
  readonly cluster: Cluster;
  readonly confirm?: number;
}

function isHandover(from: Cluster | undefined, to: Cluster): from is Cluster {
  return from !== undefined && (from.checker === 'keepalived') !== (to.checker === 'keepalived');
}

/**
 * Refuses to hand the table over between keepalived and lvsctl where connections would be cut by that.
 *
 * To keepalived: it takes the table over as it is, when it starts or reads its configuration anew. But one that runs
 * for its addresses alone, without `--dont-release-ipvs`, would take everything away with its next stop.
 *
 * From keepalived: without services in its configuration it takes all that it has had out of the table, and resets their
 * connections, with every kind of reload. Stopped, it leaves them, and nobody but lvsctl is left to write.
 *
 * @throws KernelFailure
 */
export async function refuseUnsafeHandover(
  files: Files,
  { current, keepalived }: Pick<Running & Checked, 'current' | 'keepalived'>,
  { cluster, confirm }: Wished,
  { handover }: Pick<FilesChange, 'handover'>,
): Promise<void> {
  if (!isHandover(current?.cluster, cluster)) return;
  if (confirm !== undefined) {
    throw new KernelFailure(
      'unsafe',
      'a change of the checker to keepalived or from it cannot be tried: its way back could not be made by itself',
      'apply it without --confirm',
    );
  }
  if (cluster.checker !== 'keepalived')
    return refuseWhileItRuns(keepalived, cluster, stopsKeepalived(handover));
  const daemon = await findKeepalived(files);
  if (!daemon || daemon.keepsTable) return;
  throw new KernelFailure(
    'unsafe',
    'keepalived runs without --dont-release-ipvs: its next stop would take the table away, and reset every connection',
    '`lvsctl configure` makes a unit with it; then `systemctl daemon-reload; systemctl restart keepalived`, on the standby first: a restart moves the addresses',
  );
}

function refuseWhileItRuns(
  keepalived: Keepalived | undefined,
  { failover }: Cluster,
  isStopped: boolean,
): void {
  if (!keepalived || keepalived.state === 'absent' || (isStopped && keepalived.keepsTable)) return;
  throw new KernelFailure(
    'unsafe',
    'keepalived still runs, and would take its services out of the table and reset their connections; nothing is changed',
    keepalived.keepsTable
      ? failover.by === 'vrrp'
        ? 'stop it, which leaves the table: `systemctl stop keepalived` (its addresses move), `systemctl disable lvsctl-after-keepalived`, `lvsctl apply`, `systemctl start keepalived`'
        : 'stop it first, which leaves the table as it is: `systemctl disable --now lvsctl-after-keepalived keepalived`'
      : withoutRelease(keepalived),
  );
}

/** A stop would empty the table; a process that is killed has no time to. */
function withoutRelease({ parent, checker }: Daemon): string {
  const killed = checker === undefined ? '' : `kill -9 ${checker}; `;
  return `it runs without --dont-release-ipvs, so a stop empties the table. This leaves it: \`kill -STOP ${parent}; ${killed}kill -9 ${parent}\``;
}

/**
 * keepalived removes at once what its configuration does not have any more: nothing of it can stay for its connections.
 *
 * @throws KernelFailure
 */
export function refuseWaiting({ steps }: Pick<Plan, 'steps'>, { reloads }: FilesChange): void {
  const isRemoved = steps.some(({ change }) => change.kind.startsWith('remove'));
  if (!isRemoved || !reloads.includes('keepalived')) return;
  throw new KernelFailure(
    'not-ours',
    'keepalived removes servers at once when it reads its configuration: --wait cannot keep them; nothing is changed',
    'let their connections end first with `lvsctl drain --wait`, then apply without --wait',
  );
}

/**
 * Who is out of service stays so while the checker changes, until the new one has its say. Without any nobody would bring
 * them back, so they come back at once. What an earlier checker had found counts for nothing: it may be long ago.
 */
export function handedOver<T extends Running>(running: T, { checker }: Cluster, now: Moment): T {
  const { current, held = new Set() } = running;
  const from = current?.cluster.checker;
  if (from === undefined || from === checker) return running;
  let health = HEALTHY;
  if (checker === 'mon' && from === 'keepalived') {
    for (const at of held) {
      const [service = '', server = ''] = at.split(' ');
      health = died(health, { service, server }, 'keepalived', now);
    }
  }
  const dead = from === 'mon' ? running.health.dead.map(place) : [];
  const out = new Set(checker === 'keepalived' ? [...held, ...dead] : []);
  const overlay = withHolds(withoutHolds(overlayAt({ ...running, health }, now)), out);
  return { ...running, health, held: out, overlay };
}

/**
 * Keeps what `handedOver` has made of it, and acts; what has failed is as it was. Kept before the table changes: a
 * killed run leaves rather a dead server in the table, of which mon tells again, than a healthy one out of it of which
 * nobody does.
 *
 * @throws StateFailure, and what the act throws
 */
export async function handOver<T>(
  door: Door,
  before: Running,
  after: Running,
  { checker }: Cluster,
  act: () => Promise<T>,
): Promise<T> {
  if (after === before) return await act();
  const { files } = door.ports;
  const keepDead = async (from: Running, to: Running): Promise<void> => {
    if (checker === 'keepalived') return await writeHeld(files, to.held ?? new Set());
    // The journal has it first, as of all that is found: a line that is torn then never had an effect.
    const staged = staging(files);
    await writeHealth(staged.files, to.health);
    await note(door, recording([], from, to));
    await staged.commit();
  };
  await keepDead(before, after);
  try {
    return await act();
  } catch (error) {
    await keepDead(after, before).catch((cause: unknown) => {
      if (!(cause instanceof StateFailure)) throw cause;
      door.warn(`which servers are dead is not known any more: ${failureText(cause)}`);
    });
    throw error;
  }
}

/** What is still to be done by hand once the table has been handed over, a sentence each. @param handover systemd's part */
export function handoverSteps(
  from: Cluster | undefined,
  to: Cluster,
  handover: Handover | undefined,
): string[] {
  if (!from || from.checker === to.checker) return [];
  if (handover) return to.checker === 'none' ? ['nobody checks the servers from then on'] : [];
  const old = from.checker === 'mon' ? 'systemctl disable --now mon; ' : '';
  if (to.checker === 'keepalived')
    return [
      `then keepalived takes the table over as it is: \`systemctl daemon-reload; ${old}systemctl enable lvsctl-after-keepalived keepalived; systemctl start keepalived\``,
    ];
  if (to.checker === 'mon')
    return [
      'then mon checks the servers: `systemctl daemon-reload; systemctl enable mon; systemctl restart mon`',
    ];
  const idle = from.checker === 'mon' ? ', and mon may stop: `systemctl disable --now mon`' : '';
  return [`nobody checks the servers from then on${idle}`];
}
