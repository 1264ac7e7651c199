import { addressBits, canonicalAddress, familyOf } from '../../cluster/address.js';
import type { Host } from '../../cluster/cluster.js';
import { DEFAULT_PERSISTENCE_TIMEOUT } from '../../cluster/defaults.js';
import { defaultServiceName } from '../../cluster/naming.js';
import { SCHEDULERS } from '../../cluster/scheduler.js';
import type { Fallback, Match, Persistence, Service, Virtual } from '../../cluster/service.js';
import type { Path } from '../located.js';
import type { RawDefaults, RawService } from '../schema/service.js';
import { buildCheck } from './check.js';
import { time } from './time.js';
import { type Context, defined, resolvePort } from './context.js';
import { buildServer } from './server.js';

/** One service, or undefined where what identifies it is missing (which has been reported). */
export function buildService(
  own: RawService,
  defaults: RawDefaults,
  hosts: ReadonlyMap<string, Host>,
  path: Path,
  context: Context,
): Service | undefined {
  const raw: RawService & RawDefaults = { ...defaults, ...own };
  if (own.servers === undefined && !context.report.isSpoilt([...path, 'servers'])) {
    context.report.add('missing-key', [...path, 'servers'], {
      message: 'servers is missing: it must be a list',
    });
  }
  const virtual = raw.fwmark === undefined ? buildAddress(raw, path, context) : buildMark(raw, path, context);
  if (!virtual) return undefined;
  const family = virtual.kind === 'fwmark' ? virtual.family : familyOf(virtual.address);
  const forwarding = raw.forwarding ?? 'direct';
  const servicePort = virtual.kind === 'fwmark' ? 0 : virtual.port;
  const setting = { virtual, family, forwarding, servicePort, hosts };
  const service: Service = {
    name: raw.name ?? defaultServiceName(virtual),
    virtual,
    forwarding,
    scheduler: raw.scheduler ?? 'wlc',
    flags: [...new Set(raw.flags?.filter(one => one !== undefined))].toSorted(),
    onePacket: raw.one_packet ?? false,
    check: buildCheck(raw.check ?? {}, virtual, checkPath(own, path), context),
    onFailure: raw.on_failure ?? 'remove',
    ...defined({
      interface: raw.interface,
      persistence: buildPersistence(raw.persistence, addressBits(family)),
      minimumServers: raw.minimum_servers,
      fallback: buildFallback(raw, setting, path, context),
      slowStart: time(raw.slow_start),
      // A general law leaves those alone whose weights it could not move.
      law: own.law ?? (SCHEDULERS[raw.scheduler ?? 'wlc'] === 'share' ? raw.law : undefined),
    }),
    servers: (own.servers ?? []).flatMap((server, index) => {
      if (server === undefined) return [];
      return buildServer(server, setting, [...path, 'servers', index], context) ?? [];
    }),
  };
  context.places.set(service, path);
  return service;
}

function checkPath(own: RawService, path: Path): Path {
  return own.check === undefined ? ['defaults', 'check'] : [...path, 'check'];
}

function buildAddress(raw: RawService, path: Path, context: Context): Virtual | undefined {
  const { report } = context;
  if (report.isSpoilt([...path, 'fwmark'])) return undefined;
  for (const key of ['match', 'family'] as const) {
    if (raw[key] !== undefined && report.located.declared([...path, key])) {
      const message = `${key} belongs to a firewall mark: fwmark is missing`;
      report.add('missing-key', [...path, key], { message, part: 'key' });
    }
  }
  for (const key of ['address', 'port'] as const) {
    if (raw[key] === undefined && !report.isSpoilt([...path, key]) && raw.match === undefined) {
      const message = `${report.located.label([...path, key])} is missing: a service has address and port, or fwmark and match`;
      report.add('missing-key', [...path, key], { message });
    }
  }
  const address = raw.address && canonicalAddress(raw.address);
  if (!address || raw.port === undefined) return undefined;
  const protocol = raw.protocol ?? 'tcp';
  // A name means one port for TCP and maybe another for UDP.
  if (typeof raw.port === 'string' && report.isSpoilt([...path, 'protocol'])) return undefined;
  const port = resolvePort(raw.port, protocol, [...path, 'port'], context);
  return port === undefined ? undefined : { kind: 'address', address, port, protocol };
}

function buildMark(raw: RawService, path: Path, context: Context): Virtual | undefined {
  const { report } = context;
  for (const key of ['address', 'port', 'protocol'] as const) {
    if (raw[key] === undefined) continue;
    const message = `a service by fwmark has no ${key} of its own: its addresses and ports go into match`;
    report.add('bad-value', [...path, key], { message, part: 'key' });
  }
  if (raw.match === undefined) {
    if (report.isSpoilt([...path, 'match'])) return undefined;
    const message = 'match is missing: it gives the addresses and ports that get the mark';
    report.add('missing-key', [...path, 'match'], { message });
    return undefined;
  }
  const match = raw.match.flatMap((one, index): Match | [] => {
    const address = one?.address && canonicalAddress(one.address);
    if (!one || !address || one.port === undefined) return [];
    const protocol = one.protocol ?? 'tcp';
    const port = resolvePort(one.port, protocol, [...path, 'match', index, 'port'], context);
    return port === undefined ? [] : { address, port, protocol };
  });
  if (match.length === 0 || raw.fwmark === undefined) return undefined;
  return { kind: 'fwmark', fwmark: raw.fwmark, family: raw.family ?? familyOf(match[0]!.address), match };
}

function buildPersistence(raw: RawService['persistence'], bits: number): Persistence | undefined {
  if (raw === undefined) return undefined;
  const { timeout, netmask, engine } = typeof raw === 'string' ? { timeout: raw } : raw;
  return {
    timeout: time(timeout) ?? DEFAULT_PERSISTENCE_TIMEOUT,
    netmask: netmask ?? bits,
    ...defined({ engine }),
  };
}

function buildFallback(
  raw: RawService,
  setting: { servicePort: number },
  path: Path,
  context: Context,
): Fallback | undefined {
  const given = typeof raw.fallback === 'string' ? { address: raw.fallback } : raw.fallback;
  const address = given?.address && canonicalAddress(given.address);
  if (!given || !address) return undefined;
  const { port } = given;
  const number =
    port === undefined
      ? undefined
      : resolvePort(port, raw.protocol ?? 'tcp', [...path, 'fallback', 'port'], context);
  return { address, port: number ?? setting.servicePort };
}
