import { addressBits, familyOf } from '../../cluster/address.js';
import { seconds } from '../../cluster/duration.js';
import { entrances, readableEndpoint, serverKey } from '../../cluster/naming.js';
import { isInhibited } from '../../table/explain.js';
import type { Fallback, Forwarding, Server, Service, Tunnel } from '../../cluster/service.js';
import { type CheckView, checkView } from './check.js';
import { trackPath } from './tracks.js';

/** One virtual server, as the template names its parts; null for what it does not have. */
export interface ServiceView {
  readonly name: string;
  /** What a mark stands for; null where the address says it itself. */
  readonly entrances: string | null;
  /** What keepalived calls the service by: `ADDRESS PORT` or `fwmark N`. */
  readonly identity: string;
  /** IPv6 marks only: nothing else in the block need say it. */
  readonly ipv6: boolean;
  /** Null under a mark, where keepalived refuses it. */
  readonly protocol: string | null;
  readonly scheduler: string;
  readonly flags: readonly string[];
  readonly method: string;
  readonly persistence: PersistenceView | null;
  /** Seconds between two checks; null where there is none. */
  readonly interval: string | null;
  /** Seconds over which the first checks are spread; null where there are none. */
  readonly warmup: string | null;
  readonly quiesce: boolean;
  readonly fallback: string | null;
  readonly servers: readonly ServerView[];
}

interface PersistenceView {
  /** Seconds. */
  readonly timeout: number;
  readonly granularity: string | number | null;
  readonly engine: string | null;
}

interface ServerView {
  readonly identity: string;
  readonly weight: number;
  /** Where it differs from the service's. */
  readonly method: string | null;
  readonly upper: number | null;
  readonly lower: number | null;
  readonly track: { readonly name: string; readonly path: string } | null;
  /** The words by which the program of `notify.command` is told who it is about. */
  readonly notify: string | null;
  readonly check: CheckView | null;
}

interface Setting {
  readonly trackName: (service: Service, server: Server) => string;
  /** Whether `notify.command` is to hear of each change. */
  readonly notify: boolean;
  /** Milliseconds over which the first checks of all servers are spread, where their interval is not shorter. */
  readonly spread: number;
}

/** Undefined where there is no server at all, not even a fallback: keepalived refuses such a service. */
export function serviceView(service: Service, setting: Setting): ServiceView | undefined {
  const { virtual, fallback } = service;
  const mark = virtual.kind === 'fwmark';
  const method = methodText(service.forwarding, undefined);
  const servers = service.servers.map(server => serverView(service, server, method, setting));
  if (servers.length === 0 && !fallback) return undefined;
  return {
    name: service.name,
    entrances: mark
      ? entrances(service)
          .map(one => `${readableEndpoint(one.address, one.port)}/${one.protocol}`)
          .join(', ')
      : null,
    identity: mark ? `fwmark ${virtual.fwmark}` : `${virtual.address} ${virtual.port}`,
    ipv6: mark && virtual.family === 'ipv6',
    protocol: mark ? null : virtual.protocol.toUpperCase(),
    scheduler: service.scheduler,
    flags: service.onePacket ? [...service.flags, 'ops'] : service.flags,
    method,
    persistence: persistenceView(service),
    interval: service.check.type === 'none' ? null : seconds(service.check.interval),
    warmup: service.check.type === 'none' ? null : seconds(Math.min(service.check.interval, setting.spread)),
    quiesce: isInhibited(service),
    fallback: fallback && servers.length > 0 ? identityOf(service, fallback, service.forwarding) : null,
    // A fallback is for when no server is left; a service that never had one needs it at once.
    servers: servers.length > 0 ? servers : [onlyFallback(service, fallback!)],
  };
}

function serverView(service: Service, server: Server, method: string, setting: Setting): ServerView {
  const own = methodText(server.forwarding, server.tunnel);
  const track = setting.trackName(service, server);
  return {
    identity: identityOf(service, server, server.forwarding),
    weight: server.weight,
    method: own === method ? null : own,
    upper: server.upper > 0 ? server.upper : null,
    lower: server.lower > 0 ? server.lower : null,
    track: { name: track, path: trackPath(track) },
    notify: setting.notify ? `${service.name} ${serverKey(server)}` : null,
    check: checkView(service, server),
  };
}

function onlyFallback(service: Service, fallback: Fallback): ServerView {
  const identity = identityOf(service, fallback, service.forwarding);
  return {
    identity,
    weight: 1,
    method: null,
    upper: null,
    lower: null,
    track: null,
    notify: null,
    check: null,
  };
}

/** Under a mark keepalived refuses the port of a server that gets the packets as they are. */
function identityOf(service: Service, { address, port }: Fallback, forwarding: Forwarding): string {
  const bare = service.virtual.kind === 'fwmark' && (forwarding !== 'nat' || port === 0);
  return bare ? address : `${address} ${port}`;
}

function methodText(forwarding: Forwarding, tunnel: Tunnel | undefined): string {
  if (forwarding === 'direct') return 'DR';
  if (forwarding === 'nat') return 'NAT';
  if (!tunnel || tunnel.type === 'ipip') return 'TUN';
  const port = tunnel.type === 'gue' ? ` port ${tunnel.port}` : '';
  return `TUN type ${tunnel.type}${port} ${tunnel.checksum ? 'csum' : 'nocsum'}`;
}

function persistenceView({ persistence, virtual }: Service): PersistenceView | null {
  if (!persistence) return null;
  const family = virtual.kind === 'fwmark' ? virtual.family : familyOf(virtual.address);
  const { timeout, netmask, engine } = persistence;
  const granularity = family === 'ipv6' ? netmask : dottedMask(netmask);
  return {
    timeout: timeout / 1000,
    granularity: netmask === addressBits(family) ? null : granularity,
    engine: engine ?? null,
  };
}

/** The IPv4 mask of a prefix length: 24 → `255.255.255.0`. */
function dottedMask(prefix: number): string {
  const bits = (0xffffffff << (32 - prefix)) >>> 0;
  return [24, 16, 8, 0].map(shift => (bits >>> shift) & 255).join('.');
}
