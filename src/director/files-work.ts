import { readGeneration } from '../state/generations.js';
import { failureText, StateFailure } from '../state/failure.js';
import { forgetFirstFiles } from '../state/first-files.js';
import type { Intent } from '../state/intent.js';
import type { FilesChange } from '../table/renewed.js';
import { KernelFailure } from './failure.js';
import { take, takeBack } from './checkers.js';
import { putFirstFiles } from './first-files.js';
import { reload, reloadUnits } from './reload.js';
import { type Renewal, renewalOf } from './renewal.js';
import type { FilesWork, Renewer } from './around-files.js';
import { forgetEarlier, forgetKept, keepOld, putBack, sweepBeside, writeRenewed } from './renew.js';

/** The change of the table that they change with. */
type Whole = Pick<Intent, 'kind' | 'to'>;

export function filesWork(doer: Renewer, { change, changes }: Renewal, whole: Whole): FilesWork {
  const { files } = doer.ports;
  if (whole.kind === 'return') {
    const write = (): Promise<void> => (whole.to === null ? putFirst(doer) : writeRenewed(files, changes));
    return workOf(doer, change, whole, () => asFarAsPossible(doer, write));
  }
  const write = async (): Promise<void> => {
    await keepOld(files, change);
    await writeRenewed(files, changes);
  };
  return { ...workOf(doer, change, whole, write), begin: () => forgetEarlier(files, change) };
}

/** What a killed run has left of it. What it was about to write is rendered once more, which gives the same. */
export function leftFilesWork(doer: Renewer, change: FilesChange, whole: Whole): FilesWork {
  const { files } = doer.ports;
  const write = async (): Promise<void> => {
    await sweepBeside(files, change);
    if (whole.to === null) return await putFirst(doer);
    const { cluster, description } = await readGeneration(files, whole.to);
    await writeRenewed(files, await renewalOf(doer, cluster, description.name, change));
  };
  return workOf(doer, change, whole, () => asFarAsPossible(doer, write), true);
}

/** @param areTold whether the daemons may have been told already */
function workOf(
  doer: Renewer,
  change: FilesChange,
  { kind, to }: Whole,
  write: () => Promise<void>,
  areTold = false,
): FilesWork {
  const { files } = doer.ports;
  const { first = [], last = [] } = change.handover ?? {};
  let isOut = areTold;
  let begun = areTold ? first : [];
  let ended = areTold ? last : [];
  const tell = async (): Promise<void> => {
    isOut = true;
    await tellDaemons(doer, change);
  };
  return {
    begin: () => Promise.resolve(),
    forward: async table => {
      await write();
      begun = first;
      await take(doer, first);
      await table().catch(async (error: unknown) => {
        // These files stay, and are no news to whoever tries the rest once more: nobody would tell of them then.
        if (kind === 'return' && error instanceof KernelFailure) await tell();
        throw error;
      });
      await tell();
      ended = last;
      await take(doer, last, !areTold);
    },
    back: async table => {
      await takeBack(doer, ended, true);
      await asFarAsPossible(doer, () => sweepBeside(files, change));
      for (const problem of await putBack(files, change)) doer.warn(problem);
      await table();
      if (isOut) await tellDaemons(doer, change);
      await takeBack(doer, begun, !areTold);
    },
    end: async () => {
      await forgetKept(files, change);
      // One that stays counts for nothing: the next trial makes it anew.
      if (to === null) await forgetFirstFiles(files).catch(() => {});
    },
  };
}

async function putFirst({ ports, warn }: Renewer): Promise<void> {
  for (const problem of await putFirstFiles(ports.files)) warn(problem);
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
