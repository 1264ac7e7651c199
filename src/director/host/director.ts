import { deadlines, next } from '../../state/deadlines.js';
import { StateFailure } from '../../state/failure.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Duties } from '../../render/director/duties.js';
import { momentNow } from '../../state/moment.js';
import type { Ports } from '../../system/ports.js';
import { type Door, note } from '../door.js';
import { KernelFailure } from '../failure.js';
import { readChecked } from '../keepalived/held.js';
import type { Ran, Running } from '../running.js';
import { settleDue } from '../settle.js';
import { setTimer, type Waker } from '../timer.js';
import { command, type Doer, perform } from './act.js';
import type { Stage } from './stage.js';
import { startStages, stopStages } from './start.js';
import { lacks } from './status.js';

/** What is to be done with this machine; `standby` is all of a start that a standby needs too. */
export type Action = 'start' | 'standby' | 'stop';

/** What this machine has to do in the cluster that runs. @throws where it is no director in it */
export type Task = (cluster: Cluster) => Promise<Duties>;

/**
 * The kernel's IPVS is there before the door opens: whoever goes through may find a change of the table to end.
 *
 * @throws KernelFailure
 */
export async function loadIpvs(doer: Doer): Promise<void> {
  if (await doer.ports.files.look('/proc/net/ip_vs')) return;
  try {
    await perform(doer, command('modprobe', 'ip_vs'));
  } catch (error) {
    if (!(error instanceof KernelFailure) || error.problem !== 'refused') throw error;
    throw new KernelFailure('no-module', `this kernel has no IPVS: ${error.message}`, error.help);
  }
}

/**
 * Makes this machine a director, or no more one. What is so already stays; killed in its middle it is completed by the
 * next run.
 *
 * @returns the number of the generation that runs
 * @throws StateFailure where nothing has been applied; KernelFailure; what `task` throws
 */
export async function direct(door: Door, action: Action, task: Task, waker: Waker): Promise<number> {
  let done = 0;
  const echo = (line: string): void => {
    done++;
    door.echo(line);
  };
  const ran = hasRun(await settleDue(door));
  const { number, cluster } = ran.current;
  const duties = await task(cluster);
  const stages = await stagesOf(door.ports, action, duties, ran);
  try {
    for (const { carryOut } of stages) await carryOut({ ...door, echo });
  } catch (error) {
    if (!(error instanceof KernelFailure) || action === 'stop') throw error;
    throw new KernelFailure(error.problem, `${error.message}; not started`, error.help);
  }
  const event = ({ start: 'started', standby: 'stands-by', stop: 'stopped' } as const)[action];
  if (done > 0) await note(door, [{ event, cause: `lvsctl ${door.verb}`, after: `generation ${number}` }]);
  // A stop at a shutdown could not set one, and any other leaves the one that there is.
  if (action !== 'stop') await wakeLater(door, ran, waker);
  return number;
}

/** The commands that this would be now. Takes no lock and settles nothing. @throws as `direct` */
export async function rehearse(ports: Ports, action: Action, task: Task): Promise<string[]> {
  const ran = await whatRuns(ports);
  const stages = await stagesOf(ports, action, await task(ran.current.cluster), ran);
  const lines: string[] = [];
  for (const one of stages) lines.push(...(await one.lines()));
  return lines;
}

/** What this machine lacks to be the active director, in words. @throws as `direct` */
export async function inspect(ports: Ports, task: Task): Promise<string[]> {
  const ran = await whatRuns(ports);
  return await lacks(ports, await task(ran.current.cluster), ran);
}

async function stagesOf(ports: Ports, action: Action, duties: Duties, ran: Ran): Promise<Stage[]> {
  // What has been let go has its addresses until its connections have ended.
  const whole = { ...duties, addresses: [...duties.addresses, ...(ran.lingering?.addresses ?? [])] };
  if (action === 'stop') return await stopStages(ports, whole, ran);
  return startStages(ports, whole, ran, action === 'standby');
}

async function whatRuns(ports: Ports): Promise<Ran> {
  const { files, clock } = ports;
  return hasRun(await readChecked(ports, await momentNow(files, clock), () => {}));
}

function hasRun(running: Running): Ran {
  const { current } = running;
  if (current) return { ...running, current };
  throw new StateFailure(
    'absent',
    'nothing has been applied, so there is nothing to direct',
    'lvsctl apply makes a description run; until then director.lvs.dr acts by itself',
  );
}

/** A boot has taken the timer; whoever starts the director after it sets the next. */
async function wakeLater(door: Door, running: Running, waker: Waker): Promise<void> {
  const { files, clock } = door.ports;
  const now = await momentNow(files, clock);
  const wait = next(deadlines(running, now), now);
  if (wait === undefined) return;
  await setTimer(waker, door.ports, wait).catch((error: unknown) => {
    if (!(error instanceof KernelFailure)) throw error;
    door.warn(`${error.message}; ${error.help}`);
  });
}
