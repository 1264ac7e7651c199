import { endpoint, familyOf, addressBits } from '../cluster/address.js';
import type { Family } from '../cluster/service.js';
import type {
  Table,
  TableKey,
  TablePersistence,
  TableServer,
  TableService,
  TableTunnel,
  Timeouts,
} from './table.js';

const PROTOCOL_FLAGS = { tcp: '-t', udp: '-u', sctp: '--sctp-service' } as const;
const FORWARDING_FLAGS = { direct: '-g', nat: '-m', tunnel: '-i' } as const;

/** The words that name a service to ipvsadm(8): `-t 10.0.0.1:80`, `-f 7`, `-f 7 -6`. */
export function keyWords(key: TableKey): string {
  if (key.kind === 'address') return `${PROTOCOL_FLAGS[key.protocol]} ${endpoint(key.address, key.port)}`;
  return `-f ${key.fwmark}${key.family === 'ipv6' ? ' -6' : ''}`;
}

/** `-A` (or `-E`) with every attribute: an edit starts from wlc and no flags, so all are restated. */
export function serviceLine(command: '-A' | '-E', service: TableService): string {
  const { key, scheduler, flags, persistence, idleEngine, onePacket } = service;
  const words = [command, keyWords(key), '-s', scheduler];
  if (persistence) words.push(...persistenceWords(persistence, keyFamily(key)));
  if (idleEngine !== undefined) words.push('--pe', idleEngine);
  if (flags.length > 0) words.push('-b', flags.toSorted().join(','));
  if (onePacket) words.push('-o');
  return words.join(' ');
}

/** `-a` (or `-e`) with every attribute: an edit starts from weight 1, direct routing and no thresholds. */
export function serverLine(command: '-a' | '-e', key: TableKey, server: TableServer): string {
  const words = [command, keyWords(key), '-r', endpoint(server.address, server.port)];
  words.push(FORWARDING_FLAGS[server.forwarding]);
  if (server.tunnel) words.push(...tunnelWords(server.tunnel));
  words.push('-w', String(server.weight));
  if (server.upper > 0) words.push('-x', String(server.upper));
  if (server.lower > 0) words.push('-y', String(server.lower));
  return words.join(' ');
}

/** `-d`, which cuts the server's connections. */
export function serverRemoval(key: TableKey, { address, port }: TableServer): string {
  return `-d ${keyWords(key)} -r ${endpoint(address, port)}`;
}

/** `-D`, which takes the service's servers with it. */
export function serviceRemoval(key: TableKey): string {
  return `-D ${keyWords(key)}`;
}

/** `--set`; 0 leaves the kernel's value. */
export function timeoutsLine({ timeouts }: { readonly timeouts: Timeouts }): string {
  return `--set ${timeouts.tcp} ${timeouts.tcpFin} ${timeouts.udp}`;
}

/** The whole table as `ipvsadm -R` reads it, each service followed by its servers. */
export function tableLines(table: Table): string[] {
  return table.services.flatMap(service => [
    serviceLine('-A', service),
    ...service.servers.map(server => serverLine('-a', service.key, server)),
  ]);
}

function keyFamily(key: TableKey): Family {
  return key.kind === 'address' ? familyOf(key.address) : key.family;
}

function persistenceWords({ timeout, netmask, engine }: TablePersistence, family: Family): string[] {
  const words = ['-p', String(timeout / 1000)];
  if (typeof netmask === 'string') words.push('-M', netmask);
  else if (netmask !== addressBits(family))
    words.push('-M', family === 'ipv6' ? String(netmask) : dotted(netmask));
  if (engine) words.push('--pe', engine);
  return words;
}

/** 24 → 255.255.255.0, as ipvsadm(8) wants IPv4 masks. */
function dotted(prefix: number): string {
  return [0, 8, 16, 24].map(start => 256 - 2 ** (8 - Math.max(0, Math.min(8, prefix - start)))).join('.');
}

function tunnelWords({ type, port, checksum }: TableTunnel): string[] {
  // ipip is the kernel's default, and ipvsadm before 1.31 does not know the word.
  if (type === 'ipip') return [];
  const words = ['--tun-type', type];
  if (port !== undefined) words.push('--tun-port', String(port));
  words.push(checksum === 'remote' ? '--tun-remcsum' : checksum ? '--tun-csum' : '--tun-nocsum');
  return words;
}
