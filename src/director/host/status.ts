import type { Duties } from '../../render/director/duties.js';
import type { Ports } from '../../system/ports.js';
import type { Ran } from '../running.js';
import { survey } from './addresses.js';
import { readAddresses } from './held.js';
import { daemonRuns } from './daemons.js';
import { liveIfAny, missingServices } from './fill.js';
import { marksThere } from './marks.js';
import { settingsOfActive, settingsToMake } from './settings.js';

/** What an active director has and this machine lacks, in words; nothing where it is one. @throws KernelFailure */
export async function lacks(ports: Ports, duties: Duties, ran: Pick<Ran, 'current'>): Promise<string[]> {
  const { marks, daemons, addresses, failover, table } = duties;
  const found: string[] = [];
  if (marks !== undefined && !(await marksThere(ports.runner))) found.push('the firewall marks');
  for (const { path, value } of await settingsToMake(ports.files, settingsOfActive(duties)))
    found.push(`/proc/sys/${path} = ${value}`);
  if (table) found.push(...(await missingServices(ports, ran)).map(key => `the service ${key}`));
  const running = daemons ? ((await liveIfAny(ports))?.daemons ?? []) : [];
  if (daemons && !daemonRuns(running, 'master', daemons)) found.push('the master sync daemon');
  if (failover === 'vrrp') return found;
  for (const { address, prefix, state, interface: device } of survey(
    addresses,
    await readAddresses(ports.runner),
  ))
    if (state !== 'there') found.push(`${address}/${prefix}${device === undefined ? '' : ` on ${device}`}`);
  return found;
}
