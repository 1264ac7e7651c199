import { endpoint } from '../cluster/address.js';
import type { Server, Service } from '../cluster/service.js';
import type { Host } from './lab.js';

/** What the kernel has counted for a server of a service. */
export interface Counters {
  readonly inPackets: number;
  readonly outPackets: number;
}

/** The counters of all servers, by `SERVICE SERVER` as `counterKey` writes it. */
export async function countersOf(director: Host): Promise<Map<string, Counters>> {
  return parseCounters(await director.sh('ipvsadm -Ln --stats --exact'));
}

/** @param text what `ipvsadm -Ln --stats --exact` prints: a line for each service, then `->` lines for its servers */
export function parseCounters(text: string): Map<string, Counters> {
  const found = new Map<string, Counters>();
  let service = '';
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '->') {
      const [inPackets, outPackets] = words.slice(3, 5).map(Number);
      if (inPackets !== undefined && outPackets !== undefined && !Number.isNaN(inPackets)) {
        found.set(`${service} ${words[1]}`, { inPackets, outPackets });
      }
    } else if (/^(TCP|UDP|SCTP|FWM)$/.test(words[0] ?? '')) {
      service =
        words[0] === 'FWM' && words[2] === 'IPv6' ? `FWM ${words[1]} IPv6` : `${words[0]} ${words[1]}`;
    }
  }
  return found;
}

export function counterKey(service: Service, server: Server): string {
  const { virtual } = service;
  if (virtual.kind === 'fwmark') {
    const mark = `FWM ${virtual.fwmark}${virtual.family === 'ipv6' ? ' IPv6' : ''}`;
    return `${mark} ${endpoint(server.address, server.forwarding === 'nat' ? server.port : 0)}`;
  }
  const port = server.forwarding === 'nat' ? server.port : virtual.port;
  return `${virtual.protocol.toUpperCase()} ${endpoint(virtual.address, virtual.port)} ${endpoint(server.address, port)}`;
}
