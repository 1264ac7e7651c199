import { type Cpu, type FirstLine, MILLION, numberOf, processors } from './host.js';

/** A control group that is the machine as far as the work of this host goes: cgroups(7), version 2. */
export interface Group {
  readonly path: string;
  /** In millionths of a processor. */
  readonly limit?: bigint;
}

const ROOT = '/sys/fs/cgroup';

/**
 * Of those on the way to this process the one with the narrowest limit of processors, of equal ones the outermost; in a
 * container without a limit its own root. Undefined where the whole machine is this host's.
 */
export function findGroup(first: FirstLine, own: string): Group | undefined {
  let found: Group | undefined;
  for (const path of groupsAbove(own)) {
    const [quota = '', period = ''] = first(`${path}/cpu.max`).split(' ');
    if (quota === '') continue;
    // The machine's own root has no such file: this is a container.
    if (path === ROOT) found = { path };
    const [most, each] = [numberOf(quota), numberOf(period)];
    if (most === undefined || !each) continue;
    const limit = (most * MILLION) / each;
    if (found?.limit === undefined || limit < found.limit) found = { path, limit };
  }
  return found;
}

/**
 * The groups from the root to the one of this process.
 *
 * @param own what /proc/self/cgroup says; `/..` is outside what this process can see
 */
function groupsAbove(own: string): string[] {
  const found = own.split('\n').findLast(line => line.startsWith('0::/') && !line.startsWith('0::/..'));
  const names = (found ?? '')
    .slice('0::/'.length)
    .split('/')
    .filter(name => name !== '');
  // The agent's own unit has no other work in it.
  if (names.at(-1)?.endsWith('.service')) names.pop();
  return [ROOT, ...names.map((_, index) => [ROOT, ...names.slice(0, index + 1)].join('/'))];
}

/** How busy a group was. What was stolen from it, nobody counts. */
export function groupCpu(first: FirstLine, { path, limit }: Group): Cpu {
  const [name, used = ''] = first(`${path}/cpu.stat`).split(' ');
  const busy = name === 'usage_usec' ? numberOf(used) : undefined;
  const there = processors(first, `${path}/cpuset.cpus.effective`);
  const cpus = limit !== undefined && (there === undefined || limit < there) ? limit : there;
  return { ...(busy === undefined ? {} : { busy }), ...(cpus === undefined ? {} : { cpus }) };
}
