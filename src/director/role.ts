import type { Cluster, Director } from '../cluster/cluster.js';
import { familyOf } from '../cluster/address.js';
import { machineOf, virtualAddresses } from '../cluster/machines.js';
import type { Net, Ports } from '../system/ports.js';
import { KernelFailure } from './failure.js';
import { isAside } from './host/addresses.js';
import { readAddresses } from './host/held.js';

/** What this host is among the directors of the running cluster. */
export interface Role {
  /** Its entry in the description, where it has one. */
  readonly me?: Director;
  /** `unknown`: with failover, and no director is seen to have a VIP: each may act. */
  readonly state: 'active' | 'standby' | 'unknown';
  /** The name of the active director, where it can be known. */
  readonly active?: string;
}

interface Asked extends Pick<Ports, 'runner'> {
  readonly net: Pick<Net, 'hostName' | 'addresses'>;
}

/**
 * Which director this host is, and whether it is the active one: without failover each is; else the one that has a VIP
 * on the interface that the description gives for it. Where this host has none, the neighbours are asked, which takes
 * up to two seconds.
 *
 * @throws KernelFailure where ip(8) cannot be run
 */
export async function directorRole(cluster: Cluster, ports: Asked): Promise<Role> {
  const me = machineOf(cluster, ports.net.hostName(), ports.net.addresses())?.director;
  const self = me ? { me } : {};
  if (cluster.failover.by === 'none') return { ...self, state: 'active', ...(me ? { active: me.name } : {}) };
  const held = await readAddresses(ports.runner);
  const vips = placesOf(cluster, me);
  const isHere = vips.some(vip =>
    held.some(
      one =>
        one.address === vip.address &&
        (vip.interface === undefined ? !isAside(one.interface) : one.interface === vip.interface),
    ),
  );
  if (isHere) return { ...self, state: 'active', ...(me ? { active: me.name } : {}) };
  const local = new Set(held.map(one => one.address));
  const holder = await holderOf(vips, local, ports);
  if (!holder) return { ...self, state: 'unknown' };
  const active = await nameOf(holder, cluster, me, ports);
  return { ...self, state: 'standby', ...(active === undefined ? {} : { active }) };
}

/**
 * Refuses to act on a standby, whose changes the active director would not have.
 *
 * @param local the user wants it all the same
 * @throws KernelFailure, naming the active director where it is known
 */
export async function refuseOnStandby(cluster: Cluster, ports: Asked, local: boolean): Promise<void> {
  if (local) return;
  const { me, state, active } = await directorRole(cluster, ports);
  if (state !== 'standby') return;
  const here = me ? `${me.name}, this director,` : 'this host';
  const other = active ?? 'another director';
  throw new KernelFailure(
    'not-ours',
    `${here} is the standby: ${other} is active`,
    `run it on ${active ?? 'the active one'}, or with --local for this director's table alone`,
  );
}

interface Vip {
  readonly address: string;
  /** Undefined where neither the service nor the director names one. */
  readonly interface: string | undefined;
}

function placesOf(cluster: Cluster, me: Director | undefined): Vip[] {
  return [...virtualAddresses(cluster)].map(([address, service]) => ({
    address,
    interface: service.interface ?? me?.interface,
  }));
}

/** Who has a VIP: its hardware address, where the neighbours tell that. */
interface Holder {
  readonly hardware?: string;
}

/** All VIPs of a family move together: the first of each stands for them. */
async function holderOf(
  vips: readonly Vip[],
  local: ReadonlySet<string>,
  ports: Asked,
): Promise<Holder | undefined> {
  const four = vips.find(one => familyOf(one.address) === 'ipv4');
  // One that a real server has on lo would answer itself.
  const six = vips.find(one => familyOf(one.address) === 'ipv6' && !local.has(one.address));
  const answers = await Promise.all([four && askArp(four, ports), six && askPing(six, ports)]);
  return answers.find(one => one !== undefined);
}

/**
 * Asks as one does who is about to take an address (RFC 5227): without a sender, so that nobody learns a wrong
 * neighbour. Real servers do not answer for the VIP.
 */
async function askArp({ address, interface: device }: Vip, { runner }: Asked): Promise<Holder | undefined> {
  if (device === undefined) return undefined;
  const { stdout } = await runner.run('arping', ['-D', '-f', '-w', '2', '-I', device, address]);
  const hardware = /reply from \S+ \[([0-9A-Fa-f:]+)\]/.exec(stdout)?.[1];
  return hardware === undefined ? undefined : { hardware: hardware.toUpperCase() };
}

async function askPing({ address }: Vip, { runner }: Asked): Promise<Holder | undefined> {
  const { exitCode } = await runner.run('ping', ['-6', '-q', '-c', '1', '-w', '2', address]);
  return exitCode === 0 ? {} : undefined;
}

/** Of two directors it is the other one; of more, the one with the VIP's hardware address. */
async function nameOf(
  { hardware }: Holder,
  { directors }: Cluster,
  me: Director | undefined,
  ports: Asked,
): Promise<string | undefined> {
  const others = directors.filter(one => one !== me);
  if (me && others.length === 1) return others[0]!.name;
  if (hardware === undefined) return undefined;
  for (const { name, address, interface: theirs } of others) {
    const holder = await askArp({ address, interface: me?.interface ?? theirs }, ports);
    if (holder?.hardware === hardware) return name;
  }
  return undefined;
}
