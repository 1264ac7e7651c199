import { familyOf, isLoopback } from '../../cluster/address.js';
import type { Cluster, VipOn } from '../../cluster/cluster.js';
import { receivers } from '../../cluster/fallback.js';
import { agentPlaces, askers } from '../../cluster/agents.js';
import { addressesOf, hostFinder, receives } from '../../cluster/machines.js';
import { entrances } from '../../cluster/naming.js';
import { cronTime } from '../cron.js';
import { type FileOutput, type Output, PROGRAM, SETTINGS } from '../output.js';
import { PLACES } from '../places.js';
import { align } from '../text.js';

/** What every real server gets: the same for all, each takes the lines of its own addresses. */
export function realServerTarget(cluster: Cluster): Output[] {
  const { content, vipOn } = cluster.realServers;
  const outputs = [...realServerProgram(() => settingsOf(cluster), vipOn), ...agentOutputs(cluster)];
  if (content) {
    outputs.push({
      kind: 'file',
      path: PLACES.contentCron,
      mode: SETTINGS,
      template: 'realserver/content.cron.hbs',
      view: { from: content.from, to: content.to, when: cronTime(content.schedule).time },
    });
  }
  return outputs;
}

/** The load agent without Node, where a director asks any. */
function agentOutputs(cluster: Cluster): Output[] {
  const { ports, addresses } = agentPlaces(cluster);
  if (ports.length === 0) return [];
  const allow = askers(cluster);
  // A host that asks itself comes from the address at which it asks, which no description says to be a director's.
  const reach = allow.length === 0 ? [] : [...new Set([...allow, ...addresses])];
  const view = { ports, allow, reach };
  return [
    { kind: 'program', path: PLACES.agentScript, mode: PROGRAM, source: 'realserver/uptimesrv' },
    { kind: 'program', path: PLACES.agentSocket, mode: SETTINGS, source: 'realserver/uptimesrv.socket' },
    { kind: 'program', path: PLACES.agentService, mode: SETTINGS, source: 'realserver/uptimesrv@.service' },
    {
      kind: 'file',
      path: PLACES.agentSocketDropIn,
      mode: SETTINGS,
      template: 'realserver/uptimesrv.socket.conf.hbs',
      view,
    },
    {
      kind: 'file',
      path: PLACES.agentSettings,
      mode: SETTINGS,
      template: 'realserver/uptimesrv.conf.hbs',
      view,
    },
  ];
}

/** The script that takes the VIPs, with its settings and what runs it at boot. */
export function realServerProgram(settings: () => RealServerSettings, vipOn: VipOn): Output[] {
  const outputs: Output[] = [
    { kind: 'program', path: PLACES.realServerScript, mode: PROGRAM, source: 'realserver/realserver.lvs.dr' },
    { kind: 'program', path: PLACES.realServerPlanner, mode: SETTINGS, source: 'realserver/realserver.awk' },
    {
      kind: 'program',
      path: PLACES.realServerUnit,
      mode: SETTINGS,
      source: 'realserver/lvs-realserver.service',
    },
    settingsOutput(settings),
  ];
  if (vipOn === 'filter') {
    const source = 'realserver/nftables.service.conf';
    outputs.push({ kind: 'program', path: PLACES.realServerDropIn, mode: SETTINGS, source });
  }
  return outputs;
}

/** What the settings of realserver.lvs.dr say, in its words: realserver/README.md. */
export interface RealServerSettings {
  /** `interface` lines, and `vip`, `filter` and `tunnel` lines. */
  readonly interfaces: readonly string[];
  readonly records: readonly string[];
  readonly suppressArp: boolean;
  readonly hasRecords: boolean;
  /** Addresses of servers that direct, too. */
  readonly directors: readonly string[];
  /** Addresses of servers behind NAT, and their way back to the clients. */
  readonly nat: readonly string[];
  readonly gateway: string | null;
}

export function settingsOutput(settings: () => RealServerSettings): FileOutput {
  return {
    kind: 'file',
    path: PLACES.realServerSettings,
    mode: SETTINGS,
    template: 'realserver/realserver.conf.hbs',
    get view() {
      return settings();
    },
  };
}

/** A VIP for a host that no description tells of. */
export interface Taking {
  /** The VIP, and the host's own address; both canonical. */
  readonly vip: string;
  readonly rip: string;
  /** Those that hear the clients. */
  readonly interfaces: readonly string[];
  readonly on: VipOn;
}

/**
 * The settings of one host without a description: direct routing, by ipip where the VIP is on its device; the packet
 * filter takes all of TCP and UDP.
 */
export function settingsOfTakings(takings: readonly Taking[]): RealServerSettings {
  const records = new Map<string, string[]>();
  const record = (...words: string[]): void => void records.set(words.join(' '), words);
  const interfaces = new Map<string, string[]>();
  for (const { vip, rip, interfaces: devices, on } of takings) {
    for (const device of devices) interfaces.set(`${rip} ${device}`, ['interface', rip, device]);
    if (on === 'tunl0') record('tunnel', rip, 'ipip', 'ipv4');
    if (on === 'filter') for (const protocol of ['tcp', 'udp']) record('filter', rip, vip, protocol, '0');
    else record('vip', rip, vip, on);
  }
  return {
    interfaces: align([...interfaces.values()]),
    records: align([...records.values()]),
    suppressArp: takings.some(({ vip, on }) => on !== 'filter' && familyOf(vip) === 'ipv4'),
    hasRecords: takings.length > 0,
    directors: [],
    nat: [],
    gateway: null,
  };
}

export function settingsOf(cluster: Cluster): RealServerSettings {
  const hostOfServer = hostFinder(cluster);
  const takesPackets = receives(cluster);
  const interfaces = new Map<string, string>();
  const records = new Map<string, string[]>();
  const record = (...words: string[]): void => void records.set(words.join(' '), words);
  const nat = new Set<string>();
  const taking = new Set<string>();
  const directing = new Set(cluster.directors.flatMap(one => addressesOf(cluster, one.name)));
  let ipv4OnWire = false;
  for (const service of cluster.services) {
    for (const server of receivers(service).filter(
      one => takesPackets(one.address) && !isLoopback(one.address),
    )) {
      if (server.forwarding === 'nat') {
        nat.add(server.address);
        continue;
      }
      taking.add(server.address);
      const device = hostOfServer(server)?.interface ?? cluster.realServers.interface;
      if (device) interfaces.set(server.address, device);
      for (const entrance of entrances(service)) {
        const inner = familyOf(entrance.address);
        ipv4OnWire ||= inner === 'ipv4';
        if (server.tunnel) {
          const { type, port } = server.tunnel;
          record('tunnel', server.address, type, inner, ...(port === undefined ? [] : [String(port)]));
        }
        const on = cluster.realServers.vipOn;
        if (on === 'filter')
          record('filter', server.address, entrance.address, entrance.protocol, String(entrance.port));
        // tunl0 is a device for IPv4, and nobody is answered who asks for an IPv6 address on lo.
        else record('vip', server.address, entrance.address, on === 'tunl0' && inner === 'ipv6' ? 'lo' : on);
      }
    }
  }
  return {
    interfaces: align([...interfaces].map(([address, device]) => ['interface', address, device])),
    records: align([...records.values()]),
    suppressArp: ipv4OnWire && cluster.realServers.vipOn !== 'filter',
    hasRecords: records.size > 0,
    directors: [...taking].filter(address => directing.has(address)),
    nat: [...nat],
    gateway: cluster.gateway?.address ?? null,
  };
}
