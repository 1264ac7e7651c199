import type { Alert } from '../state/alert.js';
import { StateFailure } from '../state/failure.js';
import { drop, isAnyWaiting, waits } from '../state/inbox.js';
import { throughDoorIf, type Visitor } from './door.js';
import { KernelFailure } from './failure.js';
import { deliver } from './notify.js';
import type { Hearer } from './running.js';
import { settleDue } from './settle.js';
import { AGAIN, canBeTried, setTimer } from './timer.js';

/** What was done for an alert. */
export interface Heard extends Hearer {
  /** The name of this alert among those that were heard; undefined where it is about all of them. */
  readonly name: string | undefined;
}

/**
 * Brings about what a checker has found. The alert is in the inbox before the lock is asked for: whoever has it next
 * hears all that wait, and whoever then finds his own gone has nothing left to do. What could not be done stays in the
 * inbox, and is tried again by `tick`.
 *
 * @returns undefined where another has done it
 * @throws StateFailure, KernelFailure
 */
export async function alert(visitor: Visitor, event: Alert): Promise<Heard | undefined> {
  const { files } = visitor.ports;
  const name = await dropPatiently(visitor, event);
  return await settleWaiting(visitor, name, () => waits(files, name));
}

/**
 * Brings about what waits already. Until `begin` whoever leaves an alert in the inbox relies on this; from then on it
 * may be read without his.
 *
 * @throws StateFailure, KernelFailure
 */
export async function hearWaiting(visitor: Visitor, begin: () => void): Promise<Heard | undefined> {
  return await settleWaiting(visitor, undefined, async () => {
    begin();
    return await isAnyWaiting(visitor.ports.files);
  });
}

async function settleWaiting(
  visitor: Visitor,
  name: string | undefined,
  isNeeded: () => Promise<boolean>,
): Promise<Heard | undefined> {
  const { ports, waker, warn } = visitor;
  try {
    return await throughDoorIf(visitor, isNeeded, async door => {
      const failures: Error[] = [];
      let heard: Heard | undefined;
      await settleDue(
        door,
        error => void failures.push(error),
        hearer => void (heard = { ...hearer, name }),
      );
      if (failures[0]) throw failures[0];
      return heard;
    });
  } catch (error) {
    if (canBeTried(error)) {
      await setTimer(waker, ports, AGAIN).catch((failure: unknown) => {
        if (!(failure instanceof KernelFailure)) throw failure;
        warn(`${failure.message}: the alert waits for the next run of lvsctl`);
      });
    }
    throw error instanceof StateFailure && error.problem === 'locked'
      ? new StateFailure('locked', error.message, 'the alert waits, and is tried again in a minute')
      : error;
  } finally {
    await deliver(visitor);
  }
}

/** A moment between one look for room on the disk and the next, in milliseconds. */
const MOMENT = 1000;

/** mon tells a return once: what does not fit in is tried as long as the lock is waited for. @throws StateFailure */
async function dropPatiently({ ports, patience }: Visitor, event: Alert): Promise<string> {
  const { files, clock } = ports;
  const since = clock.elapsed();
  for (;;) {
    try {
      return await drop(files, clock, event);
    } catch (error) {
      if (!isFull(error)) throw error;
      if (clock.elapsed() - since >= patience) throw event.finding === 'up' ? lost(error) : error;
      await clock.sleep(MOMENT);
    }
  }
}

function lost({ problem, message, cause }: StateFailure): StateFailure {
  const help =
    'a return is told once: the server stays out until it fails and returns again, or mon is restarted';
  return new StateFailure(problem, message, help, cause);
}

function isFull(error: unknown): error is StateFailure {
  const { code } = (error instanceof StateFailure ? (error.cause ?? {}) : {}) as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
