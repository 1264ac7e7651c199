import type { Cluster } from '../cluster/cluster.js';
import type { Clock } from '../system/ports.js';
import type { ErrandResult, Errands } from './errands.js';
import { LabFailure } from './failure.js';
import { folderOf, namespaceOf, removalPlan, returnPlan, startPlan } from './network.js';
import { type LabHost, topologyOf } from './topology.js';

/** What a host of the lab is started and entered with, inside the machine. */
export interface LabTools {
  readonly errands: Errands;
  readonly clock: Clock;
  /** The folder lab/guest. */
  readonly guest: string;
}

export { LabFailure };

/** A host that runs. */
export class Host {
  constructor(
    readonly plan: LabHost,
    readonly namespace: string,
    process: string,
    private readonly tools: LabTools,
  ) {
    this.#process = process;
  }

  #process: string;

  /** Its process 1, as the machine numbers it. */
  get process(): string {
    return this.#process;
  }

  /** It has been started again. */
  returned(process: string): void {
    this.#process = process;
  }

  get name(): string {
    return this.plan.name;
  }

  /** Runs a shell script on the host and waits for it, whatever comes of it. */
  async run(script: string, input?: string): Promise<ErrandResult> {
    return this.tools.errands.run('/bin/sh', ['-c', script], {
      inside: this.process,
      ...(input === undefined ? {} : { input }),
    });
  }

  /** The same where it has to succeed. @returns what it printed, without the last newline */
  async sh(script: string, input?: string): Promise<string> {
    const { exitCode, stdout, stderr, timedOut } = await this.run(script, input);
    if (exitCode !== 0) {
      const how = timedOut ? 'did not end' : `ended with ${exitCode ?? 'a signal'}`;
      throw new LabFailure(`${this.name}: \`${script}\` ${how}\n${stdout}${stderr}`.trimEnd());
    }
    return stdout.replace(/\n$/, '');
  }

  /** A script of lab/guest with its arguments, as the shell of the host runs it. */
  perl(script: string, words: readonly (string | number)[]): string {
    return `perl ${this.tools.guest}/${script}.pl ${words.join(' ')}`;
  }

  /** Starts an installed unit as systemd would, and waits where it is a oneshot. */
  async unit(name: string): Promise<void> {
    await this.sh(`sh ${this.tools.guest}/unit ${name}`);
  }

  /** Starts a program that stays. What it prints is in /var/log/NAME.out of the host. */
  async daemon(name: string, command: string): Promise<void> {
    await this.sh(`setsid ${command} </dev/null >>/var/log/${name}.out 2>&1 &`);
  }

  /** A power failure: the links die with the processes. */
  async kill(): Promise<void> {
    const links = this.plan.links.map(link => `link set ${link.interface} down\n`).join('');
    await this.tools.errands.run('ip', ['-n', this.namespace, '-batch', '-'], { input: links });
    await this.tools.errands.run('kill', ['-9', this.process]);
  }
}

/** A cluster's hosts, up and connected. */
export class Lab {
  readonly #trees = new Map<Host, string[]>();
  #returns = 0;

  private constructor(
    readonly cluster: Cluster,
    private readonly tools: LabTools,
    private readonly prefix: string,
    readonly hosts: readonly Host[],
  ) {}

  /**
   * Starts a cluster's hosts, without any of its files.
   *
   * @param number tells this set of hosts from others in the machine
   */
  static async start(cluster: Cluster, tools: LabTools, number: number): Promise<Lab> {
    const prefix = `l${number}`;
    const plans = topologyOf(cluster);
    const begin = startHosts(tools, startPlan(plans, prefix));
    const processes = await begin.catch(async (error: unknown) => {
      await clear(tools.errands, plans, prefix);
      throw error;
    });
    const hosts = plans.map(
      plan => new Host(plan, namespaceOf(prefix, plan.name), processes.get(plan.name)!, tools),
    );
    const lab = new Lab(cluster, tools, prefix, hosts);
    const router = hosts.find(one => one.plan.role === 'router');
    await router?.sh('echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding');
    return lab;
  }

  /** The same hosts, seen as those of another cluster that has them. */
  as(cluster: Cluster): Lab {
    return new Lab(cluster, this.tools, this.prefix, this.hosts);
  }

  host(name: string): Host {
    const found = this.hosts.find(one => one.name === name);
    if (!found) throw new LabFailure(`the lab has no host ${name}`);
    return found;
  }

  role(role: LabHost['role']): Host[] {
    return this.hosts.filter(one => one.plan.role === role);
  }

  get client(): Host {
    return this.role('client')[0]!;
  }

  /** Copies a rendered tree over the / of hosts, as their administrators would. */
  async install(hosts: Host | readonly Host[], tree: string): Promise<void> {
    for (const host of [hosts].flat()) this.#trees.set(host, [...(this.#trees.get(host) ?? []), tree]);
    await this.#copy([hosts].flat(), tree);
  }

  async #copy(hosts: readonly Host[], tree: string): Promise<void> {
    const processes = hosts.map(one => one.process);
    if (processes.length === 0) return;
    await must(this.tools.errands, 'perl', [`${this.tools.guest}/hosts.pl`, 'install', tree, ...processes]);
  }

  /**
   * Switches a host on again that was killed: a kernel that knows nothing of before, and a disk with the trees that
   * were installed. Its units are not started.
   */
  async restart(host: Host): Promise<void> {
    const all = this.hosts.map(one => one.plan);
    const folder = `${folderOf(this.prefix)}/${host.name}.${++this.#returns}`;
    const processes = await startHosts(this.tools, returnPlan(all, host.name, this.prefix, folder));
    host.returned(processes.get(host.name)!);
    for (const tree of this.#trees.get(host) ?? []) await this.#copy([host], tree);
  }

  /** Milliseconds since some moment. */
  elapsed(): number {
    return this.tools.clock.elapsed();
  }

  /** @param seconds how long to let things be */
  async pause(seconds: number): Promise<void> {
    await this.tools.clock.sleep(seconds * 1000);
  }

  /** Waits until something holds. @returns the seconds it took @throws LabFailure where it took longer than `seconds` */
  async until(what: string, holds: () => Promise<boolean>, seconds = 30): Promise<number> {
    const { clock } = this.tools;
    const start = clock.elapsed();
    for (;;) {
      if (await holds()) return Math.round((clock.elapsed() - start) / 100) / 10;
      const past = clock.elapsed() - start;
      if (past > seconds * 1000) throw new LabFailure(`${what}: not within ${seconds} s`);
      // To look is work for the machine, which those who wait for something slow would take from others.
      await clock.sleep(Math.min(500, Math.max(100, past / 10)));
    }
  }

  async stop(): Promise<void> {
    const { errands } = this.tools;
    await errands.run('kill', ['-9', ...this.hosts.map(one => one.process)]);
    const plans = this.hosts.map(one => one.plan);
    await clear(errands, plans, this.prefix);
  }
}

/** @returns process 1 of each host, by its name */
async function startHosts(tools: LabTools, plan: readonly string[]): Promise<Map<string, string>> {
  const started = await must(tools.errands, 'perl', [`${tools.guest}/hosts.pl`, 'start'], lines(plan));
  return new Map(started.split('\n').map(line => line.split(' ') as [string, string]));
}

/** Takes away what is left of hosts that run no more. */
async function clear(errands: Errands, plans: readonly LabHost[], prefix: string): Promise<void> {
  await errands.run('ip', ['-force', '-batch', '-'], { input: lines(removalPlan(plans, prefix)) });
  await errands.run('rm', ['-rf', folderOf(prefix)]);
}

async function must(
  errands: Errands,
  program: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const result = await errands.run(program, args, input === undefined ? {} : { input });
  if (result.exitCode === 0) return result.stdout;
  throw new LabFailure(`${program} ${args.join(' ')} failed\n${result.stdout}${result.stderr}`.trimEnd());
}

function lines(list: readonly string[]): string {
  return list.map(line => `${line}\n`).join('');
}
