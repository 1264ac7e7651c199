import { readGeneration } from '../state/generations.js';
import { failureText, StateFailure } from '../state/failure.js';
import type { FilesChange } from '../table/renewed.js';
import { KernelFailure } from './failure.js';
import { reload, reloadUnits } from './reload.js';
import { type Renewal, renewalOf } from './renewal.js';
import type { FilesWork, Renewer } from './around-files.js';
import { forgetKept, keepOld, putBack, sweepBeside, writeRenewed } from './renew.js';

/**
 * @param goesBack whether what held before runs again: that is done as far as it can be, and never taken back
 */
export function filesWork(doer: Renewer, renewal: Renewal, goesBack: boolean): FilesWork {
  const { change, changes } = renewal;
  const { files } = doer.ports;
  const write = async (): Promise<void> => {
    if (!goesBack) await keepOld(files, change);
    await writeRenewed(files, changes);
  };
  return workOf(doer, change, goesBack ? () => asFarAsPossible(doer, write) : write, false);
}

/** What a killed run has left of it. What it was about to write is rendered once more, which gives the same. */
export function leftFilesWork(doer: Renewer, change: FilesChange, to: number | null): FilesWork {
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
