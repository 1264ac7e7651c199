import type { Duties } from '../../render/director/duties.js';
import type { Ports } from '../../system/ports.js';
import type { Door } from '../door.js';
import { KernelFailure } from '../failure.js';
import type { Ran } from '../running.js';
import { type Act, command, perform } from './act.js';
import { addressesToAdd, addressesToRemove, survey, type Surveyed } from './addresses.js';
import { announce, announcement } from './announce.js';
import { daemonToStart, daemonToStop } from './daemons.js';
import { emptying, filling, liveIfAny } from './fill.js';
import { readAddresses } from './held.js';
import { loadMarks, marksThere, removeMarks } from './marks.js';
import { makeSetting, readSetting, settingsOfActive, settingsOfStandby, settingsToMake } from './settings.js';
import { type Stage, stage } from './stage.js';

/**
 * What makes this machine a director, in its order. Addresses come last: a packet that finds the address but no table is
 * answered with a reset.
 *
 * @param standby what a standby needs too: all but the addresses and the sending of connections
 */
export function startStages(ports: Ports, duties: Duties, ran: Ran, standby: boolean): Stage[] {
  const { marks, daemons } = duties;
  return [
    stage(() => modulesToLoad(ports, duties)),
    ...(marks === undefined ? [] : [stage(() => Promise.resolve([loadMarks(marks)]))]),
    stage(async () => {
      const wanted = standby ? duties.settings : settingsOfActive(duties);
      return (await settingsToMake(ports.files, wanted)).map(makeSetting);
    }),
    filling(ports, ran),
    ...(daemons
      ? [
          stage(async () => {
            const running = (await liveIfAny(ports))?.daemons ?? [];
            const roles = standby ? (['backup'] as const) : (['backup', 'master'] as const);
            return roles.flatMap(role => daemonToStart(running, role, daemons));
          }),
        ]
      : []),
    ...(standby || duties.failover === 'vrrp' ? [] : addressStages(ports, duties)),
  ];
}

async function modulesToLoad({ files }: Ports, { modules }: Duties): Promise<Act[]> {
  const found = await Promise.all(modules.map(name => files.look(`/sys/module/${name}`)));
  return modules.flatMap((name, index) => (found[index] ? [] : [command('modprobe', name)]));
}

function addressStages(ports: Ports, duties: Duties): Stage[] {
  const surveyed = async (): Promise<Surveyed[]> => surveyOf(ports, duties);
  return [
    stage(async () => addressesToAdd(ports, await surveyed())),
    {
      lines: async () => {
        const act = announcement(await surveyed());
        return act ? [act.line] : [];
      },
      carryOut: async door => announce(door, await surveyed()),
    },
  ];
}

async function surveyOf({ runner }: Ports, { addresses }: Duties): Promise<Surveyed[]> {
  return survey(addresses, await readAddresses(runner));
}

/**
 * What takes it back, in the opposite order.
 *
 * @throws KernelFailure where keepalived has addresses here: their clients would be reset
 */
export async function stopStages(ports: Ports, duties: Duties, ran: Ran): Promise<Stage[]> {
  const { daemons, marks } = duties;
  const vrrp = duties.failover === 'vrrp';
  if (vrrp && (await surveyOf(ports, duties)).some(({ state }) => state === 'there')) {
    const message = 'keepalived has addresses here, whose clients would be reset';
    throw new KernelFailure('refused', message, 'stop keepalived first');
  }
  const stopMaster = async (): Promise<Act[]> =>
    daemonToStop((await liveIfAny(ports))?.daemons ?? [], 'master');
  return [
    ...(vrrp ? [] : [giveUp(ports, duties)]),
    ...(daemons ? [stage(stopMaster)] : []),
    stage(async () => (await settingsToMake(ports.files, settingsOfStandby(duties))).map(makeSetting)),
    ...(duties.table ? [stage(() => keepingConnections(ports)), emptying(ports, ran)] : []),
    ...(marks === undefined
      ? []
      : [stage(async () => ((await marksThere(ports.runner)) ? [removeMarks] : []))]),
  ];
}

/** Takes away every address that it can. Where one stays, so does all else. */
function giveUp(ports: Ports, duties: Duties): Stage {
  const plan = async (): Promise<Act[]> => addressesToRemove(await surveyOf(ports, duties));
  return {
    lines: async () => (await plan()).map(({ line }) => line),
    carryOut: async door => {
      const failures = await failuresOf(door, await plan());
      const [first] = failures;
      if (!first) return;
      const message = `${first.message}: an address is still here, so all else stays too`;
      throw new KernelFailure(first.problem, message, 'without the table its clients would be reset');
    },
  };
}

async function failuresOf(door: Door, acts: readonly Act[]): Promise<KernelFailure[]> {
  const failures: KernelFailure[] = [];
  for (const act of acts) {
    try {
      await perform(door, act);
    } catch (error) {
      if (!(error instanceof KernelFailure)) throw error;
      failures.push(error);
    }
  }
  return failures;
}

/** Else the kernel forgets the connections with their servers; so they wait for the next start, which sets it again. */
async function keepingConnections({ files }: Ports): Promise<Act[]> {
  const path = 'net/ipv4/vs/expire_nodest_conn';
  const value = await readSetting(files, path);
  return value === undefined || value === '0' ? [] : [makeSetting({ path, value: '0' })];
}
