import { canonicalAddress } from '../../cluster/address.js';
import type { Attachment, Cluster, Director, Failover, Host, Polling } from '../../cluster/cluster.js';
import {
  DEFAULT_FAILOVER,
  DEFAULT_IPVS,
  DEFAULT_KEEPALIVED,
  DEFAULT_MON,
  DEFAULT_POLLING,
  DEFAULT_REAL_SERVERS,
} from '../../cluster/defaults.js';
import type { RawDescription } from '../schema/description.js';
import { splitNetwork } from '../schema/values.js';
import { splitWords } from '../words.js';
import { type Context, defined, resolvePort } from './context.js';
import { buildService } from './service.js';
import { time } from './time.js';

/**
 * Checked plain data → the model, defaults filled in. What the checks of form took out is simply not there: such a
 * service, server or director is left out, every other key falls back to its default.
 */
export function buildCluster(raw: RawDescription, context: Context): Cluster {
  const hosts = buildHosts(raw.hosts ?? {}, context);
  const hostsByName = new Map(hosts.map(host => [host.name, host]));
  const polling = buildPolling(raw, context);
  const gateway = attachment(raw.gateway);
  const { content } = raw.real_servers ?? {};
  const services = (raw.services ?? []).flatMap((service, index) => {
    return service
      ? (buildService(service, raw.defaults ?? {}, hostsByName, ['services', index], context) ?? [])
      : [];
  });
  return {
    checker: raw.checker ?? 'none',
    hosts,
    directors: (raw.directors ?? []).flatMap((one, index) => buildDirector(one, index, context) ?? []),
    failover: buildFailover(raw.failover ?? {}, context),
    ...(gateway ? { gateway } : {}),
    realServers: {
      ...defined({ interface: raw.real_servers?.interface }),
      vipOn: raw.real_servers?.vip_on ?? DEFAULT_REAL_SERVERS.vipOn,
      ...(content?.from && content.to && content.schedule ? { content } : {}),
    },
    notify: {
      mail: raw.notify?.mail?.filter(one => one !== undefined) ?? [],
      ...defined({ command: raw.notify?.command ? splitWords(raw.notify.command) : undefined }),
    },
    ...(polling ? { polling } : {}),
    ipvs: {
      tableBits: raw.ipvs?.table_bits ?? DEFAULT_IPVS.tableBits,
      ftpHelper: raw.ipvs?.ftp_helper ?? DEFAULT_IPVS.ftpHelper,
      timeouts: {
        tcp: time(raw.ipvs?.timeouts?.tcp) ?? DEFAULT_IPVS.timeouts.tcp,
        tcpFin: time(raw.ipvs?.timeouts?.tcp_fin) ?? DEFAULT_IPVS.timeouts.tcpFin,
        udp: time(raw.ipvs?.timeouts?.udp) ?? DEFAULT_IPVS.timeouts.udp,
      },
    },
    keepalived: { config: raw.keepalived?.config ?? DEFAULT_KEEPALIVED.config },
    mon: { ...DEFAULT_MON, ...defined(raw.mon ?? {}) },
    services,
  };
}

function attachment(raw: { address: string; interface: string } | undefined): Attachment | undefined {
  const network = raw?.address === undefined ? undefined : splitNetwork(raw.address);
  return network && raw?.interface !== undefined ? { ...network, interface: raw.interface } : undefined;
}

function buildHosts(raw: NonNullable<RawDescription['hosts']>, context: Context): Host[] {
  return Object.entries(raw).map(([name, one]) => {
    const agent = one.agent;
    const host: Host = {
      name,
      ...defined({
        address: one.address,
        address6: one.address6 && canonicalAddress(one.address6),
        interface: one.interface,
        cpus: one.cpus,
        agent:
          agent === undefined || agent === 'none'
            ? agent
            : resolvePort(agent, 'tcp', ['hosts', name, 'agent'], context, 'write the number, or none'),
      }),
    };
    context.places.set(host, ['hosts', name]);
    return host;
  });
}

function buildDirector(
  raw: NonNullable<RawDescription['directors']>[number] | undefined,
  index: number,
  context: Context,
): Director | undefined {
  const address = raw?.address && canonicalAddress(raw.address);
  if (!raw?.name || !address || !raw.interface) return undefined;
  const director: Director = {
    name: raw.name,
    address,
    interface: raw.interface,
    ...defined({ address6: raw.address6 && canonicalAddress(raw.address6), inner: attachment(raw.inner) }),
  };
  context.places.set(director, ['directors', index]);
  return director;
}

function buildFailover(raw: NonNullable<RawDescription['failover']>, context: Context): Failover {
  const by = raw.by ?? DEFAULT_FAILOVER.by;
  const { keepalive, warntime, deadtime, initdead } = raw.heartbeat ?? {};
  const udpPort = raw.heartbeat?.udp_port;
  if (raw.router_id !== undefined && raw.virtual_router_id !== undefined) {
    const message = 'router_id is another name for virtual_router_id: one of them is enough';
    context.report.add('duplicate-key', ['failover', 'router_id'], { message, part: 'key' });
  }
  const base = DEFAULT_FAILOVER.heartbeat;
  return {
    by,
    links: raw.links?.filter(one => one !== undefined) ?? [],
    preempt: raw.preempt ?? DEFAULT_FAILOVER.preempt,
    preemptDelay: time(raw.preempt_delay) ?? DEFAULT_FAILOVER.preemptDelay,
    syncConnections: raw.sync_connections ?? by !== 'none',
    virtualRouterId: raw.virtual_router_id ?? raw.router_id ?? DEFAULT_FAILOVER.virtualRouterId,
    advertInterval: time(raw.advert_interval) ?? DEFAULT_FAILOVER.advertInterval,
    unicast: raw.unicast ?? DEFAULT_FAILOVER.unicast,
    heartbeat: {
      keepalive: time(keepalive) ?? base.keepalive,
      warntime: time(warntime) ?? base.warntime,
      deadtime: time(deadtime) ?? base.deadtime,
      initdead: time(initdead) ?? base.initdead,
      udpPort:
        udpPort === undefined
          ? base.udpPort
          : (resolvePort(udpPort, 'udp', ['failover', 'heartbeat', 'udp_port'], context) ?? base.udpPort),
    },
    keyFile: raw.key_file ?? DEFAULT_FAILOVER.keyFile,
  };
}

function buildPolling(raw: RawDescription, context: Context): Polling | undefined {
  if (raw.polling === undefined) return undefined;
  const { schedule, port, timeout, law } = raw.polling ?? {};
  return {
    schedule: schedule?.trim().replace(/\s+/g, ' ') ?? DEFAULT_POLLING.schedule,
    port:
      port === undefined
        ? DEFAULT_POLLING.port
        : (resolvePort(port, 'tcp', ['polling', 'port'], context) ?? DEFAULT_POLLING.port),
    timeout: time(timeout) ?? DEFAULT_POLLING.timeout,
    law: law ?? DEFAULT_POLLING.law,
  };
}
