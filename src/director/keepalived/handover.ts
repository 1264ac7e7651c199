import type { Cluster } from '../../cluster/cluster.js';
import { died, type Health, writeHealth } from '../../state/health.js';
import type { Moment } from '../../state/moment.js';
import { overlayAt } from '../../state/overlay.js';
import type { Plan } from '../../table/plan.js';
import type { FilesChange } from '../../table/renewed.js';
import type { Files } from '../../system/ports.js';
import { KernelFailure } from '../failure.js';
import type { Running } from '../running.js';
import type { Keepalived } from './ask.js';
import { type Daemon, findKeepalived } from './daemon.js';
import type { Checked } from './held.js';

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
): Promise<void> {
  if (!isHandover(current?.cluster, cluster)) return;
  if (confirm !== undefined) {
    throw new KernelFailure(
      'unsafe',
      'a change of the checker to keepalived or from it cannot be tried: its way back could not be made by itself',
      'apply it without --confirm',
    );
  }
  if (cluster.checker !== 'keepalived') return refuseWhileItRuns(keepalived, cluster);
  const daemon = await findKeepalived(files);
  if (!daemon || daemon.keepsTable) return;
  throw new KernelFailure(
    'unsafe',
    'keepalived runs without --dont-release-ipvs: its next stop would take the table away, and reset every connection',
    '`lvsctl configure` makes a unit with it; then `systemctl daemon-reload; systemctl restart keepalived`, on the standby first: a restart moves the addresses',
  );
}

function refuseWhileItRuns(keepalived: Keepalived | undefined, { failover }: Cluster): void {
  if (!keepalived || keepalived.state === 'absent') return;
  throw new KernelFailure(
    'unsafe',
    'keepalived still runs, and would take its services out of the table and reset their connections; nothing is changed',
    keepalived.keepsTable
      ? failover.by === 'vrrp'
        ? 'stop it, which leaves the table: `systemctl stop keepalived` (its addresses move), `lvsctl apply`, `systemctl start keepalived`'
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
 * What keepalived has out of service stays so where mon comes after it, until mon says otherwise. Without any checker
 * nobody would bring it back, so it comes back at once.
 */
export function handedOver(running: Running, { checker }: Cluster, now: Moment): Running {
  const { current, held } = running;
  if (!held || held.size === 0 || current?.cluster.checker !== 'keepalived' || checker !== 'mon')
    return running;
  let health: Health = running.health;
  for (const at of held) {
    const [service = '', server = ''] = at.split(' ');
    health = died(health, { service, server }, 'keepalived', now);
  }
  return { ...running, health, overlay: overlayAt({ ...running, health }, now) };
}

/**
 * The same, kept. The file comes before the table: as long as keepalived is the checker it means nothing.
 *
 * @throws StateFailure
 */
export async function handOverDead(
  files: Files,
  running: Running,
  cluster: Cluster,
  now: Moment,
): Promise<Running> {
  const handed = handedOver(running, cluster, now);
  if (handed !== running) await writeHealth(files, handed.health);
  return handed;
}

/** What is still to be done by hand once the table has been handed over, a sentence each. */
export function handoverSteps(from: Cluster | undefined, to: Cluster): string[] {
  if (!from || from.checker === to.checker) return [];
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
