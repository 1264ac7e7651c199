import { FOLDER, READABLE, RUN_FOLDER } from '../../state/paths.js';
import type { Files } from '../../system/ports.js';
import { firstLines } from './host.js';

/** What the administrator of a host says of it. */
export const STATES = ['drain', 'maint', 'ready'] as const;
export type State = (typeof STATES)[number];

/** The state's only home, root's; a boot clears it. `realserver/uptimesrv` reads and writes it, too. */
export const AGENT_STATE = `${RUN_FOLDER}/agent.state`;

/** `ready` where nothing else has been said. */
export function readState(files: Files): State {
  const word = firstLines(files)(AGENT_STATE);
  return STATES.find(one => one === word) ?? 'ready';
}

/** What the answers say from now on. @throws errors of `Files` */
export async function writeState(files: Files, state: State): Promise<void> {
  // Whatever the umask: the agent of realserver/ is not root.
  await files.makeFolder(RUN_FOLDER, FOLDER);
  await files.replace(AGENT_STATE, `${state}\n`, READABLE);
}
