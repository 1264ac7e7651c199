import { familyOf } from '../../cluster/address.js';
import type { Act } from '../../director/host/act.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { type Conduct, readConduct, reversePathFilter } from './conduct.js';
import { setUpAgain, type Task, tasksHere } from './part.js';
import { defaultRoutes } from './route.js';

export const reversePath: Check = {
  name: 'reverse-path',
  about: "the reverse path filter drops no client's packets",
  async examine(patient) {
    const tasks = ((await tasksHere(patient)) ?? []).filter(
      ({ vip, place }) => place !== undefined && familyOf(vip) === 'ipv4',
    );
    if (tasks.length === 0) return undefined;
    const { files, runner } = patient.ports;
    const hears = new Map((await patient.addresses()).map(one => [one.address, one.interface]));
    const [first] = await defaultRoutes(runner, 'ipv4');
    return judgeReversePath(
      await readConduct(files),
      tasks,
      hears,
      first?.interface,
      await setUpAgain(patient),
    );
  },
};

/**
 * A tunnel's packets come out of its device with the source of a client, which is reached by another; under direct
 * routing they may arrive where the way back does not leave.
 *
 * @param hears the interfaces of this host's addresses
 * @param leaves the interface of the default route
 */
export function judgeReversePath(
  conduct: ReadonlyMap<string, Conduct>,
  tasks: readonly Task[],
  hears: ReadonlyMap<string, string>,
  leaves: string | undefined,
  again: readonly Act[],
): Finding[] {
  const findings = new Map<string, Finding>();
  const isStrict = (device: string | undefined): device is string =>
    device !== undefined && reversePathFilter(conduct, device) === 1;
  const found = (device: string): string =>
    `rp_filter is 1 there (all ${conduct.get('all')?.rp_filter ?? 0}, ${device} ${conduct.get(device)!.rp_filter})`;
  for (const task of tasks) {
    const own = hears.get(task.rip);
    const device = task.tunnel ? deviceOf(task) : (task.interface ?? own);
    if (!isStrict(device)) continue;
    const subject = `net.ipv4.conf.${device}.rp_filter`;
    if (task.tunnel) {
      const what = `what comes out of the tunnel ${device} is dropped, since its clients are reached by another interface: ${found(device)}`;
      findings.set(subject, { code: 'tunnel-filtered', subject, what, mend: again });
    } else if (leaves !== undefined && leaves !== device) {
      const what = `clients' packets arrive on ${device}, and the way back to them leaves by ${leaves}: ${found(device)}`;
      const help = `let the default route leave by ${device}, or make the filter loose (2)`;
      findings.set(subject, { code: 'clients-filtered', subject, what, help });
    }
  }
  return [...findings.values()];
}

/** The kernel's device that unpacks what the tunnel brings, with IPv4 inside. */
function deviceOf({ tunnel, rip }: Task): string {
  const outer = familyOf(rip);
  if (tunnel?.type === 'gre') return outer === 'ipv4' ? 'gre0' : 'ip6gre0';
  return outer === 'ipv6' ? 'ip6tnl0' : 'tunl0';
}
