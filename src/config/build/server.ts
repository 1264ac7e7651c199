import { canonicalAddress } from '../../cluster/address.js';
import type { Host } from '../../cluster/cluster.js';
import type { Family, Forwarding, Server, Tunnel, Virtual } from '../../cluster/service.js';
import { didYouMean, quote } from '../../diagnostic/quote.js';
import type { Path } from '../located.js';
import type { RawServer } from '../schema/service.js';
import { type Context, defined, resolvePort } from './context.js';

interface Setting {
  readonly virtual: Virtual;
  readonly family: Family;
  readonly forwarding: Forwarding;
  /** What a server's port is unless it has one of its own. */
  readonly servicePort: number;
  readonly hosts: ReadonlyMap<string, Host>;
}

/** One server of a service, or undefined where its address is not known (which has been reported). */
export function buildServer(
  short: RawServer | string,
  setting: Setting,
  path: Path,
  context: Context,
): Server | undefined {
  const raw = typeof short === 'string' ? expand(short) : short;
  const forwarding = raw.forwarding ?? setting.forwarding;
  const address = serverAddress(raw, forwarding, setting, path, context);
  if (!address) return undefined;
  const protocol = setting.virtual.kind === 'address' ? setting.virtual.protocol : 'tcp';
  const port =
    raw.port === undefined ? undefined : resolvePort(raw.port, protocol, [...path, 'port'], context);
  const server: Server = {
    ...defined({ host: raw.host }),
    address,
    port: port ?? setting.servicePort,
    weight: raw.weight ?? 1,
    forwarding,
    ...defined({ tunnel: buildTunnel(raw, forwarding, path, context) }),
    upper: raw.upper ?? 0,
    lower: raw.lower ?? 0,
  };
  context.places.set(server, path);
  return server;
}

function expand(short: string): RawServer {
  return canonicalAddress(short) === undefined ? { host: short } : { address: short };
}

function serverAddress(
  raw: RawServer,
  forwarding: Forwarding,
  setting: Setting,
  path: Path,
  context: Context,
): string | undefined {
  const { report } = context;
  if (raw.host !== undefined && raw.address !== undefined) {
    report.add('bad-value', [...path, 'host'], {
      message: 'a server has host or address, not both',
      part: 'key',
    });
    return undefined;
  }
  if (raw.address !== undefined) return canonicalAddress(raw.address);
  if (raw.host === undefined) {
    if (!report.hasSpoilt(path)) {
      report.add('missing-key', path, { message: 'a server needs address, or host with a name of `hosts`' });
    }
    return undefined;
  }
  const host = setting.hosts.get(raw.host);
  if (!host) {
    if (report.hasSpoilt(['hosts', raw.host]) || report.isSpoilt(['hosts'])) return undefined;
    const similar = report.isFull ? undefined : didYouMean(raw.host, [...setting.hosts.keys()]);
    report.add('unknown-host', [...path, 'host'], {
      message: `hosts has no ${quote(raw.host)}`,
      help: similar ? `did you mean ${quote(similar)}?` : 'write the address, or add the name to hosts',
    });
    return undefined;
  }
  const own = setting.family === 'ipv6' ? host.address6 : host.address;
  const address = own ?? (forwarding === 'tunnel' ? (host.address ?? host.address6) : undefined);
  const key = setting.family === 'ipv6' ? 'address6' : 'address';
  if (!address && !report.hasSpoilt(['hosts', host.name])) {
    report.add('no-address-of-family', path, {
      message: `host ${quote(host.name)} has no ${key}, and the service is ${setting.family === 'ipv6' ? 'IPv6' : 'IPv4'}`,
      help: `give hosts.${host.name} an ${key}`,
    });
  }
  return address;
}

function buildTunnel(
  raw: RawServer,
  forwarding: Forwarding,
  path: Path,
  context: Context,
): Tunnel | undefined {
  const { report } = context;
  if (forwarding !== 'tunnel') {
    if (raw.tunnel && report.knowsForwarding(path)) {
      const message = `tunnel means nothing here: the forwarding is ${forwarding}`;
      report.add('tunnel-options', [...path, 'tunnel'], {
        message,
        help: 'set forwarding: tunnel',
        part: 'key',
      });
    }
    return undefined;
  }
  const type = raw.tunnel?.type ?? 'ipip';
  const at = [...path, 'tunnel'];
  const { port, checksum } = raw.tunnel ?? {};
  if (type === 'gue' && port === undefined && !report.hasSpoilt(at)) {
    report.add('tunnel-options', at, {
      message: 'a gue tunnel needs port, its UDP port',
      help: 'port: 6080 is usual',
    });
  }
  if (type !== 'gue' && port !== undefined) {
    report.add('tunnel-options', [...at, 'port'], {
      message: `a tunnel of type ${type} has no port`,
      part: 'key',
    });
  }
  if (type === 'ipip' && checksum) {
    report.add('tunnel-options', [...at, 'checksum'], {
      message: 'an ipip tunnel has no checksum',
      part: 'key',
    });
  }
  const number = port === undefined ? undefined : resolvePort(port, 'udp', [...at, 'port'], context);
  return {
    type,
    ...(type === 'gue' ? defined({ port: number }) : {}),
    checksum: type === 'ipip' ? false : (checksum ?? false),
  };
}
