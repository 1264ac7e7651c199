import { readGeneration } from '../state/generations.js';
import type { Event } from '../state/events.js';
import { failureText, StateFailure } from '../state/failure.js';
import type { Intent } from '../state/intent.js';
import type { FilesChange } from '../table/renewed.js';
import { KernelFailure } from './failure.js';
import type { Doer } from './host/act.js';
import { reload, reloadUnits } from './reload.js';
import { type Asking, type Renewal, renewalOf } from './renewal.js';
import type { Target } from './target.js';
import { forgetKept, keepOld, putBack, sweepBeside, writeRenewed } from './renew.js';

/** Who renews files, and writes down what did not go well. */
export interface Renewer extends Doer, Asking {
  readonly note: (events: readonly Event[]) => Promise<void>;
}

/**
 * The files' part of a transaction, around the table's. They come before the table: what cannot be written is found out
 * while no packet goes another way yet. Daemons read them after it, when all is there that they may ask for.
 */
export interface FilesWork {
  readonly forward: (table: () => Promise<void>) => Promise<void>;
  /** Puts back what was there; what cannot be is told, and keeps the table from nothing. */
  readonly back: (table: () => Promise<void>) => Promise<void>;
  /** Forgets the way back. */
  readonly end: () => Promise<void>;
}

const NO_WORK: FilesWork = {
  forward: table => table(),
  back: table => table(),
  end: () => Promise.resolve(),
};

/**
 * @param goesBack whether what held before runs again: that is done as far as it can be, and never taken back
 */
export function filesWork(
  doer: Renewer,
  renewal: Renewal | undefined,
  goesBack: boolean,
  { checked }: Target,
): FilesWork {
  if (!renewal || renewal.change.files.length === 0) return NO_WORK;
  const { changes } = renewal;
  const change = checked ? withoutWriter(renewal.change) : renewal.change;
  const { files } = doer.ports;
  const write = async (): Promise<void> => {
    if (!goesBack) await keepOld(files, change);
    await writeRenewed(files, changes);
  };
  return workOf(doer, change, goesBack ? () => asFarAsPossible(doer, write) : write, false);
}

/** What a killed run has left of it. What it was about to write is rendered once more, which gives the same. */
export function leftFilesWork(doer: Renewer, { files: change, to }: Intent): FilesWork {
  if (!change) return NO_WORK;
  const { files } = doer.ports;
  const write = async (): Promise<void> => {
    await sweepBeside(files, change);
    if (to === null) return;
    const { cluster, description } = await readGeneration(files, to);
    await writeRenewed(files, await renewalOf(doer, cluster, description.name, change));
  };
  return workOf(doer, change, () => asFarAsPossible(doer, write), true);
}

/** @param areTold whether the daemons may have been told already */
function workOf(doer: Renewer, change: FilesChange, write: () => Promise<void>, areTold: boolean): FilesWork {
  const { files } = doer.ports;
  let isOut = areTold;
  return {
    forward: async table => {
      await write();
      await table();
      isOut = true;
      await tellDaemons(doer, change);
    },
    back: async table => {
      await asFarAsPossible(doer, () => sweepBeside(files, change));
      for (const problem of await putBack(files, change)) doer.warn(problem);
      await table();
      if (isOut) await tellDaemons(doer, change);
    },
    end: () => forgetKept(files, change),
  };
}

/** keepalived, where it has a part in the table, reads its file while that is brought about. */
function withoutWriter({ reloads, ...change }: FilesChange): FilesChange {
  return { ...change, reloads: reloads.filter(one => one !== 'keepalived') };
}

/** The table is right already. A daemon that does not read its files keeps to what it knows, and that is told loudly. */
async function tellDaemons(doer: Renewer, change: FilesChange): Promise<void> {
  await attempt(doer, 'systemd', () => reloadUnits(doer, change));
  for (const daemon of change.reloads) await attempt(doer, daemon, () => reload(doer, daemon));
}

async function attempt(doer: Renewer, who: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof KernelFailure)) throw error;
    doer.warn(`${who} has not read its renewed files, and goes on with the old ones: ${error.message}`);
    await doer.note([{ event: 'reload-failed', cause: `${who}: ${error.message}` }]);
  }
}

async function asFarAsPossible({ warn }: Renewer, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof StateFailure || error instanceof KernelFailure)) throw error;
    warn(`the rendered files are not renewed: ${failureText(error)}; \`lvsctl configure\` does it`);
  }
}
