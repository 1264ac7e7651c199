import type { LabHost } from './topology.js';

/** What `ip -batch` has to do for a set of hosts. Names begin with a prefix of the set's own, so that sets do not meet. */
export interface NetworkPlan {
  /** Namespaces, bridges, cables. */
  readonly machine: readonly string[];
  /** Inside the namespace of each host, by its name. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
}

export function namespaceOf(prefix: string, host: string): string {
  return `${prefix}-${host}`;
}

/** Where the hosts of a set write to, in the machine. */
export function folderOf(prefix: string): string {
  return `/tmp/hosts/${prefix}`;
}

/** One bridge for each segment, one cable for each link; process start-up costs more than all that it does. */
export function networkPlan(hosts: readonly LabHost[], prefix: string): NetworkPlan {
  const segments = [...new Set(hosts.flatMap(host => host.links.map(link => link.segment)))];
  const bridge = (segment: string): string => `${prefix}b${segments.indexOf(segment)}`;
  const machine = segments.flatMap(segment => [
    `link add ${bridge(segment)} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
    `link set ${bridge(segment)} up`,
  ]);
  const inside = new Map<string, string[]>();
  let cables = 0;
  for (const host of hosts) {
    const namespace = namespaceOf(prefix, host.name);
    machine.push(`netns add ${namespace}`);
    const lines = ['link set lo up'];
    for (const link of host.links) {
      const cable = `${prefix}v${cables++}`;
      machine.push(
        `link add ${link.interface} netns ${namespace} type veth peer name ${cable}`,
        `link set ${cable} master ${bridge(link.segment)} up`,
      );
      for (const address of link.addresses) {
        // Without a broadcast address heartbeat's messages go nowhere, and both directors become active.
        const more = address.includes(':') ? 'nodad' : 'brd +';
        lines.push(`addr add ${address} ${more} dev ${link.interface}`);
      }
      lines.push(`link set ${link.interface} up`);
    }
    for (const { to, via } of host.routes) lines.push(`route add ${to} via ${via}`);
    inside.set(host.name, lines);
  }
  return { machine, hosts: inside };
}

/** The whole set as lab/guest/hosts.pl starts it. */
export function startPlan(hosts: readonly LabHost[], prefix: string): string[] {
  const { machine, hosts: inside } = networkPlan(hosts, prefix);
  const folder = folderOf(prefix);
  const lines = hosts.flatMap(({ name }) => [
    `host ${name} ${namespaceOf(prefix, name)} ${folder}/${name}`,
    ...inside.get(name)!,
  ]);
  return [...machine, ...lines];
}

/** What takes the set away again; its namespaces take their ends of the cables with them. */
export function removalPlan(hosts: readonly LabHost[], prefix: string): string[] {
  const segments = new Set(hosts.flatMap(host => host.links.map(link => link.segment)));
  return [
    ...hosts.map(host => `netns del ${namespaceOf(prefix, host.name)}`),
    ...[...segments].map((_, index) => `link del ${prefix}b${index}`),
  ];
}

/** What unplugs one host of the set, what makes its namespace and cables anew, and what sets them up inside it. */
export interface Replugging {
  readonly cut: readonly string[];
  readonly machine: readonly string[];
  readonly inside: readonly string[];
}

export function repluggingPlan(hosts: readonly LabHost[], host: string, prefix: string): Replugging {
  const { machine, hosts: inside } = networkPlan(hosts, prefix);
  const namespace = namespaceOf(prefix, host);
  const added = machine.filter(line => line.includes(` netns ${namespace} `));
  const cables = added.map(line => line.split(' ').at(-1)!);
  const plugged = machine.filter(line => cables.some(cable => line.startsWith(`link set ${cable} `)));
  return {
    // The end of a cable takes the other one with it, at once; that of a namespace does so some time later.
    cut: [...cables.map(cable => `link del ${cable}`), `netns del ${namespace}`],
    machine: [`netns add ${namespace}`, ...added, ...plugged],
    inside: inside.get(host)!,
  };
}

/** As `startPlan`, for one host of the set of which only the network is left: it gets a new one, and writes to `folder`. */
export function returnPlan(
  hosts: readonly LabHost[],
  host: string,
  prefix: string,
  folder: string,
): string[] {
  const { cut, machine, inside } = repluggingPlan(hosts, host, prefix);
  return [...cut, ...machine, `host ${host} ${namespaceOf(prefix, host)} ${folder}`, ...inside];
}
