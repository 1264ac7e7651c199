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

/** What gives one host of a set new cables and a new, empty namespace, in the machine. */
export function revivalPlan(hosts: readonly LabHost[], prefix: string, host: string): string[] {
  const { machine } = networkPlan(hosts, prefix);
  const namespace = namespaceOf(prefix, host);
  const begin = machine.indexOf(`netns add ${namespace}`);
  const length = machine.slice(begin + 1).findIndex(line => line.startsWith('netns add '));
  const own = machine.slice(begin, length < 0 ? undefined : begin + 1 + length);
  const cables = own.flatMap(line => / peer name (\S+)$/.exec(line)?.[1] ?? []);
  // Its namespace would take the cables with it, but at some later time.
  return [...cables.map(cable => `link del ${cable}`), `netns del ${namespace}`, ...own];
}

/** What takes the set away again; its namespaces take their ends of the cables with them. */
export function removalPlan(hosts: readonly LabHost[], prefix: string): string[] {
  const segments = new Set(hosts.flatMap(host => host.links.map(link => link.segment)));
  return [
    ...hosts.map(host => `netns del ${namespaceOf(prefix, host.name)}`),
    ...[...segments].map((_, index) => `link del ${prefix}b${index}`),
  ];
}
