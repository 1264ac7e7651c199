import type { LabHost } from './topology.js';

export function namespaceOf(prefix: string, host: string): string {
  return `${prefix}-${host}`;
}

/** Where the hosts of a set write to, in the machine. */
export function folderOf(prefix: string): string {
  return `/tmp/hosts/${prefix}`;
}

/**
 * What lab/guest/hosts.pl starts: one bridge for each segment, one cable for each link.
 *
 * @param prefix begins the names of the set, so that sets do not meet
 */
export function startPlan(hosts: readonly LabHost[], prefix: string): string[] {
  const segments = [...new Set(hosts.flatMap(host => host.links.map(link => link.segment)))];
  const bridge = (segment: string): string => `${prefix}b${segments.indexOf(segment)}`;
  const machine = segments.flatMap(segment => [
    `link add ${bridge(segment)} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
    `link set ${bridge(segment)} up`,
  ]);
  const inside: string[] = [];
  let cables = 0;
  for (const host of hosts) {
    const namespace = namespaceOf(prefix, host.name);
    machine.push(`netns add ${namespace}`);
    inside.push(`host ${host.name} ${namespace} ${folderOf(prefix)}/${host.name}`, 'link set lo up');
    for (const link of host.links) {
      const cable = `${prefix}v${cables++}`;
      machine.push(
        `link add ${link.interface} netns ${namespace} type veth peer name ${cable}`,
        `link set ${cable} master ${bridge(link.segment)} up`,
      );
      for (const address of link.addresses) {
        // Without a broadcast address heartbeat's messages go nowhere, and both directors become active.
        const more = address.includes(':') ? 'nodad' : 'brd +';
        inside.push(`addr add ${address} ${more} dev ${link.interface}`);
      }
      inside.push(`link set ${link.interface} up`);
    }
    for (const { to, via } of host.routes) inside.push(`route add ${to} via ${via}`);
  }
  return [...machine, ...inside];
}

/** What takes the set away again; its namespaces take their ends of the cables with them. */
export function removalPlan(hosts: readonly LabHost[], prefix: string): string[] {
  const segments = new Set(hosts.flatMap(host => host.links.map(link => link.segment)));
  return [
    ...hosts.map(host => `netns del ${namespaceOf(prefix, host.name)}`),
    ...[...segments].map((_, index) => `link del ${prefix}b${index}`),
  ];
}
