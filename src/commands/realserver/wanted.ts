import { canonicalAddress, isLoopback } from '../../cluster/address.js';
import type { Cluster, VipOn } from '../../cluster/cluster.js';
import { machineOf, virtualAddresses } from '../../cluster/machines.js';
import { isInterface } from '../../cluster/naming.js';
import { quote } from '../../diagnostic/quote.js';
import { readAddresses } from '../../director/host/held.js';
import { place } from '../../realserver/place.js';
import { type RealServerSettings, settingsOf, settingsOfTakings } from '../../render/targets/realserver.js';
import { currentGeneration } from '../../state/generations.js';
import { findMachine } from '../configure/hosts.js';
import type { Context, Options } from '../context.js';
import { clusterOf, describe, foundFile } from '../description.js';
import { EXIT, Failure } from '../exit.js';

/** What this host is to be as a real server, and who says so. */
export interface Wanted {
  readonly settings: RealServerSettings;
  readonly vipOn: VipOn;
  /** For the line of origin of what is rendered. */
  readonly origin: string;
}

/** By `--vip`, else by the description. @throws Failure where this host must not be, or is none */
export async function wantedHere(context: Context, options: Options): Promise<Wanted> {
  const given = options['vip'] as readonly string[] | undefined;
  return given ? await byVips(context, options, given) : await byDescription(context, options);
}

async function byDescription(context: Context, options: Options): Promise<Wanted> {
  for (const [key, flag] of [
    ['interface', '--interface'],
    ['vipOn', '--vip-on'],
  ] as const) {
    if (options[key] === undefined) continue;
    const help = `with a description its real_servers.${key === 'vipOn' ? 'vip_on' : key} says it`;
    throw new Failure(EXIT.usage, `${flag} goes with --vip`, help);
  }
  const { cluster, name } = await clusterOf(context, options);
  const host = options['host'] as string | undefined;
  const machine = findMachine(cluster, host, context.ports.net);
  if (!machine.realServer) {
    throw new Failure(
      EXIT.usage,
      `this host is a director of ${name}, and none of its real servers: it must answer ARP for the VIPs`,
      'name it as a server, too, if it is to be both; or name the machine that this is with --host',
    );
  }
  const settings = settingsOf(cluster);
  tellOfNat(context, settings);
  return { settings, vipOn: cluster.realServers.vipOn, origin: name };
}

/** Behind NAT there is nothing to set up but what lvsctl leaves to the host's own configuration. */
function tellOfNat(context: Context, { nat, gateway }: RealServerSettings): void {
  const own = nat.find(address => context.ports.net.addresses().includes(address));
  if (own === undefined) return;
  const way = gateway === null ? 'the director' : `ip route replace default via ${gateway}`;
  context.err(`${own} is behind NAT: it needs no VIP there, only its way back to the clients: ${way}\n`);
}

async function byVips(context: Context, options: Options, given: readonly string[]): Promise<Wanted> {
  for (const key of ['file', 'host']) {
    if (options[key] === undefined) continue;
    throw new Failure(EXIT.usage, `--vip is for a host without a description: --${key} has no part in it`);
  }
  const vips = given.map(canonicalVip);
  const device = options['interface'] as string | undefined;
  if (device !== undefined && !isInterface(device)) {
    throw new Failure(EXIT.usage, `${quote(device)} is not the name of an interface`);
  }
  if (device === 'lo') {
    throw new Failure(
      EXIT.usage,
      'lo hears no clients: --interface names where they arrive',
      'the VIP goes on lo by itself: --vip-on lo',
    );
  }
  const on = (options['vipOn'] as VipOn | undefined) ?? 'lo';
  const directs = await isDirectorOf(context, vips);
  const placed = place({ vips, on, interface: device }, await readAddresses(context.ports.runner));
  if ('problem' in placed) throw new Failure(EXIT.usage, placed.problem, placed.help);
  const settings = settingsOfTakings(placed.takings);
  return {
    settings: directs
      ? { ...settings, directors: placed.takings.slice(0, 1).map(({ rip }) => rip) }
      : settings,
    vipOn: on,
    origin: `realserver-setup ${vips.map(vip => `--vip ${vip}`).join(' ')}`,
  };
}

function canonicalVip(text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined || isLoopback(address) || /^fe[89ab]/.test(address)) {
    throw new Failure(
      EXIT.usage,
      `${quote(text)} cannot be a VIP`,
      'it has to be one IPv4 or IPv6 address without prefix, and not loopback, link-local or multicast',
    );
  }
  return address;
}

/**
 * Whether this host directs one of the VIPs and is a server of it, too, by what runs here or the description in its
 * usual place.
 *
 * @throws Failure where it directs one, and is no server
 */
async function isDirectorOf(context: Context, vips: readonly string[]): Promise<boolean> {
  const { net } = context.ports;
  const known = (await knownClusters(context)).filter(cluster =>
    vips.some(vip => virtualAddresses(cluster).has(vip)),
  );
  for (const cluster of known) {
    const machine = machineOf(cluster, net.hostName(), net.addresses());
    if (!machine?.director && !machine?.anonymousDirector) continue;
    if (machine.realServer) return true;
    throw new Failure(
      EXIT.usage,
      `this host is a director of ${vips.find(vip => virtualAddresses(cluster).has(vip))}, and no real server of it`,
      'as a director it must answer ARP for the VIP; name it as a server in the description if it is to be both',
    );
  }
  return false;
}

async function knownClusters(context: Context): Promise<Cluster[]> {
  const generation = await currentGeneration(context.ports.files);
  const described = (await foundFile(context)) === undefined ? undefined : await describe(context, {});
  return [generation?.cluster, described?.cluster].filter(cluster => cluster !== undefined);
}
