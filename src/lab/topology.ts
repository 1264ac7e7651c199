import ipaddr from 'ipaddr.js';
import { addressBits, familyOf, inSameNetwork } from '../cluster/address.js';
import type { Cluster } from '../cluster/cluster.js';
import {
  addressesOf,
  ANONYMOUS_DIRECTOR,
  hostFinder,
  realServerAddresses,
  virtualAddresses,
} from '../cluster/machines.js';

/** A host of the lab, with the description's own addresses. */
export interface LabHost {
  readonly name: string;
  readonly role: 'client' | 'router' | 'director' | 'server';
  readonly links: readonly LabLink[];
  readonly routes: readonly LabRoute[];
}

export interface LabLink {
  readonly interface: string;
  /** What it is plugged into. */
  readonly segment: string;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
}

export interface LabRoute {
  /** A network, or `default`. */
  readonly to: string;
  readonly via: string;
}

/** First halves of networks for the cables between directors: nobody else in the machine has them. */
const LINK_NETWORKS = ['172.31', '198.18', '198.19', '100.127'];

/** Where the directors and clients are; where the NAT servers are; where servers are that only a router reaches. */
const FRONT = 'front';
const INNER = 'inner';
const FAR = 'far';

/** The hosts that a cluster consists of, with a client, and a router where servers are in networks of their own. */
export function topologyOf(cluster: Cluster): LabHost[] {
  return new Topology(cluster).hosts();
}

/** All addresses of a network are taken by the description. */
export class NetworkFull extends Error {
  override readonly name = 'NetworkFull';
}

interface Machine {
  readonly name: string;
  readonly role: LabHost['role'];
  readonly interface: string;
  readonly addresses: readonly string[];
}

class Topology {
  readonly #cluster: Cluster;
  readonly #machines: Machine[];
  readonly #front: string[];
  readonly #far: string[];
  readonly #used: Set<string>;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    const directors = directorMachines(cluster);
    this.#machines = [...directors, ...serverMachines(cluster, directors)];
    const vips = [...virtualAddresses(cluster).keys()];
    const known = [...cluster.directors.flatMap(one => [one.address, one.address6 ?? []].flat()), ...vips];
    const servers = [...realServerAddresses(cluster)];
    const others = servers.filter(one => !this.#isInner(one));
    this.#front = [...new Set(known.map(networkOf))];
    this.#far = [...new Set(others.map(networkOf))].filter(one => !this.#front.includes(one));
    const fallbacks = cluster.services.flatMap(one => one.fallback?.address ?? []);
    this.#used = new Set([...known, ...servers, ...fallbacks, cluster.gateway?.address ?? '']);
    for (const { inner } of cluster.directors) if (inner) this.#used.add(inner.address);
  }

  hosts(): LabHost[] {
    const helpers: LabHost[] = [];
    const gateways = new Map<string, string>();
    if (this.#needsRouter()) {
      const link = (device: string, segment: string, networks: readonly string[]): LabLink => ({
        interface: device,
        segment,
        addresses: networks.map(network => this.#take(network, gateways)),
      });
      const links = [link('eth0', FRONT, this.#front)];
      if (this.#far.length > 0) links.push(link('eth1', FAR, this.#far));
      helpers.push({ name: this.#free('router'), role: 'router', links, routes: [] });
    }
    const own = this.#front.map(network => this.#take(network));
    const client: LabHost = {
      name: this.#free('client'),
      role: 'client',
      links: [{ interface: 'eth0', segment: FRONT, addresses: own }],
      routes: this.#far.flatMap(to => this.#routes(to, own, gateways)),
    };
    return [client, ...helpers, ...this.#machines.map(one => this.#host(one, gateways))];
  }

  #needsRouter(): boolean {
    const families = this.#front.map(familyOf);
    return this.#far.length > 0 || new Set(families).size < families.length;
  }

  #host({ name, role, interface: device, addresses }: Machine, gateways: Map<string, string>): LabHost {
    const inner = addresses.filter(one => this.#isInner(one));
    const far = addresses.filter(one => this.#far.includes(networkOf(one)));
    const front = addresses.filter(one => !inner.includes(one) && !far.includes(one));
    const links: LabLink[] = [];
    const link = (segment: string, wanted: string, own: readonly string[]): void => {
      const taken = links.map(one => one.interface);
      const free = [wanted, 'eth0', 'eth1', 'eth2', 'eth3'].find(one => !taken.includes(one))!;
      const prefixed = own.map(one => (one.includes('/') ? one : this.#prefixed(one)));
      if (own.length > 0) links.push({ interface: free, segment, addresses: prefixed });
    };
    const director = this.#cluster.directors.find(one => one.name === name);
    link(FRONT, device, director ? [...front, ...this.#unsaid(front)] : front);
    link(INNER, director?.inner?.interface ?? device, inner);
    link(FAR, device, far);
    if (director || role === 'director') this.#addLinks(links, name);
    const own = links.flatMap(one => one.addresses);
    const routes = [...this.#front, ...this.#far].flatMap(to => this.#routes(to, own, gateways));
    const { gateway } = this.#cluster;
    const isNat = inner.length > 0 && front.length === 0;
    if (isNat && gateway) routes.push({ to: 'default', via: gateway.address });
    return { name, role, links, routes };
  }

  /** A director needs an address of each family that it serves, whether the description gives one or not. */
  #unsaid(own: readonly string[]): string[] {
    const families = new Set(own.map(familyOf));
    const networks = this.#front.filter(network => !families.has(familyOf(network)));
    return networks.map(network => this.#take(network));
  }

  /** Cables between the directors alone, over which they hear each other. */
  #addLinks(links: LabLink[], director: string): void {
    const number = 1 + this.#cluster.directors.findIndex(one => one.name === director);
    const isFree = (base: string): boolean => ![...this.#used].some(one => one.startsWith(`${base}.`));
    const base = LINK_NETWORKS.find(isFree);
    if (base === undefined) throw new NetworkFull('no network is free for the links between the directors');
    for (const [index, name] of this.#cluster.failover.links.entries()) {
      if (links.some(one => one.interface === name)) continue;
      links.push({ interface: name, segment: `link-${name}`, addresses: [`${base}.${index}.${number}/24`] });
    }
  }

  #routes(to: string, own: readonly string[], gateways: Map<string, string>): LabRoute[] {
    const from = own.map(networkOf).find(one => familyOf(one) === familyOf(to));
    if (from === undefined || own.some(one => networkOf(one) === to)) return [];
    const via = gateways.get(from);
    return via === undefined ? [] : [{ to, via }];
  }

  #isInner(address: string): boolean {
    const { gateway, directors } = this.#cluster;
    return [gateway, ...directors.map(one => one.inner)].some(
      one => one !== undefined && inSameNetwork(address, one.address, one.prefix),
    );
  }

  #prefixed(address: string): string {
    const { gateway, directors } = this.#cluster;
    const inner = [gateway, ...directors.map(one => one.inner)].find(
      one => one !== undefined && inSameNetwork(address, one.address, one.prefix),
    );
    return `${address}/${inner?.prefix ?? usualPrefix(address)}`;
  }

  /** The highest address of a network that nobody has. */
  #take(network: string, into?: Map<string, string>): string {
    const base = network.split('/')[0]!;
    for (let last = 254; last > 0; last--) {
      const address = base.includes(':')
        ? ipaddr.parse(`${base}${last.toString(16)}`).toString()
        : base.replace(/\.0$/, `.${last}`);
      if (this.#used.has(address)) continue;
      this.#used.add(address);
      into?.set(network, address);
      return `${address}/${usualPrefix(address)}`;
    }
    throw new NetworkFull(`no address is left in ${network} for the lab's client and router`);
  }

  #free(name: string): string {
    return this.#machines.some(one => one.name === name) ? this.#free(`lab-${name}`) : name;
  }
}

function directorMachines(cluster: Cluster): Machine[] {
  if (cluster.directors.length > 0) {
    return cluster.directors.map(({ name, interface: device }) => ({
      name,
      role: 'director',
      interface: device,
      addresses: addressesOf(cluster, name),
    }));
  }
  // The description names none: its VIPs tell where one has to be, the first free address is its own.
  return [
    { name: ANONYMOUS_DIRECTOR, role: 'director', interface: 'eth0', addresses: freeBesideVips(cluster) },
  ];
}

function freeBesideVips(cluster: Cluster): string[] {
  const used = new Set([...virtualAddresses(cluster).keys(), ...realServerAddresses(cluster)]);
  const networks = new Set([...virtualAddresses(cluster).keys()].map(networkOf));
  return [...networks].flatMap(network => {
    const base = network.split('/')[0]!;
    const candidates = Array.from({ length: 200 }, (_, index) =>
      base.includes(':') ? `${base}${(index + 1).toString(16)}` : base.replace(/\.0$/, `.${index + 1}`),
    );
    return candidates.find(one => !used.has(one)) ?? [];
  });
}

/** A declared host is one machine with all its addresses; an address that belongs to none is a machine by itself. */
function serverMachines(cluster: Cluster, directors: readonly Machine[]): Machine[] {
  const find = hostFinder(cluster);
  const machines = new Map<string, Machine>();
  const taken = new Set(directors.flatMap(one => one.addresses));
  for (const server of cluster.services.flatMap(one => one.servers)) {
    const host = find(server);
    const key = host?.name ?? server.address;
    if (taken.has(server.address) || machines.has(key)) continue;
    const addresses = host ? addressesOf(cluster, host.name) : [server.address];
    const device = host?.interface ?? cluster.realServers.interface ?? 'eth0';
    const name = host?.name ?? `server-${server.address.replaceAll(/[.:]+/g, '-')}`;
    machines.set(key, { name, role: 'server', interface: device, addresses });
  }
  return [...machines.values()];
}

/** A description gives addresses without networks; these are the usual ones. */
function usualPrefix(address: string): number {
  return addressBits(familyOf(address)) === 32 ? 24 : 64;
}

function networkOf(address: string): string {
  const [plain = ''] = address.split('/');
  const prefix = usualPrefix(plain);
  const network = plain.includes(':')
    ? ipaddr.IPv6.networkAddressFromCIDR(`${plain}/${prefix}`)
    : ipaddr.IPv4.networkAddressFromCIDR(`${plain}/${prefix}`);
  return `${network.toString()}/${prefix}`;
}
