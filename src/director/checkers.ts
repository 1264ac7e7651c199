import type { Cluster } from '../cluster/cluster.js';
import { PLACES } from '../render/places.js';
import type { Ports } from '../system/ports.js';
import {
  type CheckerUnit,
  type Handover,
  OPPOSITE,
  type RenewedFile,
  type UnitStep,
} from '../table/renewed.js';
import { KernelFailure } from './failure.js';
import { command, type Doer, perform } from './host/act.js';
import { findKeepalived } from './keepalived/daemon.js';
import { bySystemd } from './reload.js';

type Checker = Cluster['checker'];

const UNITS: Readonly<Record<Checker, readonly CheckerUnit[]>> = {
  none: [],
  mon: ['mon'],
  keepalived: ['lvsctl-after-keepalived', 'keepalived'],
};
/** Started with another one. */
const COMPANION: CheckerUnit = 'lvsctl-after-keepalived';

/** Milliseconds after which a daemon that still runs has understood its files. */
const SETTLES = 1000;

interface UnitState {
  /** It runs, or systemd is about to start it, once more perhaps. */
  readonly isActive: boolean;
  readonly isReady: boolean;
  readonly hasFailed: boolean;
  /** As systemctl(1) `is-enabled` prints it; nothing of a unit that there is not. */
  readonly enabled: string;
}

/**
 * What systemd has to stop and to start when another checker comes.
 *
 * @param made files that are about to be written
 * @returns undefined where it is for people to do: without systemd or without a unit, and where keepalived has the
 *   addresses as well, which its stop would move
 */
export async function handoverOf(
  ports: Pick<Ports, 'files' | 'runner'>,
  from: Cluster | undefined,
  to: Cluster,
  made: readonly RenewedFile[],
): Promise<Handover | undefined> {
  if (!from || from.checker === to.checker || !(await bySystemd(ports.files))) return undefined;
  const moves = from.failover.by === 'vrrp' || to.failover.by === 'vrrp';
  if (moves && from.checker === 'keepalived') return undefined;
  const isMade = made.some(({ path }) => path === PLACES.keepalivedAfter);
  const first: UnitStep[] = [];
  for (const unit of UNITS[from.checker]) {
    const { isActive, hasFailed, enabled } = await stateOf(ports, unit);
    // One that was killed is not there any more, but counts as failed until somebody says otherwise.
    if (isActive || hasFailed) first.push({ act: 'stop', unit });
    if (enabled === 'enabled') first.push({ act: 'disable', unit });
  }
  const last: UnitStep[] = [];
  const isThere =
    UNITS[to.checker].includes('keepalived') && (await findKeepalived(ports.files)) !== undefined;
  for (const unit of UNITS[to.checker]) {
    const { isActive, enabled } = await stateOf(ports, unit);
    const isNew = unit === COMPANION && isMade;
    if (['', 'not-found', 'masked', 'masked-runtime', 'bad'].includes(enabled) && !isNew) return undefined;
    if (enabled === 'disabled' || isNew) last.push({ act: 'enable', unit });
    if (!isActive && !isThere && unit !== COMPANION) last.push({ act: 'start', unit });
  }
  return first.length + last.length === 0 ? undefined : { first, last };
}

/** What keeps systemd from starting the new checker and is for people to decide, a sentence each. */
export async function obstacles(
  ports: Pick<Ports, 'files' | 'runner'>,
  from: Cluster | undefined,
  { checker }: Cluster,
): Promise<string[]> {
  if (!from || from.checker === checker || !(await bySystemd(ports.files))) return [];
  const notes: string[] = [];
  for (const unit of UNITS[checker]) {
    const { enabled } = await stateOf(ports, unit);
    if (enabled.startsWith('masked'))
      notes.push(
        `${unit}.service is masked, which keeps it from starting: \`systemctl unmask ${unit}\` first`,
      );
  }
  return notes;
}

async function stateOf({ runner }: Pick<Ports, 'runner'>, unit: CheckerUnit): Promise<UnitState> {
  const ask = async (question: string): Promise<string> =>
    (await runner.run('systemctl', [question, `${unit}.service`])).stdout.trim();
  const active = await ask('is-active');
  return {
    isActive: ['active', 'activating', 'reloading'].includes(active),
    isReady: active === 'active',
    hasFailed: active === 'failed',
    enabled: await ask('is-enabled'),
  };
}

/** Whether keepalived ends by it, and leaves the table to others. */
export function stopsKeepalived(handover: Handover | undefined): boolean {
  return handover?.first.some(({ act, unit }) => act === 'stop' && unit === 'keepalived') ?? false;
}

/** As a person would type it. */
export function stepLine({ act, unit }: UnitStep): string {
  return `systemctl ${act} ${unit}.service`;
}

/**
 * Takes steps, one after the other. One that is taken already, by a run that was killed, is no step.
 *
 * @param isPatient whether it is waited for what begins; a boot, which waits for this run, would wait for ever
 * @throws KernelFailure at the first that fails
 */
export async function take(doer: Doer, steps: readonly UnitStep[], isPatient = true): Promise<void> {
  for (const step of steps) {
    const { act, unit } = step;
    if (!(await isTaken(doer, step))) {
      const flags = act === 'start' && !isPatient ? ['--no-block'] : [];
      await perform(doer, command('systemctl', act, ...flags, `${unit}.service`));
      if (act === 'start' && isPatient) await seeItLive(doer, unit);
    }
    if (act !== 'stop') continue;
    if (unit === 'keepalived' && (await findKeepalived(doer.ports.files)))
      throw new KernelFailure('refused', 'keepalived still runs, though its unit has been stopped');
    await forgetFailure(doer, unit);
    // It fails with the one that it comes after.
    if (unit === 'keepalived') await forgetFailure(doer, COMPANION);
  }
}

async function isTaken({ ports }: Doer, { act, unit }: UnitStep): Promise<boolean> {
  const { isActive, enabled } = await stateOf(ports, unit);
  if (act === 'start' || act === 'stop') return isActive === (act === 'start');
  return (enabled === 'enabled') === (act === 'enable');
}

/** mon ends with an error where it is stopped, and whoever watches for failed units would be alarmed for good. */
async function forgetFailure(doer: Doer, unit: CheckerUnit): Promise<void> {
  if ((await stateOf(doer.ports, unit)).hasFailed)
    await perform(doer, command('systemctl', 'reset-failed', `${unit}.service`));
}

/** A daemon that does not understand its files has started, and ends at once. @throws KernelFailure */
async function seeItLive({ ports }: Doer, unit: CheckerUnit): Promise<void> {
  await ports.clock.sleep(SETTLES);
  if ((await stateOf(ports, unit)).isReady) return;
  const help = `journalctl -u ${unit} has its reason`;
  throw new KernelFailure('refused', `${unit} ended as soon as it was started`, help);
}

/** Takes them back as far as it can be: what cannot is told, with the command that is left to do. */
export async function takeBack(doer: Doer, steps: readonly UnitStep[], isPatient: boolean): Promise<void> {
  for (const step of steps.toReversed()) {
    const opposite = { act: OPPOSITE[step.act], unit: step.unit };
    // It would empty the table, and reset every connection: rather two writers that agree.
    const isUnsafe = step.unit === 'keepalived' && opposite.act === 'stop';
    const daemon = isUnsafe ? await findKeepalived(doer.ports.files) : undefined;
    if (daemon && !daemon.keepsTable) {
      doer.warn(
        'keepalived runs without --dont-release-ipvs, and is left running: its stop would empty the table',
      );
      continue;
    }
    try {
      await take(doer, [opposite], isPatient);
    } catch (error) {
      if (!(error instanceof KernelFailure)) throw error;
      doer.warn(`${error.message}; by hand: \`${stepLine(opposite)}\``);
    }
  }
}
