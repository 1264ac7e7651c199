import type { Ports } from '../../system/ports.js';
import { applicationCpu, type BusySource, wrapped } from './busy.js';
import { findGroup, type Group, groupCpu } from './groups.js';
import { type FirstLine, firstLines, machineCpu, numberOf, textOf } from './host.js';
import { readState } from './state.js';
import { decimal, uptimeLine } from './words.js';

/**
 * What the agent answers: uptime(1)'s line, then one of counters that only grow, so that whoever asks computes shares
 * over its own times; `realserver/uptimesrv` says the same. Counters are microseconds. Not said is what is not known.
 *
 * @param source where an application says how busy it is; where it does not, the answer has the state alone, by which
 *   a director keeps to the weight that it had
 * @returns undefined where this host has no /proc
 */
export async function answerOf(
  { files, runner, clock }: Pick<Ports, 'files' | 'runner' | 'clock'>,
  source: BusySource | undefined,
  complain: (text: string) => void,
): Promise<string | undefined> {
  const first = firstLines(files);
  const state = readState(files);
  const group = findGroup(first, textOf(files, '/proc/self/cgroup', 65_536));
  const cpu = source
    ? await applicationCpu(source, files, runner)
    : group
      ? groupCpu(first, group)
      : machineCpu(first);
  if (!cpu) {
    complain('what is to say how busy does not say it: BUSY_MICROSECONDS [WORKERS]');
    return `lvsctl/1 state=${state}\n`;
  }
  const [, whole, hundredths] = /^(\d+)\.(\d\d) /.exec(`${first('/proc/uptime')} `) ?? [];
  if (whole === undefined || hundredths === undefined) return undefined;
  const now = clock.now();
  const seconds = BigInt(whole);
  const boot = bootOf(first);
  const words = Object.entries({
    boot: boot === '' ? undefined : boot,
    t_us: seconds * 1_000_000n + BigInt(hundredths) * 10_000n,
    cpus: cpu.cpus === undefined ? undefined : decimal(cpu.cpus),
    busy_us: cpu.busy === undefined ? undefined : wrapped(cpu.busy),
    steal_us: cpu.steal === undefined ? undefined : wrapped(cpu.steal),
    psi_cpu_us: pressure(first, group, 'cpu'),
    psi_io_us: pressure(first, group, 'io'),
    psi_mem_us: pressure(first, group, 'memory'),
    state,
  }).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  return `${uptimeLine(now, seconds, first('/proc/loadavg'))}lvsctl/1 ${words.join(' ')}\n`;
}

/** Names the boot. Started anew, a container has the same boot_id and another first process. */
function bootOf(first: FirstLine): string {
  const id = first('/proc/sys/kernel/random/boot_id').split('-')[0]!;
  const stat = first('/proc/1/stat');
  // The name of the program, in brackets, may hold anything. proc_pid_stat(5): the 22nd field is the start.
  const start = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[19];
  return start === undefined ? id : `${id}-${start}`;
}

/** For how long some process had to wait: psi.txt of the kernel. */
function pressure(
  first: FirstLine,
  group: Group | undefined,
  what: 'cpu' | 'io' | 'memory',
): bigint | undefined {
  const line = first(group ? `${group.path}/${what}.pressure` : `/proc/pressure/${what}`);
  const total = line.startsWith('some ') ? numberOf(/total=(\d+)$/.exec(line)?.[1] ?? '') : undefined;
  return total === undefined ? undefined : wrapped(total);
}
