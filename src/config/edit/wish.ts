import { canonicalAddress } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { defaultServiceName } from '../../cluster/naming.js';
import type { Server, Service, VirtualAddress } from '../../cluster/service.js';
import type { Diagnostic } from '../../diagnostic/diagnostic.js';
import { type Located, type Path, valueAt } from '../located.js';
import { beyondClassic } from './classic.js';
import { type Edit, editPlain } from './edit.js';

/** A description, and the cluster that it says; services and servers are in one order in both. */
export interface Described {
  readonly located: Located;
  readonly cluster: Cluster;
}

/** A server as it was typed: an address or a name of `hosts`. */
export interface NewServer {
  readonly name: string;
  readonly port?: number | string;
  readonly weight?: number;
}

export interface NewService {
  readonly name: string;
  readonly virtual: VirtualAddress;
  readonly scheduler?: string;
  readonly servers: readonly NewServer[];
}

type Plain = Readonly<Record<string, unknown>>;

/** One more server, the last of its service, written as the one before it is. */
export function serverAdded(
  { located, cluster }: Described,
  service: Service,
  server: NewServer,
): readonly Edit[] | Diagnostic {
  const index = cluster.services.indexOf(service);
  const path = ['services', index, 'servers'];
  const servers = valueAt(located.raw, path) as readonly unknown[];
  const { port } = service.virtual.kind === 'address' ? service.virtual : { port: 0 };
  const put = plainServer(located, server, port, servers.at(-1));
  return 'severity' in put ? put : [{ at: [...path, servers.length], ...put }];
}

export function serverRemoved({ cluster }: Described, service: Service, server: Server): readonly Edit[] {
  const at = ['services', cluster.services.indexOf(service), 'servers', service.servers.indexOf(server)];
  return [{ at }];
}

export function serviceAdded(
  { located }: Described,
  { name, virtual, scheduler, servers }: NewService,
): readonly Edit[] | Diagnostic {
  const { address, port, protocol } = virtual;
  const services = valueAt(located.raw, ['services']) as readonly { readonly address?: unknown }[];
  const plain: unknown[] = [];
  for (const one of servers) {
    const server = plainServer(located, one, port, located.form === 'classic' ? {} : undefined);
    if ('severity' in server) return server;
    plain.push(server.put);
  }
  const at = ['services', services.length];
  if (located.form === 'yaml') {
    const usual = protocol === 'tcp' ? {} : { protocol };
    const chosen = scheduler === undefined ? {} : { scheduler };
    const named = name === defaultServiceName(virtual) ? {} : { name };
    return [{ at, put: { ...named, address, port, ...usual, ...chosen, servers: plain } }];
  }
  if (name !== defaultServiceName(virtual)) {
    const message = `a service of lvs.conf has no name of its own: this one is ${defaultServiceName(virtual)}`;
    return beyondClassic(located.source, message);
  }
  // As its lvshost is spelt.
  const known = services.find(one => canonicalAddress(String(one.address)) === address)?.address;
  const put = { address: known ?? address, protocol, port, scheduler: scheduler ?? 'wlc', servers: plain };
  return [{ at, put }];
}

export function serviceRemoved({ cluster }: Described, service: Service): readonly Edit[] {
  return [{ at: ['services', cluster.services.indexOf(service)] }];
}

/** What a short form stands for. */
const SHORT: Readonly<Record<string, string>> = { persistence: 'timeout', fallback: 'address' };

/** A key of a service, `['check', 'interval']`, and its value; undefined: none. */
export interface Setting {
  readonly keys: readonly string[];
  readonly value: unknown;
}

/** Other values for keys of a service, one after the other. */
export function keysSet(
  { located, cluster }: Described,
  service: Service,
  settings: readonly Setting[],
): readonly Edit[] {
  let { raw } = located;
  return settings.flatMap(setting => {
    const edits = keySet(raw, cluster.services.indexOf(service), setting);
    raw = edits.reduce(editPlain, raw);
    return edits;
  });
}

/**
 * Another value for a key of a service, or none. A key within one that the service has from `defaults` takes all of
 * that along: what the service says itself replaces it whole.
 */
function keySet(raw: unknown, index: number, { keys, value }: Setting): readonly Edit[] {
  const at: Path = ['services', index];
  const [first, ...inner] = keys as [string, ...string[]];
  const own = valueAt(raw, [...at, first]);
  const usual = valueAt(raw, ['defaults', first]);
  if (inner.length === 0)
    return own === undefined && value === undefined ? [] : [{ at: [...at, first], put: value }];
  const written = own ?? usual ?? {};
  const short = SHORT[first];
  const before = short !== undefined && !isMap(written) ? { [short]: written } : written;
  if (!isMap(before)) return [{ at: [...at, ...keys], put: value }];
  const after = withKey(before, inner, value);
  if (after === before) return [];
  if (Object.keys(after).length === 0)
    return [{ at: [...at, first], put: usual === undefined ? undefined : {} }];
  return before === own ? [{ at: [...at, ...keys], put: value }] : [{ at: [...at, first], put: after }];
}

/** The map itself where there is nothing to take away. */
function withKey(map: Plain, [key, ...inner]: readonly string[], value: unknown): Plain {
  const old = Object.hasOwn(map, key!) ? map[key!] : undefined;
  if (inner.length > 0) {
    const below = withKey(isMap(old) ? old : {}, inner, value);
    return below === old ? map : { ...map, [key!]: below };
  }
  if (value !== undefined) return { ...map, [key!]: value };
  if (old === undefined) return map;
  const { [key!]: _gone, ...others } = map;
  return others;
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A server as its neighbour is written, which is undefined where there is none. */
function plainServer(
  { form, source }: Pick<Located, 'form' | 'source'>,
  { name, port, weight }: NewServer,
  servicePort: number,
  neighbour: unknown,
): { readonly put: unknown } | Diagnostic {
  const near = isMap(neighbour) ? neighbour : undefined;
  const isUsual = port === undefined || (port === servicePort && near?.['port'] === undefined);
  const own = { ...(isUsual ? {} : { port }), ...weightOf(weight, near) };
  if (form === 'classic') {
    if (!isUsual)
      return beyondClassic(source, `a server of lvs.conf has the port of its service, ${servicePort}`);
    return { put: { address: name, ...own } };
  }
  if (!near && Object.keys(own).length === 0) return { put: name };
  return { put: { [canonicalAddress(name) === undefined ? 'host' : 'address']: name, ...own } };
}

function weightOf(weight: number | undefined, near: Plain | undefined): { weight: number } | undefined {
  if (weight === undefined && near?.['weight'] === undefined) return undefined;
  return { weight: weight ?? 1 };
}
