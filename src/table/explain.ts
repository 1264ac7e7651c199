import type { Checker, Cluster } from '../cluster/cluster.js';
import { fallbackServer } from '../cluster/fallback.js';
import { isMovable } from '../cluster/law.js';
import { kernelPort, serverKey, serviceKey } from '../cluster/naming.js';
import type { Server, Service } from '../cluster/service.js';
import { NO_OVERLAY, type Overlay, place, type Remark } from './overlay.js';
import type { TableServer } from './table.js';

/**
 * Where a server's weight comes from: the first that applies, in this order.
 *
 * `drained`: 0. `dead`: out of the table, or 0 with `on_failure: quiesce`. `held`: the same, and keepalived's doing, which
 * comes before a drain. `operator`, `measured`, `configured`: the weight of that source, the last one on the scale of the
 * measured ones beside it.
 */
export type Cause = 'drained' | 'dead' | 'held' | 'operator' | 'measured' | 'configured';

/** One server, what it should have in the kernel, and why. */
export interface ServerView {
  readonly server: Server;
  readonly key: string;
  /** What should be in the kernel; absent where the server should not be there. */
  readonly entry?: TableServer;
  /** The weight that it has while it is alive. */
  readonly aliveWeight: number;
  /** Its configured weight on the scale of the measured ones beside it, where no poll has weighed it yet. */
  readonly scaled?: number;
  readonly cause: Cause;
  /** It is dead, and stays at its weight since too few others are left (`minimum_servers`). */
  readonly kept: boolean;
  /** All that is known of it, also what another cause comes before. */
  readonly remark: Remark;
}

export interface ServiceView {
  readonly service: Service;
  readonly key: string;
  readonly servers: readonly ServerView[];
  /** The fallback, where it is in the table because no server takes connections. */
  readonly fallback?: TableServer;
}

/**
 * For every server the weight that it should have and why: `desired` takes the table from here.
 *
 * What alerts tell counts only where the checker is not keepalived, which acts on what it finds by itself: then it is
 * what keepalived holds down.
 */
export function explain(cluster: Cluster, overlay: Overlay = NO_OVERLAY): ServiceView[] {
  return cluster.services.map(service => explainService(service, overlay, cluster));
}

/** What of the overlay counts for a service. */
interface Counting {
  readonly checker: Checker;
  readonly measured: boolean;
  /** Where none would be left, a measured 0 counts as if nothing had been measured. */
  readonly needed?: true;
  /** What the measured weights together are of the configured ones of the same servers; absent where none is measured. */
  readonly scale?: number | undefined;
}

function explainService(service: Service, overlay: Overlay, { checker, polling }: Cluster): ServiceView {
  const key = serviceKey(service.virtual);
  const measured = polling !== undefined && isMovable(service, polling);
  const counting = { checker, measured, ...(measured ? { scale: scaleOf(service, key, overlay) } : {}) };
  const looked = service.servers.map(server => look(server, service, key, overlay, counting));
  const needing = { ...counting, needed: true } as const;
  const all = looked.some(takesConnections)
    ? looked
    : looked.map(one => (isAskedOut(one) ? look(one.server, service, key, overlay, needing) : one));
  const kept = keptAlive(all, service.minimumServers ?? (service.fallback ? 0 : 1));
  const servers = all.map(one => view(one, kept.has(one), service));
  const serves = servers.some(one => (one.entry?.weight ?? 0) > 0);
  const fallback = serves ? undefined : fallbackServer(service);
  return { service, key, servers, ...(fallback ? { fallback: tableServer(fallback, service) } : {}) };
}

function takesConnections({ entry, dead, held }: Looked): boolean {
  return entry.weight > 0 && !dead && !held;
}

/** Alive, and at 0 since its agent asked for it: that leaves no service without a server, nor does an edited file. */
function isAskedOut({ cause, entry, dead, held }: Looked): boolean {
  return cause === 'measured' && entry.weight === 0 && !dead && !held;
}

function measuredOf(service: Service, server: Server, key: string, overlay: Overlay): number | undefined {
  return overlay.get(place({ service: key, server: serverKey(tableServer(server, service)) }))?.measured;
}

/**
 * Measured integers have their own scale: one of 100 that no poll has weighed yet would take all beside 2 and 1, and
 * nothing beside 255.
 */
function scaleOf(service: Service, key: string, overlay: Overlay): number | undefined {
  let [measured, configured] = [0, 0];
  for (const server of service.servers) {
    const weight = measuredOf(service, server, key, overlay) ?? 0;
    if (weight === 0 || server.weight === 0) continue;
    measured += weight;
    configured += server.weight;
  }
  return configured > 0 ? measured / configured : undefined;
}

/** A server with what is known of it, and the weight that it has or would have if it were alive. */
interface Looked {
  readonly entry: TableServer;
  readonly server: Server;
  readonly key: string;
  readonly remark: Remark;
  readonly cause: Exclude<Cause, 'dead' | 'held'>;
  readonly scaled?: number;
  readonly dead: Remark['dead'];
  readonly held: boolean;
}

function look(
  server: Server,
  service: Service,
  serviceKey: string,
  overlay: Overlay,
  counting: Counting,
): Looked {
  const entry = tableServer(server, service);
  const key = serverKey(entry);
  const remark = overlay.get(place({ service: serviceKey, server: key })) ?? {};
  const scaled = scaledWeight(server.weight, remark, counting);
  const [cause, weight] = aliveWeight(remark, server.weight, scaled ?? server.weight, counting);
  return {
    server,
    key,
    entry: { ...entry, weight },
    remark,
    cause,
    ...(scaled === undefined ? {} : { scaled }),
    dead: counting.checker === 'keepalived' ? undefined : remark.dead,
    held: counting.checker === 'keepalived' && remark.held === true,
  };
}

function isMeasured({ measured }: Remark, { needed }: Counting): boolean {
  return measured !== undefined && !(needed && measured === 0);
}

function scaledWeight(configured: number, remark: Remark, counting: Counting): number | undefined {
  const { scale } = counting;
  if (isMeasured(remark, counting) || configured === 0 || scale === undefined) return undefined;
  return Math.max(1, Math.min(65_535, Math.round(configured * scale)));
}

function aliveWeight(
  remark: Remark,
  configured: number,
  scaled: number,
  counting: Counting,
): [Looked['cause'], number] {
  if (remark.drained) return ['drained', 0];
  const { slowStart } = remark;
  // A server that rises slowly still takes connections.
  const rising = (weight: number): number =>
    slowStart && weight > 0 ? Math.max(1, Math.round(weight * slowStart.share)) : weight;
  if (remark.weight) return ['operator', rising(remark.weight.value)];
  // What was measured never revives a server that the description gives no connections.
  if (counting.measured && isMeasured(remark, counting) && configured > 0)
    return ['measured', rising(remark.measured!)];
  return ['configured', rising(scaled)];
}

/**
 * The dead servers that stay, since fewer than `minimum` others take connections: those that died last. Drained ones,
 * and others of weight 0, neither count nor stay.
 */
function keptAlive(all: readonly Looked[], minimum: number): ReadonlySet<Looked> {
  const able = all.filter(one => one.entry.weight > 0);
  const dead = able.filter(one => one.dead);
  const missing = minimum - (able.length - dead.length);
  if (missing <= 0 || dead.length === 0) return new Set();
  return new Set(dead.toSorted((a, b) => compare(b.dead!.since, a.dead!.since)).slice(0, missing));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function view(
  { entry, server, key, remark, cause, scaled, dead, held }: Looked,
  kept: boolean,
  service: Service,
): ServerView {
  const { onFailure } = service;
  const base = {
    server,
    key,
    remark,
    kept,
    aliveWeight: entry.weight,
    ...(scaled === undefined ? {} : { scaled }),
  };
  if (held)
    return { ...base, ...(isInhibited(service) ? { entry: { ...entry, weight: 0 } } : {}), cause: 'held' };
  // A drain comes first: connections through a drained server last, even if a checker calls it dead.
  if (!dead || kept || cause === 'drained') return { ...base, entry, cause };
  if (onFailure === 'quiesce') return { ...base, entry: { ...entry, weight: 0 }, cause: 'dead' };
  return { ...base, cause: 'dead' };
}

/**
 * Whether keepalived keeps a dead server, at weight 0. With a fallback too: when the last server is drained, keepalived
 * would else remove the drained ones.
 */
export function isInhibited({ onFailure, fallback }: Pick<Service, 'onFailure' | 'fallback'>): boolean {
  return onFailure === 'quiesce' || fallback !== undefined;
}

function tableServer(server: Server, service: Service): TableServer {
  const { host: _name, ...own } = server;
  return { ...own, port: kernelPort(service, server) };
}
