import { Host, type Lab, LabFailure, type LabTools } from './lab.js';
import { repluggingPlan } from './network.js';

/** What a boot gave. */
interface Boot {
  readonly process: string;
  /** Seconds until systemd had nothing more to start. */
  readonly seconds: number;
}

/** A host that has booted Debian's systemd with its units, in place of the container that it was before. */
export class BootedHost extends Host {
  private constructor(
    private readonly lab: Lab,
    private readonly from: Host,
    private readonly machine: LabTools,
    private readonly boot: Boot,
  ) {
    super(from.plan, from.namespace, boot.process, machine);
  }

  /**
   * Boots a host of the lab from nothing: Debian's packages are installed, and nothing else.
   *
   * @param without units of packages that such a host would not have; the image has the packages of all
   */
  static async boot(
    lab: Lab,
    host: Host,
    tools: LabTools,
    without: readonly string[] = [],
  ): Promise<BootedHost> {
    await tools.errands.run('kill', ['-9', host.process]);
    return new BootedHost(lab, host, tools, await boot(lab, host, tools, without));
  }

  get seconds(): number {
    return this.boot.seconds;
  }

  /** An orderly reboot. The host keeps its files; its interfaces are new ones, as after any boot. */
  async reboot(): Promise<BootedHost> {
    await this.sh('systemctl reboot');
    await this.lab.until(`${this.name} has shut down`, async () => !(await this.#isUp()), 150);
    return new BootedHost(this.lab, this.from, this.machine, await boot(this.lab, this.from, this.machine));
  }

  /** A power failure, and its end. */
  async powerCycle(): Promise<BootedHost> {
    await this.machine.errands.run('sh', ['-c', `echo 1 >${groupOf(this)}/cgroup.kill`]);
    await this.lab.until(`${this.name} is off`, async () => !(await this.#isUp()), 60);
    return new BootedHost(this.lab, this.from, this.machine, await boot(this.lab, this.from, this.machine));
  }

  /** Takes the host away, with all its processes. */
  async end(): Promise<void> {
    const group = groupOf(this);
    await this.machine.errands.run('sh', ['-c', `echo 1 >${group}/cgroup.kill`]);
    await this.lab.until(`${this.name} has ended`, async () => !(await this.#isUp()));
    await this.machine.errands.run('find', [group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
  }

  /** systemd-nspawn, which runs the host, is in its cgroup as well. */
  async #isUp(): Promise<boolean> {
    const { stdout } = await this.machine.errands.run('cat', [`${groupOf(this)}/cgroup.events`]);
    return stdout.includes('populated 1');
  }
}

async function boot(lab: Lab, host: Host, tools: LabTools, without: readonly string[] = []): Promise<Boot> {
  const { errands, clock, guest } = tools;
  const begin = clock.elapsed();
  const plans = lab.hosts.map(one => one.plan);
  const { cut, machine, inside } = repluggingPlan(plans, host.name, prefixOf(host));
  const { namespace } = host;
  const cards = await errands.run('ip', ['-n', namespace, '-o', 'link', 'show']);
  await errands.run('ip', ['-force', '-batch', '-'], { input: lines(cut) });
  // The namespace outlives the host, and a kernel that boots knows no table.
  await errands.run('ip', ['netns', 'exec', namespace, 'ipvsadm', '-C']);
  const folder = `/tmp/hosts/${prefixOf(host)}/${host.name}.booted`;
  let process = '';
  for (const [program, args, input] of [
    ['ip', ['-batch', '-'], lines(machine)],
    ['ip', ['-n', namespace, '-batch', '-'], hardwareAddresses(host, cards.stdout) + lines(inside)],
    ['sh', [`${guest}/boot-host`, host.name, namespace, folder, ...without], ''],
  ] as const) {
    const { exitCode, stdout, stderr } = await errands.run(program, args, { input });
    if (exitCode !== 0) throw new LabFailure(`${host.name} does not boot\n${stdout}${stderr}`.trimEnd());
    process = stdout.trim();
  }
  const booted = new Host(host.plan, namespace, process, tools);
  // Its exit code speaks of failed units: that is for the scenario to judge.
  await booted.run('systemctl is-system-running --wait');
  return { process, seconds: Math.round((clock.elapsed() - begin) / 100) / 10 };
}

/** What gives new interfaces the hardware addresses of the old ones, which the neighbours know. */
function hardwareAddresses({ plan }: Host, cards: string): string {
  const found = [...cards.matchAll(/^\d+: (\S+)@.* link\/ether (\S+)/gm)];
  const own = found.filter(([, name]) => plan.links.some(link => link.interface === name));
  return lines(own.map(([, name, address]) => `link set ${name} address ${address}`));
}

function lines(list: readonly string[]): string {
  return list.map(line => `${line}\n`).join('');
}

/** What the names of a set of hosts begin with (network.ts). */
function prefixOf({ namespace, name }: Host): string {
  return namespace.slice(0, -name.length - 1);
}

function groupOf({ namespace }: Host): string {
  return `/sys/fs/cgroup/${namespace}`;
}
