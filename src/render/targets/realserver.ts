import { familyOf, isLoopback } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { receivers } from '../../cluster/fallback.js';
import { hostFinder, receives } from '../../cluster/machines.js';
import { entrances } from '../../cluster/naming.js';
import { cronTime } from '../cron.js';
import { type Output, PROGRAM, SETTINGS } from '../output.js';
import { PLACES } from '../places.js';
import { align } from '../text.js';

/** What every real server gets: the same for all, each takes the lines of its own addresses. */
export function realServerTarget(cluster: Cluster): Output[] {
  const { content, vipOn } = cluster.realServers;
  const outputs: Output[] = [
    { kind: 'program', path: PLACES.realServerScript, mode: PROGRAM, source: 'realserver/realserver.lvs.dr' },
    { kind: 'program', path: PLACES.realServerPlanner, mode: SETTINGS, source: 'realserver/realserver.awk' },
    {
      kind: 'program',
      path: PLACES.realServerUnit,
      mode: SETTINGS,
      source: 'realserver/lvs-realserver.service',
    },
    {
      kind: 'file',
      path: PLACES.realServerSettings,
      mode: SETTINGS,
      template: 'realserver/realserver.conf.hbs',
      view: settingsView(cluster),
    },
  ];
  if (vipOn === 'filter') {
    const source = 'realserver/nftables.service.conf';
    outputs.push({ kind: 'program', path: PLACES.realServerDropIn, mode: SETTINGS, source });
  }
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

function settingsView(cluster: Cluster): object {
  const hostOfServer = hostFinder(cluster);
  const takesPackets = receives(cluster);
  const interfaces = new Map<string, string>();
  const records = new Map<string, string[]>();
  const record = (...words: string[]): void => void records.set(words.join(' '), words);
  const nat = new Set<string>();
  let direct = false;
  let ipv4OnWire = false;
  for (const service of cluster.services) {
    for (const server of receivers(service).filter(
      one => takesPackets(one.address) && !isLoopback(one.address),
    )) {
      if (server.forwarding === 'nat') {
        nat.add(server.address);
        continue;
      }
      direct = true;
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
        else record('vip', server.address, entrance.address, on);
      }
    }
  }
  return {
    interfaces: align([...interfaces].map(([address, device]) => ['interface', address, device])),
    records: align([...records.values()]),
    suppressArp: direct && ipv4OnWire && cluster.realServers.vipOn !== 'filter',
    hasRecords: records.size > 0,
    nat: [...nat],
    gateway: cluster.gateway?.address ?? null,
  };
}
